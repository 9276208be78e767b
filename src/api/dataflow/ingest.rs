//! Both methods: read, checked, written together, answered when on disk. Does I/O through the writer.

use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use serde_json::value::RawValue;

use super::ask::{self, Ask};
use super::convert::{self, Told};
use super::error::{Error, JSON};
use super::proto::{Items, Node, REQUEST, Violation, WORKER_MESSAGE, decode};
use super::wire::{Answer, Reply};
use crate::api::State;
use crate::api::asked::Asked;
use crate::model::{Code, Observation};

/// The most bytes of a body.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// The most messages in it.
const MAX_MESSAGES: usize = 1000;
/// The most bytes of one.
const MAX_MESSAGE: usize = 512 * 1024;
/// The longest project, location, label that names something, or code, in bytes.
pub(super) const MAX_NAME: usize = 1024;

/// `POST …/projects/{project}/WorkerMessages`.
pub(super) async fn of_project(
    Asked(state): Asked,
    project: Result<Path<String>, PathRejection>,
    uri: Uri,
    request: Request,
) -> Response {
    let names =
        path(project.map(|Path(project)| [("project_id", project), ("location", "-".into())]));
    answer(&state, names, &uri, request).await
}

/// `POST …/projects/{project}/locations/{location}/WorkerMessages`.
pub(super) async fn of_location(
    Asked(state): Asked,
    names: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
    request: Request,
) -> Response {
    let names = path(
        names.map(|Path((project, location))| [("project_id", project), ("location", location)]),
    );
    answer(&state, names, &uri, request).await
}

