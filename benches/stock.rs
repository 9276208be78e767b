//! Stores full of rows as kubelets tell them, each made once a run and shared by the groups. Does I/O.
//!
//! An execution has 100 rows: 20 Pods of five Events each. Ids, names, digests of images and times are as random as real
//! ones, the rest of a text is what the kubelet and the scheduler write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use dagtrail::model::{
    Body, EventType, ExecutionKey, InvolvedObject, Key, MessageKey, Observation, Origin, Policy,
    Telling, Time,
};
use dagtrail::store::{self, Batch, Options};

use crate::report::figure;

/// Rows of an execution.
pub(crate) const ROWS: u64 = 100;
/// Rows that are appended together.
const BATCH: u64 = 2_000;
/// Fifty rows a second, as in a cluster that works hard.
const BETWEEN_ROWS: i64 = 20_000_000;
const BEGIN: i64 = 1_700_000_000_000_000_000;

/// A store that was filled and closed.
#[derive(Debug)]
pub(crate) struct Stock {
    /// Where it is.
    pub(crate) folder: PathBuf,
    /// Executions.
    pub(crate) executions: u64,
    /// Bytes of all fields of all rows.
    pub(crate) raw: u64,
}

static STOCKS: Mutex<BTreeMap<u64, Arc<Stock>>> = Mutex::new(BTreeMap::new());

/// A folder for what a run makes, on the disk of the build.
pub(crate) fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// Removes all that a run has made.
pub(crate) fn clear() {
    // It is a scratch folder of the build: what is left in it harms nobody.
    let _ = fs::remove_dir_all(scratch());
}

/// The store with so many rows.
pub(crate) fn of(rows: u64) -> Arc<Stock> {
    let mut stocks = STOCKS.lock().expect("no group ends while it holds it");
    stocks
        .entry(rows)
        .or_insert_with(|| Arc::new(make(rows)))
        .clone()
}

/// The id of an execution.
pub(crate) fn execution(number: u64) -> String {
    uuid(number << 8)
}

fn make(rows: u64) -> Stock {
    let folder = scratch().join(format!("stock-{rows}"));
    let _ = fs::remove_dir_all(&folder);
    let begin = Instant::now();
    let path = folder.to_str().expect("a path in UTF-8");
    let store = store::open(path, &Options::default()).expect("it opens");
    let (sender, batches) = mpsc::sync_channel::<Batch>(8);
    let teller = thread::spawn(move || {
        let mut raw = 0;
        for first in (0..rows).step_by(usize::try_from(BATCH).expect("it is small")) {
            let tellings: Vec<_> = (first..rows.min(first + BATCH)).map(telling).collect();
            raw += tellings.iter().map(bytes).sum::<u64>();
            let observations = tellings.into_iter().map(Observation::Event).collect();
            let now = time(first + BATCH);
            if sender.send(Batch { observations, now }).is_err() {
                break;
            }
        }
        raw
    });
    let mut told = Instant::now();
    for (batch, at) in batches.into_iter().zip(1..) {
        store.append(&batch).expect("it is written");
        if told.elapsed() > Duration::from_secs(20) {
            println!(
                "{} rows of {}",
                figure((at * BATCH) as f64),
                figure(rows as f64)
            );
            told = Instant::now();
        }
    }
    store.close().expect("it closes");
    let raw = teller.join().expect("it tells to the end");
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "a store of {} rows was filled with {} rows/s",
        figure(rows as f64),
        figure(rows as f64 / seconds)
    );
    Stock {
        folder,
        executions: rows.div_ceil(ROWS),
        raw,
    }
}

