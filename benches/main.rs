//! Everything that is claimed about speed and size, as ratios to a limit or a peer of the same run. Does I/O.
//!
//! ```text
//! cargo bench                 all groups; writes docs/benchmarks.md and its charts
//! cargo bench -- append disk  these groups; prints only
//! cargo bench -- --quick      little of everything, to see that it works; prints only
//! ```

mod apiserver;
mod append;
mod chart;
mod cluster;
mod disk;
mod extent;
mod hammer;
mod history;
mod ingest;
mod load;
mod load_http;
mod machine;
mod memory;
mod nginx;
mod page;
mod prefect;
mod processors;
mod recorded;
mod report;
mod start;
mod stock;
mod streams;
mod told;
mod trails;
mod watch;

#[path = "../tests/cluster/binaries.rs"]
mod binaries;
#[expect(
    clippy::unwrap_used,
    reason = "as in the tests: what cannot be had ends the group"
)]
#[expect(dead_code, reason = "the tests of dialects use more of it")]
#[path = "../tests/dialects/clients.rs"]
mod clients;
#[expect(dead_code, reason = "the tests of the control plane use more of it")]
#[path = "../tests/cluster/control_plane/mod.rs"]
mod control_plane;
#[path = "../tests/cluster/credentials.rs"]
mod credentials;
#[expect(dead_code, reason = "the tests of the control plane use it")]
#[path = "../tests/cluster/emitter.rs"]
mod emitter;
#[path = "../tests/cluster/etcd.rs"]
mod etcd;
#[expect(dead_code, reason = "the cluster tests use more of it")]
#[path = "../tests/cluster/observer.rs"]
mod observer;
#[expect(
    clippy::unwrap_used,
    reason = "as in the tests: what cannot be had ends the group"
)]
#[path = "../tests/dialects/prefect/own_server.rs"]
mod own_server;
#[path = "../tests/cluster/process.rs"]
mod process;
#[expect(dead_code, reason = "the tests of the process alone use more of it")]
#[path = "../tests/process/server.rs"]
mod server;
#[expect(
    clippy::unwrap_used,
    reason = "as in the tests: what cannot be had ends the group"
)]
#[expect(dead_code, reason = "the tests of dialects use more of it")]
#[path = "../tests/dialects/prefect/stage.rs"]
mod stage;

use std::panic;
use std::time::Instant;

use self::report::{Measured, Row};

/// As the program itself.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A group: its name, and what measures it.
type Group = (&'static str, fn() -> Vec<Row>);

/// The groups, in the order in which they run.
const GROUPS: &[Group] = &[
    ("append", append::run),
    ("ingest", ingest::run),
    ("history", history::run),
    ("streams", streams::run),
    ("disk", disk::run),
    ("memory", memory::run),
    ("start", start::run),
    ("prefect", prefect::run),
    ("watch", watch::run),
    ("apiserver", apiserver::run),
];

fn measure((group, run): Group) -> Measured {
    println!("== {group} ...");
    let begin = Instant::now();
    let done = panic::catch_unwind(run);
    let whole = done.is_ok();
    let rows = done.unwrap_or_else(|problem| {
        let said = problem.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| problem.downcast_ref::<&str>().copied());
        vec![Row::not_measured(
            "all of it",
            said.unwrap_or("it ended early"),
        )]
    });
    let seconds = begin.elapsed().as_secs();
    Measured {
        group,
        rows,
        seconds,
        whole,
    }
}

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    let unknown = asked
        .iter()
        .find(|name| GROUPS.iter().all(|(group, _)| group != name));
    if let Some(name) = unknown {
        let known: Vec<_> = GROUPS.iter().map(|(group, _)| *group).collect();
        eprintln!("there is no group {name}; there are {}", known.join(", "));
        std::process::exit(2);
    }
    let begin = Instant::now();
    let mut all = Vec::new();
    for group in GROUPS {
        if asked.is_empty() || asked.iter().any(|name| name == group.0) {
            let measured = measure(*group);
            report::print(&measured);
            all.push(measured);
        }
    }
    stock::clear();
    println!("== all: {} s", begin.elapsed().as_secs());
    if asked.is_empty() && !extent::is_quick() {
        page::write(&all, begin.elapsed());
    }
    if all.iter().any(|measured| !measured.whole) {
        std::process::exit(1);
    }
}
