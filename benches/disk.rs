//! Bytes that a row takes on disk, beside the bytes of its fields. Does I/O.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::report::{Aim, Row, figure};
use crate::server::Server;
use crate::{extent, stock};

/// How long a process gets to come to rest, in which it writes out and compacts what it holds.
const REST: Duration = Duration::from_secs(40);

/// Bytes that the files below a folder take: blocks of the file system, not their lengths. Of all, or of those that end so.
fn taken(folder: &Path, end: &str) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => taken(&entry.path(), end),
        Ok(found) if entry.path().to_string_lossy().ends_with(end) => found.blocks() * 512,
        _ => 0,
    });
    sizes.sum()
}

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let rows = extent::of(1_000_000, 100_000);
    let stock = stock::of(rows);
    let closed = taken(&stock.folder, "");
    // As it is found in operation: a process that has the folder open and has nothing to do.
    let server = Server::start(&stock.folder);
    thread::sleep(extent::of(REST, Duration::from_secs(8)));
    let at_rest = taken(&stock.folder, "");
    let journal = taken(&stock.folder, ".jnl");
    assert!(server.terminate(), "it ends in order");
    let each = |bytes: u64| bytes as f64 / rows as f64;
    vec![Row {
        load: format!("{} rows, all that is in the folder", figure(rows as f64)),
        peer: "the bytes of the rows' fields".into(),
        unit: "bytes a row",
        ours: each(at_rest),
        peers: Some(each(stock.raw)),
        aim: Some(Aim::AtMost(0.35)),
        note: format!(
            "the log that is kept for followers (64 MiB at least) is in it, and {} bytes a row of the engine's journal, which may be \
             64 MB however few rows there are: it begins a new one when it is larger. {} when it was filled and closed",
            figure(each(journal)),
            figure(each(closed))
        ),
    }]
}
