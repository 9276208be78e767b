//! Tests against a real control plane; `tests/cluster/install.sh` gets its binaries. Does I/O.

mod access;
mod at_rest;
mod binaries;
mod catalog;
mod chart;
mod command_line;
mod control_plane;
mod credentials;
mod doctor;
mod emitter;
mod etcd;
mod history;
mod installation;
mod observer;
mod process;
#[path = "../ui/programs.rs"]
mod programs;
#[expect(dead_code, reason = "the storms kill it, too")]
#[path = "../process/recorder.rs"]
mod recorder;
mod seen;
#[expect(dead_code, reason = "the tests of the process alone use more of it")]
#[path = "../process/server.rs"]
mod server;
mod workloads;

mod change_of_leader;
mod control_plane_itself;
mod counts_of_status;
mod counts_under_faults;
mod engines;
mod execution_of_jobs;
mod execution_status;
mod labs;
mod one_timeline;
mod timelines;
