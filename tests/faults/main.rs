//! Whatever happens between the cluster and dagtrail: nothing is lost, nothing is counted twice. Does I/O.
//!
//! ```text
//! driver ────────────────────────────► kube-apiserver ◄── https ── proxy ◄── http ── dagtrail
//!    │ its own log                        (real)                injects faults        (the real binary,
//!    ▼                                                          from a seed            killed and paused)
//! model: what the timelines must be ═══════════ equal to ════════════════════════════► its timelines
//! ```

#[path = "../cluster/binaries.rs"]
mod binaries;
#[path = "../cluster/control_plane/mod.rs"]
#[expect(
    dead_code,
    reason = "the tests of the control plane itself use more of it"
)]
mod control_plane;
#[path = "../cluster/credentials.rs"]
mod credentials;
#[path = "../cluster/emitter.rs"]
#[expect(
    dead_code,
    reason = "the driver here writes Events itself, to know what was written"
)]
mod emitter;
#[path = "../cluster/etcd.rs"]
mod etcd;
#[path = "../cluster/process.rs"]
mod process;
#[path = "../process/recorder.rs"]
mod recorder;
#[expect(dead_code, reason = "the tests of the process alone use more of it")]
#[path = "../process/server.rs"]
mod server;
#[expect(dead_code, reason = "the cluster tests use more of it")]
#[path = "../cluster/workloads.rs"]
mod workloads;

mod dice;
mod driver;
mod extent;
mod ground;
mod model;
mod peers;
mod proxy;
mod subject;
mod tally;
mod timeline;

mod late_owners;
mod seeds;
mod silent_closes;
mod two_watchers;
