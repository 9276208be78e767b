//! Durable appends next to a plain journal of as many bytes with the same fsync, in one run. Does I/O.
//!
//! The journal keeps for each event what cannot be left out: origin, number, time, 125 bytes. Nobody can read a
//! history from it; it says what the disk can do.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dagtrail::ingest;
use dagtrail::model::{Observation, SystemClock, Time};
use dagtrail::store::{self, Batch, Options, Store};
use dagtrail::telemetry::Metrics;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::load::Load;
use crate::processors::Scheduled;
use crate::report::{Aim, Row};

/// By the profile of who writes, all batches together.
const BOUND: &str = "By the profile 35 % of the writer's own time is taking events in (a row and its origin are found and copied, all over \
                     memory), 21 % the sync, 12 % the journal's write, 11 % encoding, 10 % publishing";

/// How long each side runs.
const TIME: Duration = Duration::from_secs(4);
/// Bytes of a repeat in a journal that keeps what is needed: origin, number, time.
const JOURNAL_BYTES: usize = 125;
/// Who submits at once, one event each.
const CLIENTS: usize = 64;
/// What each of them has ready: more than it gets rid of.
const READY: usize = 8192;

/// Events per second of a file that is written to and synced once a batch.
fn journal(folder: &Path, batch: usize) -> f64 {
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

fn open(folder: &Path) -> Arc<dyn Store> {
    let path = folder.to_str().expect("a path in UTF-8");
    store::open(path, &Options::default()).expect("it opens")
}

/// What the embedded engine did.
pub(crate) struct Appended {
    /// Events per second.
    pub(crate) rate: f64,
    /// Of the processor, in who writes, for each event.
    busy: Duration,
}

/// The embedded engine; making the load is not counted, nor are its digests, which who submits makes.
pub(crate) fn append(folder: &Path, batch: usize) -> Appended {
    let store = open(folder);
    let mut load = Load::default();
    let (mut spent, mut used, mut events) = (Duration::ZERO, Duration::ZERO, 0_u32);
    while spent < TIME {
        let observations = (0..batch).map(|_| load.telling()).collect();
        let batch_of = Batch {
            observations,
            now: Time(1_700_000_000_000_000_000),
        };
        let before = Scheduled::of_this_thread();
        let start = Instant::now();
        store.append(&batch_of).expect("it is written");
        spent += start.elapsed();
        used += Scheduled::of_this_thread().since(before).ran;
        events += u32::try_from(batch).expect("batches are small");
    }
    store.close().expect("it closes");
    Appended {
        rate: f64::from(events) / spent.as_secs_f64(),
        busy: used / events,
    }
}

/// Events per second of many who submit one, wait until it is on disk, and submit the next.
fn together<T: Send + 'static, F: Future<Output = ()> + Send>(
    ready: Vec<Vec<T>>,
    submit: impl Fn(T) -> F + Clone + Send + 'static,
) -> f64 {
    let runtime = tokio::runtime::Runtime::new().expect("threads can be made");
    runtime.block_on(async move {
        let (start, mut clients) = (Instant::now(), JoinSet::new());
        for ready in ready {
            let submit = submit.clone();
            clients.spawn(async move {
                let mut events = 0_u32;
                for one in ready {
                    if start.elapsed() >= TIME {
                        break;
                    }
                    submit(one).await;
                    events += 1;
                }
                events
            });
        }
        let events: u32 = clients.join_all().await.into_iter().sum();
        f64::from(events) / start.elapsed().as_secs_f64()
    })
}

/// As [`journal`], with a writer that takes all that waits, as ours does.
fn group_journal(folder: &Path) -> f64 {
    type Line = ([u8; JOURNAL_BYTES], oneshot::Sender<()>);
    let mut file = File::create(folder.join("group")).expect("a file can be made");
    let (queue, mut lines) = mpsc::channel::<Line>(CLIENTS);
    let writer = std::thread::spawn(move || {
        while let Some(first) = lines.blocking_recv() {
            let mut waiting = vec![first];
            while let Ok(next) = lines.try_recv() {
                waiting.push(next);
            }
            let bytes: Vec<u8> = waiting.iter().flat_map(|(line, _)| *line).collect();
            file.write_all(&bytes).expect("it can be written");
            file.sync_data().expect("it can be synced");
            for (_, done) in waiting {
                done.send(()).expect("who submits waits");
            }
        }
    });
    let rate = together(
        vec![vec![[7; JOURNAL_BYTES]; READY]; CLIENTS],
        move |line| {
            let queue = queue.clone();
            async move {
                let (done, written) = oneshot::channel();
                queue.send((line, done)).await.expect("the writer runs");
                written.await.expect("it is written");
            }
        },
    );
    writer.join().expect("the writer ends");
    rate
}

/// Events per second through the way that all sources and dialects take.
fn group_ingest(folder: &Path) -> f64 {
    let store = open(folder);
    let clock = Arc::new(SystemClock);
    let (handle, writer) = ingest::new(store.clone(), clock, Metrics::new());
    let writer = std::thread::spawn(move || writer.run());
    let mut load = Load::default();
    let mut ready: Vec<Vec<Observation>> =
        (0..CLIENTS).map(|_| Vec::with_capacity(READY)).collect();
    for _ in 0..READY {
        ready
            .iter_mut()
            .for_each(|client| client.push(load.telling()));
    }
    let rate = together(ready, move |observation| {
        let handle = handle.clone();
        async move {
            let outcomes = handle.submit(vec![observation]).await;
            assert_eq!(outcomes.expect("it is written").len(), 1);
        }
    });
    writer.join().expect("the writer ends");
    store.close().expect("it closes");
    rate
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
            ours: ours.rate,
            peers: Some(plain),
            aim: aim.map(Aim::AtLeast),
            note: format!(
                "{:.2} µs of who writes an event; the rest is the wait for the disk. {BOUND}",
                ours.busy.as_secs_f64() * 1e6
            ),
        });
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    let plain = group_journal(folder.path());
    rows.push(Row {
        load: format!("{CLIENTS} submitters of one event each, 80 % repeats"),
        peer: "plain journal with group commit, as many submitters".into(),
        unit: "events/s",
        ours: group_ingest(&folder.path().join("store")),
        peers: Some(plain),
        aim: Some(Aim::AtLeast(0.8)),
        note: "by the profile the writer has a processor for an eighth of the time; the rest is the sync, and 64 who wait and are woken".into(),
    });
    rows
}
