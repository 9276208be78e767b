//! Everything that is claimed about speed and size, as ratios to a limit or a peer of the same run:
//! `cargo bench` runs all groups, `cargo bench -- append` one.

mod append;
mod history;
mod ingest;
mod load;
mod load_http;
mod nginx;
mod report;
#[expect(dead_code, reason = "the tests of the process alone use more of it")]
#[path = "../tests/process/server.rs"]
mod server;
mod streams;
mod trails;

use self::report::Row;

/// As the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A group: its name, and what measures it.
type Group = (&'static str, fn() -> Vec<Row>);

/// The groups, in the order in which they run.
const GROUPS: [Group; 4] = [
    ("append", append::run),
    ("ingest", ingest::run),
    ("history", history::run),
    ("streams", streams::run),
];

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    for (group, run) in GROUPS {
        if asked.is_empty() || asked.iter().any(|name| name == group) {
            report::print(group, &run());
        }
    }
}
