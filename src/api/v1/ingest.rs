//! `POST` of events: taken apart, checked one by one, written together, answered when on disk. Does I/O through the
//! writer.

use axum::Json;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};

use super::ask::{pairs, unknown};
use super::convert::{self, Fault};
use super::error::Error;
use super::items;
use super::path::At;
use super::posted::{NewEvent, NewEvents};
use super::resolve;
use super::wire::{ErrorBody, ItemResult, ItemStatus, Posted};
use crate::api::State;
use crate::api::asked::Asked;
use crate::model::{ExecutionFact, ExecutionKey, Identity, Observation, Outcome};
use crate::query;

/// The most bytes of a body.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// The longest id of an execution, in bytes.
const MAX_ID: usize = 1024;

/// Tells of events of an execution; an id that nobody has told of begins one.
///
/// One event, an array, or one a line (`application/x-ndjson`): up to 8 MiB (32 unpacked, if sent with gzip), 10000 events, 1 MiB an event. The answer
/// comes when all is on disk. Equal events fold: one with another time raises the count, one that was told before is a
/// `duplicate`, so that every post may be sent again. An empty array only begins the execution.
#[utoipa::path(
    post, path = "/v1/executions/{id}/events", tag = "events", operation_id = "postEvents",
    params(
        ("id" = String, Path, description = "The execution's id, or an alias of it: 1 to 1024 bytes.", min_length = 1, max_length = 1024, pattern = r"\S"),
        ("atomic" = Option<bool>, Query, description = "`true`: if one event is invalid, none is stored. An event of a time before the execution's deletion is told as invalid all the same, and does not hold back the others."),
    ),
    request_body(
        content((NewEvents = "application/json"), (NewEvent = "application/x-ndjson")),
    ),
    responses(
        (status = 200, description = "Stored, but for the items that the results call invalid.", body = Posted),
        (status = 400, description = "Nothing was stored; the first field at fault is named, and the results are beside.", body = ErrorBody),
        (status = 408, description = "The body did not arrive within 30 s.", body = ErrorBody),
        (status = 409, description = "The execution was deleted, and no later event was told; the results are beside.", body = ErrorBody),
        (status = 413, description = "More bytes or events than the limit.", body = ErrorBody),
        (status = 415, description = "Not JSON, or packed otherwise than with gzip.", body = ErrorBody),
        (status = 503, description = "The store cannot write now, nothing was kept.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn post(
    Asked(state): Asked,
    At(id): At<String>,
    uri: Uri,
    request: Request,
) -> Result<Json<Posted>, Error> {
    let atomic = atomic(&uri)?;
    let lines = is_lines(request.headers())?;
    let body = state.bodies.read(request, MAX_BODY).await?;
    let (execution, is_known) = target(&state, &id).await?;
    let tell = |item: &str| convert::telling(item, &execution);
    let items = if lines {
        items::of_lines(&body, tell)?
    } else {
        items::of_json(&body, tell)?
    };
    if items.is_empty() {
        return begin(&state, execution).await;
    }
    let mut results = Vec::with_capacity(items.len());
    let mut observations = Vec::with_capacity(items.len());
    let mut stored = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        match item {
            Ok(telling) => {
                results.push(valid(index, telling.name.to_string()));
                observations.push(Observation::Event(telling));
                stored.push(index);
            }
            Err(fault) => results.push(invalid(index, fault)),
        }
    }
    if observations.is_empty() || (atomic && observations.len() < results.len()) {
        return Err(refused(results));
    }
    if !is_known {
        observations.extend(named(&observations).map(Observation::Execution));
    }
    let outcomes = state.ingest.submit(observations).await?;
    let is_buried = stored.len() == results.len()
        && (outcomes.iter().take(stored.len())).all(|outcome| matches!(outcome, Outcome::Buried));
    for (index, outcome) in stored.into_iter().zip(outcomes) {
        settle(&mut results[index], outcome);
    }
    if is_buried {
        return Err(Error::Deleted { id, results });
    }
    if results
        .iter()
        .all(|result| result.status == ItemStatus::Invalid)
    {
        return Err(refused(results));
    }
    Ok(Json(counted(results)))
}

fn atomic(uri: &Uri) -> Result<bool, Error> {
    let mut atomic = false;
    for (key, value) in pairs(uri)? {
        atomic = match (key.as_str(), value.as_str()) {
            ("atomic", "true") => true,
            ("atomic", "false") => false,
            ("atomic", _) => {
                let problem = format!("is {value:?}, and must be true or false");
                return Err(Error::query("atomic", problem));
            }
            _ => return Err(unknown(&key, "atomic")),
        };
    }
    Ok(atomic)
}