/// Bytes of a row's fields, as they would be without any format: its texts, eight bytes each for first, last, count and
/// Seq, sixteen each for its id and its origin.
fn bytes(telling: &Telling) -> u64 {
    let (execution, key, body) = (&telling.execution, &telling.key, &telling.body);
    let texts = [
        &*execution.tenant,
        &*execution.id,
        &*key.element,
        &*key.elem_type,
        &*key.action,
        key.event_type.as_str(),
        &*key.code,
        &*key.involved_uid,
        &*key.field_path,
        &*telling.name,
        &*body.reason,
        &*body.message,
        &*body.elem_id,
        &*body.namespace,
        &*body.involved.kind,
        &*body.involved.namespace,
        &*body.involved.name,
        &*body.reporter,
    ];
    texts.iter().map(|text| text.len() as u64).sum::<u64>() + 4 * 8 + 2 * 16
}

fn time(row: u64) -> Time {
    Time(BEGIN + i64::try_from(row).expect("rows are not that many") * BETWEEN_ROWS)
}

/// Bits that look random, the same for the same number (SplitMix64).
pub(crate) fn random(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn uuid(number: u64) -> String {
    let (high, low) = (random(number), random(!number));
    uuid::Uuid::from_u64_pair(high, low).to_string()
}

/// What is told of a row.
pub(crate) fn telling(row: u64) -> Telling {
    let (run, pod_number, step) = (row / ROWS, row / 5, row % 5);
    let bits = random(row);
    let pod_bits = random(!pod_number);
    let pod = format!(
        "align-reads-{run:x}-{}-{:05x}",
        pod_number % 20,
        pod_bits & 0xf_ffff
    );
    let uid = uuid(pod_number << 8 | 1);
    let image = format!(
        "registry.example.com/genomics/bwa-mem2:2.{}.{}",
        run % 7,
        run % 3
    );
    let (reporter, code, field, message) = match step {
        0 => (
            "default-scheduler",
            "Scheduled",
            "",
            format!(
                "Successfully assigned genomics/{pod} to ip-10-{}-{}-{}.example.internal",
                pod_bits >> 8 & 255,
                pod_bits >> 16 & 255,
                pod_bits >> 24 & 255
            ),
        ),
        1 => (
            "kubelet",
            "Pulling",
            "spec.containers{main}",
            format!("Pulling image \"{image}\""),
        ),
        2 => (
            "kubelet",
            "Pulled",
            "spec.containers{main}",
            format!(
                "Successfully pulled image \"{image}\" in {}ms ({}ms including waiting). Image size: {} bytes.",
                bits % 9000,
                bits % 9000,
                bits >> 40
            ),
        ),
        3 => (
            "kubelet",
            "Created",
            "spec.containers{main}",
            "Created container: main".to_owned(),
        ),
        _ => (
            "kubelet",
            "BackOff",
            "spec.containers{main}",
            format!("Back-off restarting failed container main in pod {pod}_genomics({uid})"),
        ),
    };
    let warns = step == 4;
    let name = format!("{pod}.{:016x}", 0x1800_0000_0000_0000 | bits >> 8);
    let key = Key {
        element: pod.as_str().into(),
        elem_type: "K8s.Pod".into(),
        action: "".into(),
        event_type: EventType::from_text(if warns { "Warning" } else { "Normal" }),
        code: code.into(),
        involved_uid: uid.as_str().into(),
        field_path: field.into(),
        message: MessageKey::of(&message),
    };
    let body = Body {
        reason: code.into(),
        message: message.into(),
        elem_id: pod.as_str().into(),
        namespace: "genomics".into(),
        involved: InvolvedObject {
            kind: "Pod".into(),
            namespace: "genomics".into(),
            name: pod.as_str().into(),
        },
        reporter: reporter.into(),
        ..Body::default()
    };
    let at = time(row);
    Telling {
        execution: ExecutionKey::new("genomics", &execution(run)),
        key: Arc::new(key),
        policy: Policy::Fold,
        origin: Origin::of_event("bench", "genomics", &name, at),
        count: 1,
        first: at,
        last: at,
        name: name.into(),
        digests: None,
        body: Arc::new(body),
    }
}
