//! Durable appends next to a plain journal of as many bytes with the same fsync, in one run: read the ratios.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dagtrail::model::{
    Body, EventType, ExecutionKey, InvolvedObject, Key, MessageKey, Observation, Origin, Policy,
    Telling, Time,
};
use dagtrail::store::{self, Batch, Options};

/// How long each side runs.
const TIME: Duration = Duration::from_secs(4);
/// Bytes of a repeat in a journal that keeps what is needed: origin, number, time.
const JOURNAL_BYTES: usize = 125;
const ROWS_AN_EXECUTION: u64 = 100;

/// Makes tellings of which four in five repeat a row that is there.
struct Load {
    next: u64,
}

impl Load {
    fn telling(&mut self) -> Observation {
        self.next += 1;
        let number = self.next;
        // Every fifth is a new row; the others count on a row of the last few executions.
        let row = if number.is_multiple_of(5) {
            number / 5
        } else {
            (number / 5)
                .saturating_sub(number.wrapping_mul(2_654_435_761) % (10 * ROWS_AN_EXECUTION))
        };
        let execution =
            ExecutionKey::new("bench", &format!("execution-{}", row / ROWS_AN_EXECUTION));
        let pod = format!("pod-{row}");
        let message = format!(
            "Back-off restarting failed container main in pod {pod}_bench (an explanation follows)"
        );
        let time =
            Time(1_700_000_000_000_000_000 + i64::try_from(number).unwrap_or_default() * 1_000_000);
        let key = Key {
            element: pod.as_str().into(),
            elem_type: "K8s.Pod".into(),
            action: "".into(),
            event_type: EventType::Warning,
            code: "BackOff".into(),
            involved_uid: pod.as_str().into(),
            field_path: "spec.containers{main}".into(),
            message: MessageKey::of(&message),
        };
        let body = Body {
            reason: "BackOff".into(),
            message: message.into(),
            elem_id: pod.as_str().into(),
            namespace: "bench".into(),
            involved: InvolvedObject {
                kind: "Pod".into(),
                namespace: "bench".into(),
                name: pod.as_str().into(),
            },
            reporter: "kubelet".into(),
            ..Body::default()
        };
        Observation::Event(Telling {
            execution,
            key: Arc::new(key),
            policy: Policy::Fold,
            origin: Origin::of_event("bench", "bench", &pod, Time(0)),
            count: number,
            first: time,
            last: time,
            name: format!("{pod}.17").into(),
            body: Arc::new(body),
        })
    }
}

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
    let mut load = Load { next: 0 };
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

fn main() {
    println!(
        "durable events/s, one submitter, 80 % repeats, {} s a side",
        TIME.as_secs()
    );
    println!(
        "{:>6}  {:>12}  {:>12}  {:>6}",
        "batch", "journal", "append", "ratio"
    );
    for batch in [1, 100, 1000] {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let plain = journal(folder.path(), batch);
        let ours = append(&folder.path().join("store"), batch);
        println!(
            "{batch:>6}  {plain:>12.0}  {ours:>12.0}  {:>6.2}",
            ours / plain
        );
    }
}
