//! A message becomes what is stored: a line of the history, or a sample of an element. Pure.

use std::sync::Arc;

use serde_json::Value;

use super::ingest::MAX_NAME;
use super::proto::Violation;
use crate::ingest::{self, Limits};
use crate::model::event::Texts;
use crate::model::{
    Body, Dialect, Digester, EventType, ExecutionFact, ExecutionKey, Identity, InvolvedObject, Key,
    MessageKey, Observation, Origin, Policy, Sample, Telling, Time, Wire,
};
use crate::text;

/// The row of a message code whose code is empty, and the sentence of every code that has none of its own.
const CODE: &str = "WorkerMessageCode";
/// Kinds that are measured values and no events.
const MEASURED: [&str; 5] = [
    "workerMetrics",
    "workerThreadScalingReport",
    "streamingScalingReport",
    "perWorkerMetrics",
    "dataSamplingReport",
];

/// A message, and where it came from.
pub(super) struct Told<'a> {
    /// Whose history.
    pub(super) tenant: &'a str,
    /// The path's project.
    pub(super) project: &'a str,
    /// Which of the request.
    pub(super) at: usize,
    /// As it was written.
    pub(super) raw: &'a str,
    /// As it was understood.
    pub(super) message: &'a Value,
    /// The time of a message that has none.
    pub(super) now: Time,
}

/// What of a message is an event.
struct Event {
    code: Box<str>,
    reason: Box<str>,
    action: &'static str,
    is_warning: bool,
    /// What tells rows of one code apart.
    key: String,
    params: Vec<(&'static str, String)>,
    /// Of the machine, whatever container tells it.
    of_machine: bool,
}

/// What is stored of a message; nothing of one that has no content.
pub(super) fn observe(told: &Told<'_>) -> Result<Option<Observation>, Violation> {
    let place = format!("worker_messages[{}]", told.at);
    let (worker, container) = seat(told, &place)?;
    let execution = execution(told);
    let time = time(told, &place)?;
    let element = if container.is_empty() {
        worker.to_owned()
    } else {
        format!("{worker}/{container}")
    };
    let message = told.message;
    let found = MEASURED
        .iter()
        .find_map(|name| Some((*name, message.get(*name)?)));
    let observation = if let Some((name, value)) = found {
        Observation::Sample(Sample {
            execution,
            element: element.into(),
            name: name.into(),
            at: time,
            value: value.to_string().into(),
        })
    } else if let Some(event) = event(message) {
        let (element, container) = if event.of_machine {
            (worker.to_owned(), "")
        } else {
            (element, container)
        };
        Observation::Event(telling(told, execution, event, &element, container, time))
    } else {
        return Ok(None);
    };
    ingest::check(&observation, Limits::WIDEST).map_err(|invalid| {
        Violation::new(&place, format!("Invalid value at '{place}', {invalid}"))
    })?;
    Ok(Some(observation))
}

/// The job, or without one the project as a whole.
fn execution(told: &Told<'_>) -> ExecutionKey {
    let job = label(told.message, "JOB_ID").unwrap_or(told.project);
    ExecutionKey::new(told.tenant, job)
}

fn label<'a>(message: &'a Value, name: &str) -> Option<&'a str> {
    let text = message["labels"][name].as_str()?;
    (!text.is_empty()).then_some(text)
}

/// The worker and the container in it; empty without these labels.
fn seat<'a>(told: &Told<'a>, place: &str) -> Result<(&'a str, &'a str), Violation> {
    for name in ["JOB_ID", "WORKER_ID", "CONTAINER_ID", "CONTAINER_TYPE"] {
        if let Some(value) = label(told.message, name)
            && value.len() > MAX_NAME
        {
            let place = format!("{place}.labels");
            let bytes = value.len();
            let problem = format!(
                "Invalid value at '{place}', {name} of {bytes} bytes, and {MAX_NAME} is the most"
            );
            return Err(Violation::new(&place, problem));
        }
    }
    let message = told.message;
    let container = label(message, "CONTAINER_ID").or_else(|| label(message, "CONTAINER_TYPE"));
    Ok((
        label(message, "WORKER_ID").unwrap_or_default(),
        container.unwrap_or_default(),
    ))
}

fn time(told: &Told<'_>, place: &str) -> Result<Time, Violation> {
    let Some(text) = told.message["time"].as_str() else {
        return Ok(told.now);
    };
    Time::parse(text).map_err(|problem| {
        let place = format!("{place}.time");
        let sentence = format!("Invalid value at '{place}', {problem}");
        Violation::new(&place, sentence)
    })
}

/// The event that a message is.
fn event(message: &Value) -> Option<Event> {
    let kind = |name| message.get(name);
    if let Some(report) = kind("workerHealthReport") {
        Some(health(report))
    } else if let Some(code) = kind("workerMessageCode") {
        Some(message_code(code))
    } else if let Some(event) = kind("workerLifecycleEvent") {
        Some(lifecycle(event))
    } else {
        kind("workerShutdownNotice").map(shutdown)
    }
}

