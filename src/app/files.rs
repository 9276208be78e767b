//! How many files and sockets the process may have open. Does I/O.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many as the system lets it. What is usual, 1024, is fewer than the connections that are let in; it is so low only
/// for programs that use `select`, which has no room for more.
pub(super) fn as_many_as_allowed() {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Without it there are fewer, and who comes then waits.
    let _ = setrlimit(Resource::Nofile, most);
}