/// Whether the body is one event a line. What browsers send without asking is refused: a page of another site could
/// write otherwise.
fn is_lines(headers: &HeaderMap) -> Result<bool, Error> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let given = text(CONTENT_TYPE).unwrap_or("application/json");
    let essence = given.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Ok(true),
        "application/json" | "" => Ok(false),
        kind if kind.ends_with("+json") => Ok(false),
        _ => Err(Error::MediaType(format!(
            "content-type {essence:?} is not read here: send application/json, or application/x-ndjson with one event a line"
        ))),
    }
}

/// Where events of this id belong: to the execution that it names itself, else to the first that it is an alias of.
/// Also whether that was told of before.
async fn target(state: &State, id: &str) -> Result<(ExecutionKey, bool), Error> {
    if id.trim().is_empty() || id.len() > MAX_ID {
        return Err(Error::Path(format!("id must have 1 to {MAX_ID} bytes")));
    }
    let found = match state.reader.get(id).await {
        Ok(united) => resolve::primary(&united, id).map(|found| found.key.clone()),
        Err(query::Error::Unknown(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let is_known = found.is_some();
    let key = found.unwrap_or_else(|| ExecutionKey::new(&state.tenant, id));
    Ok((key, is_known))
}

/// The names of an execution that begins with these events: by the documented call, the involved object is the
/// execution. A source that knows more of it overrules this.
fn named(observations: &[Observation]) -> Option<ExecutionFact> {
    observations.iter().find_map(|observation| {
        let Observation::Event(telling) = observation else {
            return None;
        };
        let involved = &telling.body.involved;
        (!involved.name.is_empty()).then(|| ExecutionFact {
            key: telling.execution.clone(),
            identity: Some(Identity {
                namespace: involved.namespace.clone(),
                name: involved.name.clone(),
                ..Identity::default()
            }),
            created: None,
            aliases: Vec::new(),
        })
    })
}

/// Begins an execution of which nothing is told yet.
async fn begin(state: &State, key: ExecutionKey) -> Result<Json<Posted>, Error> {
    let id = key.id.to_string();
    let fact = ExecutionFact {
        key,
        identity: None,
        created: None,
        aliases: Vec::new(),
    };
    let outcomes = state
        .ingest
        .submit(vec![Observation::Execution(fact)])
        .await?;
    if outcomes.contains(&Outcome::Buried) {
        return Err(Error::Deleted {
            id,
            results: Vec::new(),
        });
    }
    Ok(Json(Posted::default()))
}

const fn valid(index: usize, name: String) -> ItemResult {
    ItemResult {
        index,
        status: ItemStatus::Duplicate,
        name: Some(name),
        seq: None,
        field: None,
        message: None,
    }
}

fn invalid(index: usize, fault: Fault) -> ItemResult {
    ItemResult {
        index,
        status: ItemStatus::Invalid,
        name: None,
        seq: None,
        field: Some(fault.field),
        message: Some(fault.problem),
    }
}

/// Writes into a result what became of its item.
fn settle(result: &mut ItemResult, outcome: Outcome) {
    match outcome {
        Outcome::Created(_, seq) => {
            result.status = ItemStatus::Created;
            result.seq = Some(seq.0);
        }
        Outcome::Merged(_, seq) => {
            result.status = ItemStatus::Merged;
            result.seq = Some(seq.0);
        }
        Outcome::Duplicate(_) | Outcome::Noted => result.status = ItemStatus::Duplicate,
        Outcome::Buried => {
            let problem =
                "is not after the deletion of this execution, or of this part of its history";
            *result = invalid(result.index, Fault::new("lastTimestamp", problem));
        }
    }
}

fn counted(results: Vec<ItemResult>) -> Posted {
    let mut posted = Posted::default();
    for result in &results {
        match result.status {
            ItemStatus::Created => posted.created += 1,
            ItemStatus::Merged => posted.merged += 1,
            ItemStatus::Duplicate => posted.duplicate += 1,
            ItemStatus::Invalid => posted.invalid += 1,
        }
    }
    posted.results = results;
    posted
}

/// Nothing was stored: the first fault speaks for all, all of them are beside it.
fn refused(mut results: Vec<ItemResult>) -> Error {
    let first = results
        .iter()
        .find(|result| result.status == ItemStatus::Invalid);
    let (index, field, problem) = first.map_or((0, String::new(), String::new()), |result| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (result.index, text(&result.field), text(&result.message))
    });
    results.retain(|result| result.status == ItemStatus::Invalid);
    Error::NothingStored {
        index,
        field,
        problem,
        results,
    }
}
