//! What installs dagtrail: the chart by Helm itself, the manifest, the static binary. What the API server says of them
//! is in `tests/cluster/chart/`. Does I/O.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

#[path = "../cluster/binaries.rs"]
mod binaries;
mod chart;
#[expect(dead_code, reason = "the tests of the process use more of it")]
#[path = "../process/server.rs"]
mod server;
mod tools;

mod default;
mod empty_root;
mod monitoring;
mod readme;
mod renderings;
mod values;
