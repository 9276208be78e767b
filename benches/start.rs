//! From `kill -9` to ready again. Does I/O.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::hammer::Link;
use crate::report::{Aim, Row, figure};
use crate::server::Server;
use crate::{extent, stock, told};

/// Starts on each folder; the median counts.
const STARTS: usize = 5;

/// By the profile of opening.
const BOUND: &str = "by the profile 70 % of opening is the engine's reading of its journals (37 % is that it looks the keyspace of each \
                     record up), 13 % doing the log again, 7 % checking its files";

/// Seconds from the start of the process until `/readyz` says 200.
fn start(folder: &Path) -> (Server, f64) {
    let begin = Instant::now();
    let server = Server::start(folder);
    while Link::open(&server.url).get("/readyz").0 != 200 {
        std::thread::sleep(Duration::from_millis(2));
    }
    (server, begin.elapsed().as_secs_f64())
}

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let sizes = extent::of([1_000_000, 10_000_000], [10_000, 100_000]);
    sizes.map(row).into()
}

fn row(rows: u64) -> Row {
    let stock = stock::of(rows);
    let mut times = Vec::new();
    let (mut server, _) = start(&stock.folder);
    let mut written = 0;
    for at in 0..STARTS {
        // What no checkpoint has covered of them is in the log only.
        written += told::new_rows(&server.url, at as u64, extent::of(195_000, 5_000));
        server.kill();
        let (again, seconds) = start(&stock.folder);
        times.push(seconds);
        server = again;
    }
    server.kill();
    times.sort_by(f64::total_cmp);
    Row {
        load: format!(
            "{} rows; kill -9 right after {} more were told, and a start; {} times",
            figure(rows as f64),
            figure(written as f64 / STARTS as f64),
            STARTS,
        ),
        peer: String::new(),
        unit: "s until ready",
        ours: times[STARTS - 1],
        peers: None,
        aim: Some(Aim::Below(1.0)),
        note: format!("the slowest; median {}; {BOUND}", figure(times[STARTS / 2])),
    }
}
