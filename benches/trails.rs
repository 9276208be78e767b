//! Histories as executions leave them: Pods that are scheduled, pull, start, fail, wait and end, and the engine's own words
//! about them. Pure, but for filling a store.

use std::path::Path;
use std::sync::Arc;

use dagtrail::model::event::Texts;
use dagtrail::model::{
    Body, EventType, ExecutionKey, InvolvedObject, Key, MessageKey, Observation, Origin, Policy,
    Telling, Time,
};
use dagtrail::store::{self, Batch, Options};

/// What is appended together.
const BATCH: usize = 1000;
/// Of the first event.
pub(crate) const BEGIN: i64 = 1_700_000_000_000_000_000;
const MILLISECOND: i64 = 1_000_000;

/// The id of an execution.
pub(crate) fn id(kind: &str, number: usize) -> String {
    format!("{kind}-{number:06}")
}

/// What somebody tells of a Pod: reporter, type, reason, message.
type Word = (&'static str, EventType, &'static str, String);

/// The `step`th thing that is told of a Pod.
fn word(step: usize, pod: &str) -> Word {
    let normal = EventType::Normal;
    match step {
        0 => ("", normal, "ActionStart", String::new()),
        1 => (
            "default-scheduler",
            normal,
            "Scheduled",
            format!("Successfully assigned bench/{pod} to node-7"),
        ),
        2 => (
            "kubelet",
            normal,
            "Pulled",
            "Container image \"registry.example.org/tools/align:2.1\" already present on machine"
                .into(),
        ),
        3 => (
            "kubelet",
            normal,
            "Created",
            "Created container main".into(),
        ),
        4 => (
            "kubelet",
            normal,
            "Started",
            "Started container main".into(),
        ),
        5 => (
            "kubelet",
            EventType::Warning,
            "BackOff",
            format!(
                "Back-off restarting failed container main in pod {pod}_bench(2b0b7c9e-5f0c-4a6e-9d53-6c1f0f6b1a11)"
            ),
        ),
        6 => (
            "kubelet",
            EventType::Warning,
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 503".into(),
        ),
        _ => ("", normal, "SuccessfulFinish", String::new()),
    }
}

/// Things that are told of each Pod.
const STEPS: usize = 8;

/// The `row`th telling of an execution.
pub(crate) fn telling(execution: &ExecutionKey, row: usize) -> Telling {
    let pod = format!("{}-step-{}-{:05x}", execution.id, row / STEPS, row / STEPS);
    let (reporter, event_type, code, message) = word(row % STEPS, &pod);
    let derived = reporter.is_empty();
    let time = Time(BEGIN + row as i64 * 137 * MILLISECOND);
    let count = if event_type == EventType::Warning {
        7
    } else {
        1
    };
    let key = Key {
        element: pod.as_str().into(),
        elem_type: "K8s.Pod".into(),
        action: if derived { "create" } else { "" }.into(),
        event_type,
        code: code.into(),
        involved_uid: if derived { "" } else { &pod }.into(),
        field_path: "spec.containers{main}".into(),
        message: MessageKey::of(&message),
    };
    let words = [("elem", pod.as_str()), ("action", "create")];
    let body = Body {
        reason: if derived { "" } else { code }.into(),
        message: message.into(),
        params: if derived {
            words.map(|(key, value)| (key.into(), value.into())).into()
        } else {
            Texts::new()
        },
        elem_id: pod.as_str().into(),
        namespace: execution.tenant.as_ref().into(),
        involved: InvolvedObject {
            kind: "Pod".into(),
            namespace: execution.tenant.as_ref().into(),
            name: pod.as_str().into(),
        },
        reporter: reporter.into(),
        ..Body::default()
    };
    let name = format!("{pod}.{}", time.to_hex());
    Telling {
        execution: execution.clone(),
        policy: Policy::Fold,
        origin: Origin::of_event("bench", "bench", &format!("{name}.{code}"), time),
        count,
        first: time,
        last: time.after(std::time::Duration::from_secs(count * 11)),
        name: name.into(),
        digests: None,
        key: Arc::new(key),
        body: Arc::new(body),
    }
}

/// Fills a folder: of each kind so many executions of so many rows.
pub(crate) fn fill(folder: &Path, kinds: &[(&str, usize, usize)]) {
    let folder = folder.to_str().expect("a path in UTF-8");
    let store = store::open(folder, &Options::default()).expect("it opens");
    let now = Time(BEGIN + 86_400_000 * MILLISECOND);
    let mut observations = Vec::with_capacity(BATCH);
    for (kind, executions, rows) in kinds {
        for number in 0..*executions {
            let execution = ExecutionKey::new("bench", &id(kind, number));
            for row in 0..*rows {
                observations.push(Observation::Event(telling(&execution, row)));
                if observations.len() == BATCH {
                    let observations =
                        std::mem::replace(&mut observations, Vec::with_capacity(BATCH));
                    store
                        .append(&Batch { observations, now })
                        .expect("it is written");
                }
            }
        }
    }
    store
        .append(&Batch { observations, now })
        .expect("it is written");
    store.close().expect("it closes");
}
