//! Bytes that a row takes on disk, beside the bytes of its fields. Does I/O.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::report::{Aim, Row, figure};
use crate::server::Server;
use crate::{extent, stock};

/// How long a process gets to come to rest, in which it writes out and compacts what it holds.
const REST: Duration = Duration::from_secs(40);

/// Bytes that the files below a folder take: blocks of the file system, not their lengths.
fn taken(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => taken(&entry.path()),
        Ok(found) => found.blocks() * 512,
        Err(_) => 0,
    });
    sizes.sum()
}

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let rows = extent::of(1_000_000, 100_000);
    let stock = stock::of(rows);
    let closed = taken(&stock.folder);
    // As it is found in operation: a process that has the folder open and has nothing to do.
    let server = Server::start(&stock.folder);
    let (begin, mut least) = (Instant::now(), closed);
    while begin.elapsed() < extent::of(REST, Duration::from_secs(8)) {
        thread::sleep(Duration::from_millis(500));
        least = taken(&stock.folder);
    }
    assert!(server.terminate(), "it ends in order");
    let each = |bytes: u64| bytes as f64 / rows as f64;
    vec![Row {
        load: format!("{} rows, all that is in the folder", figure(rows as f64)),
        peer: "the bytes of the rows' fields".into(),
        unit: "bytes a row",
        ours: each(least),
        peers: Some(each(stock.raw)),
        aim: Some(Aim::AtMost(0.35)),
        note: format!(
            "the log that is kept for followers (64 MiB at least) and the engine's journal are in it; {} when it was filled and closed",
            figure(each(closed))
        ),
    }]
}
