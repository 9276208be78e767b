//! Durable appends next to a plain journal of as many bytes with the same fsync, in one run. Does I/O.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use dagtrail::model::Time;
use dagtrail::store::{self, Batch, Options};

use crate::load::Load;
use crate::report::{Aim, Row};

/// How long each side runs.
const TIME: Duration = Duration::from_secs(4);
/// Bytes of a repeat in a journal that keeps what is needed: origin, number, time.
const JOURNAL_BYTES: usize = 125;

/// Events per second of a file that is written to and synced once a batch.
fn journal(folder: &std::path::Path, batch: usize) -> f64 {
    let mut file = File::create(folder.join("journal")).expect("a file can be made");
    let bytes = vec![7; batch * JOURNAL_BYTES];
    let (start, mut events) = (Instant::now(), 0_u32);
    while start.elapsed() < TIME {
        file.write_all(&bytes).expect("it can be written");
        file.sync_data().expect("it can be synced");
        events += u32::try_from(batch).expect("batches are small");
    }
    f64::from(events) / start.elapsed().as_secs_f64()
}

/// Events per second of the embedded engine; making the load is not counted.
fn append(folder: &std::path::Path, batch: usize) -> f64 {
    let store = store::open(
        folder.to_str().expect("a path in UTF-8"),
        &Options::default(),
    )
    .expect("it opens");
    let mut load = Load::default();
    let (mut spent, mut events) = (Duration::ZERO, 0_u32);
    while spent < TIME {
        let observations = (0..batch).map(|_| load.telling()).collect();
        let batch_of = Batch {
            observations,
            now: Time(1_700_000_000_000_000_000),
        };
        let start = Instant::now();
        store.append(&batch_of).expect("it is written");
        spent += start.elapsed();
        events += u32::try_from(batch).expect("batches are small");
    }
    store.close().expect("it closes");
    f64::from(events) / spent.as_secs_f64()
}

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let mut rows = Vec::new();
    for (batch, aim) in [(1, None), (100, Some(0.8)), (1000, Some(0.5))] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let plain = journal(folder.path(), batch);
        let ours = append(&folder.path().join("store"), batch);
        rows.push(Row {
            load: format!("one submitter, batches of {batch}, 80 % repeats"),
            peer: "plain journal of 125 bytes an event, same fsync".into(),
            unit: "events/s",
            ours,
            peers: Some(plain),
            aim: aim.map(Aim::AtLeast),
            note: String::new(),
        });
    }
    rows
}