fn text_of(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// One row for each state of a worker, however often it is told.
fn health(report: &Value) -> Event {
    let is = |name: &str| report[name] == true;
    let (healthy, broken) = (is("vmIsHealthy"), is("vmIsBroken"));
    let code = if broken {
        "WorkerBroken"
    } else if healthy {
        "WorkerHealthy"
    } else {
        "WorkerUnhealthy"
    };
    let broken_code = text_of(report, "vmBrokenCode");
    Event {
        code: code.into(),
        reason: Box::default(),
        action: "health",
        is_warning: broken || !healthy,
        key: format!("healthy={healthy} broken={broken} code={broken_code}"),
        params: vec![("detail", text_of(report, "msg")), ("code", broken_code)],
        of_machine: true,
    }
}

/// One row for each code and its parameters.
fn message_code(code: &Value) -> Event {
    let given = text_of(code, "code");
    let named = text::code_of(given.trim());
    let named = if named.is_empty() { CODE } else { named }.to_owned();
    let parameters = &code["parameters"];
    let pairs = parameters.as_object().into_iter().flatten();
    let detail: Vec<String> = pairs
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        })
        .collect();
    let is_warning = ["ERROR", "FAILED", "FAILURE"]
        .iter()
        .any(|end| named.ends_with(end));
    Event {
        code: (&*named).into(),
        reason: given.into(),
        action: "report",
        is_warning,
        key: parameters.to_string(),
        params: vec![
            ("detail", detail.join(", ")),
            ("code", named),
            (text::TEMPLATE, CODE.to_owned()),
        ],
        of_machine: false,
    }
}

/// One row for each event of a worker or container, counting its restarts.
fn lifecycle(event: &Value) -> Event {
    const UNKNOWN: &str = "UNKNOWN_EVENT";
    let given = &event["event"];
    // What has a number and no name is not known, either.
    let code = given.as_str().unwrap_or(UNKNOWN);
    let number = given.as_i64().map(|number| number.to_string());
    let metadata = event["metadata"].as_object().into_iter().flatten();
    let detail: Vec<String> = metadata
        .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
        .collect();
    Event {
        code: code.into(),
        reason: number.clone().unwrap_or_default().into(),
        action: "lifecycle",
        is_warning: false,
        key: number.unwrap_or_default(),
        params: vec![("detail", detail.join(", "))],
        of_machine: false,
    }
}

fn shutdown(notice: &Value) -> Event {
    let reason = text_of(notice, "reason");
    let is_preempted = reason == "PREEMPTION";
    let code = if is_preempted {
        "Preempted"
    } else {
        "WorkerShutdown"
    };
    let detail = if is_preempted {
        String::new()
    } else {
        reason.clone()
    };
    Event {
        code: code.into(),
        key: reason.clone(),
        reason: reason.into(),
        action: "shutdown",
        is_warning: is_preempted,
        params: vec![("detail", detail)],
        of_machine: true,
    }
}

fn telling(
    told: &Told<'_>,
    execution: ExecutionKey,
    event: Event,
    element: &str,
    container: &str,
    time: Time,
) -> Telling {
    // About no worker, it is about the job itself.
    let shown = if element.is_empty() {
        &*execution.id
    } else {
        element
    };
    let mut params: Texts = event
        .params
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    params.insert("elem".into(), shown.into());
    let elem_type = match (element.is_empty(), container.is_empty()) {
        (true, _) => "Dataflow.job",
        (_, true) => "Dataflow.worker",
        (_, false) => "Dataflow.container",
    };
    Telling {
        key: Arc::new(Key {
            element: element.into(),
            elem_type: elem_type.into(),
            action: event.action.into(),
            event_type: if event.is_warning {
                EventType::Warning
            } else {
                EventType::Normal
            },
            code: event.code,
            involved_uid: Box::default(),
            field_path: Box::default(),
            message: MessageKey::Text(event.key.into()),
        }),
        policy: Policy::Fold,
        origin: origin(told, &execution),
        count: 1,
        first: time,
        last: time,
        // Made from the execution, the time and the row.
        name: "".into(),
        body: Arc::new(Body {
            reason: event.reason,
            params,
            elem_id: element.into(),
            namespace: told.project.into(),
            involved: InvolvedObject {
                namespace: told.project.into(),
                name: (&*execution.id).into(),
                ..InvolvedObject::default()
            },
            labels: labels(told.message),
            payload: Some(told.raw.into()),
            wire: Some(Wire {
                dialect: Dialect::Dataflow,
                item: Box::default(),
            }),
            ..Body::default()
        }),
        execution,
        digests: None,
    }
}

fn labels(message: &Value) -> Texts {
    let pairs = message["labels"].as_object().into_iter().flatten();
    pairs
        .filter_map(|(name, value)| Some((name.as_str().into(), value.as_str()?.into())))
        .collect()
}

/// The same message is the same telling, however its JSON is spaced. One without a time is told anew each time.
fn origin(told: &Told<'_>, execution: &ExecutionKey) -> Origin {
    let start = Digester::new("dataflow message")
        .text(&execution.tenant)
        .text(&execution.id)
        .text(&told.message.to_string());
    let digest = if told.message.get("time").is_some() {
        start.finish()
    } else {
        let now = start.number(told.now.0.cast_unsigned());
        now.number(told.at as u64).finish()
    };
    Origin::of_id(&format!("dataflow:{digest}"))
}

/// What a job is, from its messages alone.
pub(super) fn fact(key: ExecutionKey, project: &str) -> ExecutionFact {
    let identity = Identity {
        engine: "Dataflow.job".into(),
        group: "dataflow.googleapis.com".into(),
        kind: "Job".into(),
        namespace: project.into(),
        name: (&*key.id).into(),
    };
    ExecutionFact {
        key,
        identity: Some(identity),
        created: None,
        aliases: Vec::new(),
    }
}