/// The project, once both are known to be good.
fn path(names: Result<[(&'static str, String); 2], PathRejection>) -> Result<String, Error> {
    let names = names.map_err(|problem| Error::Path {
        name: "path",
        problem: problem.body_text(),
    })?;
    for (name, value) in &names {
        if value.trim().is_empty() || value.len() > MAX_NAME {
            let problem = format!("it must have 1 to {MAX_NAME} bytes");
            return Err(Error::Path { name, problem });
        }
    }
    let [(_, project), _] = names;
    Ok(project)
}

async fn answer(
    state: &State,
    project: Result<String, Error>,
    uri: &Uri,
    request: Request,
) -> Response {
    let answered = async {
        let ask = Ask::parse(uri)?;
        let answer = take(state, &project?, request).await?;
        let text = write(&answer, &ask).map_err(|error| Error::Failed {
            code: Code::Internal,
            message: error.to_string(),
        })?;
        Ok(([(CONTENT_TYPE, JSON)], text).into_response())
    };
    let answered: Result<Response, Error> = answered.await;
    answered.unwrap_or_else(|error| error.render(ask::format(uri)))
}

fn write(answer: &Answer, ask: &Ask) -> serde_json::Result<String> {
    let mut answer = serde_json::to_value(answer)?;
    if let Some(fields) = &ask.fields {
        fields.keep(&mut answer);
    }
    if ask.is_pretty {
        serde_json::to_string_pretty(&answer).map(|text| text + "\n")
    } else {
        serde_json::to_string(&answer)
    }
}

async fn take(state: &State, project: &str, request: Request) -> Result<Answer, Error> {
    check_type(request.headers())?;
    let body = state.bodies.read(request, MAX_BODY).await?;
    let messages = read(&body)?;
    let now = state.clock.now();
    let told = messages
        .iter()
        .enumerate()
        .map(|(at, (raw, message))| Told {
            tenant: &state.tenant,
            project,
            at,
            raw,
            message,
            now,
        });
    let (mut observations, mut violations) = (Vec::new(), Vec::new());
    for told in told {
        match convert::observe(&told) {
            Ok(found) => observations.extend(found),
            Err(violation) => violations.push(violation),
        }
    }
    if !violations.is_empty() {
        return Err(Error::Violations(violations));
    }
    // What an execution is, once for each.
    let mut facts: Vec<Observation> = Vec::new();
    for observation in &observations {
        let key = observation.execution();
        if !facts.iter().any(|fact| fact.execution() == key) {
            facts.push(Observation::Execution(convert::fact(key.clone(), project)));
        }
    }
    facts.extend(observations);
    state.ingest.submit(facts).await?;
    let interval = interval(state.report_interval);
    let replies = messages.iter();
    Ok(Answer {
        worker_message_responses: replies
            .map(|(_, message)| Reply::to(message, &interval))
            .collect(),
    })
}

/// What browsers send without asking is refused: a page of another site could write otherwise. A body that is not there
/// has no type either.
fn check_type(headers: &HeaderMap) -> Result<(), Error> {
    let given = headers.get(CONTENT_TYPE);
    let given = given.map_or("", |value| value.to_str().unwrap_or("?"));
    let essence = given.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "" | "application/json" => Ok(()),
        kind if kind.ends_with("+json") => Ok(()),
        _ => Err(Error::MediaType(essence.to_owned())),
    }
}

/// The messages of a body, each as it was written and as it was understood.
fn read(body: &[u8]) -> Result<Vec<(&str, Value)>, Error> {
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    if !body.trim_ascii_start().starts_with(b"{") {
        // Whether it is JSON at all is told first.
        serde_json::from_slice::<Node>(body).map_err(json)?;
        let sentence =
            "Invalid JSON payload received. Unknown name \"\": Root element must be a message.";
        return Err(Error::Violations(vec![Violation::new("", sentence)]));
    }
    let Items(pairs) = serde_json::from_slice(body).map_err(json)?;
    let mut violations = Vec::new();
    // All but the messages at once, and the messages one by one, so that each is kept as it was written.
    let mut others = Vec::new();
    let mut messages: Option<&RawValue> = None;
    for (name, raw) in pairs {
        let is_list = raw.get().starts_with('[');
        if matches!(&*name, "workerMessages" | "worker_messages") && is_list && messages.is_none() {
            messages = Some(raw);
            others.push((name, Node::List(Vec::new())));
        } else {
            others.push((name, parse(raw)?));
        }
    }
    decode(&others, &REQUEST, "", &mut violations);
    let list: Vec<&RawValue> = match messages {
        Some(raw) => serde_json::from_str(raw.get()).map_err(json)?,
        None => Vec::new(),
    };
    if list.len() > MAX_MESSAGES {
        let found = list.len();
        let problem = format!(
            "Invalid value at 'worker_messages', {found} messages, and {MAX_MESSAGES} is the most"
        );
        return Err(Error::Violations(vec![Violation::new(
            "worker_messages",
            problem,
        )]));
    }
    let mut read = Vec::with_capacity(list.len());
    for (at, raw) in list.into_iter().enumerate() {
        let place = format!("worker_messages[{at}]");
        let node = parse(raw)?;
        let bytes = raw.get().len();
        if bytes > MAX_MESSAGE {
            let problem = format!(
                "Invalid value at '{place}', a message of {bytes} bytes, and {MAX_MESSAGE} is the most"
            );
            violations.push(Violation::new(&place, problem));
        } else if let Node::Object(pairs) = node {
            read.push((
                raw.get(),
                decode(&pairs, &WORKER_MESSAGE, &place, &mut violations),
            ));
        } else {
            let kind = "type.googleapis.com/google.dataflow.v1beta3.WorkerMessage";
            let problem = format!("Invalid value at '{place}' ({kind}), {node}");
            violations.push(Violation::new(&place, problem));
        }
    }
    if violations.is_empty() {
        Ok(read)
    } else {
        Err(Error::Violations(violations))
    }
}

fn parse(raw: &RawValue) -> Result<Node, Error> {
    serde_json::from_str(raw.get()).map_err(|error| {
        // Its place would be that in the part that was read.
        let sentence = error.to_string();
        Error::Json(
            sentence
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    })
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn json(error: serde_json::Error) -> Error {
    Error::Json(error.to_string())
}

/// As a `Duration` is written: 0, 3, 6 or 9 digits.
fn interval(duration: Duration) -> String {
    let (seconds, nanoseconds) = (duration.as_secs(), duration.subsec_nanos());
    match nanoseconds {
        0 => format!("{seconds}s"),
        n if n % 1_000_000 == 0 => format!("{seconds}.{:03}s", n / 1_000_000),
        n if n % 1000 == 0 => format!("{seconds}.{:06}s", n / 1000),
        n => format!("{seconds}.{n:09}s"),
    }
}
