//! Between this dialect's JSON and the model: an item becomes a telling, a row becomes an event. Pure.

use std::sync::Arc;

use super::wire::{Event, Named, NewEvent, NewNamed};
use crate::ingest::{self, Limits};
use crate::model::event::Texts;
use crate::model::observation::Digests;
use crate::model::{
    Body, EventType, ExecutionKey, InvolvedObject, Key, MessageKey, Observation, Origin, Policy,
    RowId, Sight, Telling, Time,
};
use crate::text::{self, Facts, Lang, Words};

/// The most bytes of a client's own id.
const MAX_ID: usize = 1024;

/// Which field of an item is wrong, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) field: String,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn new(field: &str, problem: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            problem: problem.into(),
        }
    }
}

/// What an item tells of an execution.
pub(super) fn telling(item: &str, execution: &ExecutionKey) -> Result<Telling, Fault> {
    let event = parse(item)?;
    let reason = event.reason.unwrap_or_default();
    if reason.trim().is_empty() {
        return Err(Fault::new(
            "reason",
            "is missing: give a code, or a pair zh##Code",
        ));
    }
    let (first, last) = times(
        event.first_timestamp.as_deref(),
        event.last_timestamp.as_deref(),
    )?;
    let event_type = event_type(event.event_type.as_deref())?;
    // What is out of range for a count is told in the words of the rule that all dialects share.
    let count = u64::try_from(event.count.unwrap_or(1)).map_err(|_| {
        Fault::new(
            "count",
            format!(
                "is {}, and must be from 1 to {}",
                event.count.unwrap_or(1),
                ingest::MAX_COUNT
            ),
        )
    })?;
    let metadata = event.metadata.unwrap_or_default();
    let involved = event.involved_object.unwrap_or_default();
    let (namespace, involved_namespace) = namespaces(&metadata, &involved, execution);
    let elem_id = event.elem_id.unwrap_or_default();
    let action = event.action_name.unwrap_or_default();
    let message = event.message.unwrap_or_default();
    let key = Key {
        element: elem_id.clone(),
        elem_type: event.elem_type.unwrap_or_default(),
        action: action.clone(),
        event_type,
        code: text::code_of(&reason).into(),
        involved_uid: Box::default(),
        field_path: Box::default(),
        message: MessageKey::of(&message),
    };
    let row = RowId::of_key(execution, &key);
    let involved_name = involved.name.unwrap_or_default();
    let name = metadata
        .name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| ingest::name_for(&involved_name, &execution.id, first, row).into());
    let origin = match event.id.as_deref() {
        Some(id) => told_as(id, execution)?,
        None => Origin::of_content(row, first, last, count),
    };
    let body = Body {
        params: params(&message, &elem_id, &action),
        reason,
        message,
        elem_id,
        namespace,
        involved: InvolvedObject {
            kind: Box::default(),
            namespace: involved_namespace,
            name: involved_name,
        },
        reporter: Box::default(),
        labels: event.labels.unwrap_or_default(),
        payload: event.payload.map(Into::into),
        at_least: false,
        wire: None,
    };
    let telling = Telling {
        execution: execution.clone(),
        policy: Policy::Fold,
        origin,
        count,
        first,
        last,
        name: name.into(),
        digests: Some(Digests {
            row,
            body: body.digest(),
        }),
        body: Arc::new(body),
        key: Arc::new(key),
    };
    let observation = Observation::Event(telling);
    ingest::check(&observation, Limits::NATIVE)
        .map_err(|invalid| Fault::new(invalid.field, invalid.problem))?;
    let Observation::Event(telling) = observation else {
        unreachable!("it was made an event four lines above");
    };
    Ok(telling)
}

fn parse(item: &str) -> Result<NewEvent, Fault> {
    if !item.trim_start().starts_with('{') {
        return Err(Fault::new("event", "is not an object"));
    }
    serde_json::from_str(item).or_else(|_| {
        // Slower, and knows where: asked only when there is something to tell.
        let mut reader = serde_json::Deserializer::from_str(item);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let field = error.path().to_string();
            let problem = error.into_inner().to_string();
            // serde_json ends with a position in the item, which says nothing in a batch.
            let problem = problem.split(" at line ").next().unwrap_or_default();
            // Of a key that comes twice only the sentence knows the name.
            let twice = problem
                .strip_prefix("duplicate field `")
                .and_then(|rest| rest.strip_suffix('`'));
            match (field.as_str(), twice) {
                ("." | "?", None) => Fault::new("event", problem),
                ("." | "?", Some(key)) => Fault::new(key, "is given twice"),
                (object, Some(key)) => Fault::new(&format!("{object}.{key}"), "is given twice"),
                (field, None) => Fault::new(field, problem),
            }
        })
    })
}

fn times(first: Option<&str>, last: Option<&str>) -> Result<(Time, Time), Fault> {
    let read = |field, text: Option<&str>| {
        text.map(Time::parse)
            .transpose()
            .map_err(|problem| Fault::new(field, problem))
    };
    let first = read("firstTimestamp", first)?;
    let last = read("lastTimestamp", last)?;
    match (first, last) {
        (Some(first), Some(last)) => Ok((first, last)),
        (Some(one), None) | (None, Some(one)) => Ok((one, one)),
        (None, None) => Err(Fault::new(
            "firstTimestamp",
            "is missing, and lastTimestamp too: give at least one",
        )),
    }
}

fn event_type(given: Option<&str>) -> Result<EventType, Fault> {
    match EventType::from_text(given.unwrap_or("Normal")) {
        EventType::Other(other) => Err(Fault::new(
            "type",
            format!("is {other:?}, and must be Normal or Warning"),
        )),
        known => Ok(known),
    }
}

/// The namespace of the event and that of its object: what is not given is the other's, else the tenant.
fn namespaces(
    metadata: &NewNamed,
    involved: &NewNamed,
    execution: &ExecutionKey,
) -> (Box<str>, Box<str>) {
    let own = metadata
        .namespace
        .as_deref()
        .filter(|text| !text.is_empty());
    let other = involved
        .namespace
        .as_deref()
        .filter(|text| !text.is_empty());
    let tenant = &*execution.tenant;
    (
        own.or(other).unwrap_or(tenant).into(),
        other.or(own).unwrap_or(tenant).into(),
    )
}

/// What the catalogue needs to make the message that nobody gave.
fn params(message: &str, elem_id: &str, action: &str) -> Texts {
    if !message.trim().is_empty() {
        return Texts::new();
    }
    [("elem", elem_id), ("action", action)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.into(), value.into()))
        .collect()
}

/// A client's own id speaks for one execution only. Lengths go before texts, so that no two executions can be made
/// to look like one.
fn told_as(id: &str, execution: &ExecutionKey) -> Result<Origin, Fault> {
    if id.is_empty() || id.len() > MAX_ID {
        return Err(Fault::new(
            "id",
            format!("is {} bytes long, and must be from 1 to {MAX_ID}", id.len()),
        ));
    }
    let ExecutionKey { tenant, id: whose } = execution;
    let (tenants, whoses) = (tenant.len(), whose.len());
    Ok(Origin::of_id(&format!(
        "{tenants}:{tenant}/{whoses}:{whose}/{id}"
    )))
}

/// What a row says, in a language.
pub(super) fn words<'a>(row: &Sight<'a>, lang: Lang) -> Words<'a> {
    let facts = Facts {
        code: row.code,
        params: row.params,
        reason: row.reason,
        message: row.message,
        namespace: row.namespace,
    };
    text::render(&facts, lang)
}

/// Shows a row as an event, in the words of a language; it lives as long as `see` looks at it.
pub(super) fn event<R>(row: &Sight<'_>, lang: Lang, see: impl FnOnce(&Event<'_>) -> R) -> R {
    let words = words(row, lang);
    see(&Event {
        metadata: Named {
            name: row.name,
            namespace: row.namespace,
        },
        involved_object: Named {
            name: row.involved_name,
            namespace: row.involved_namespace,
        },
        reason: words.reason,
        message: words.message,
        first_timestamp: row.first.in_seconds(),
        last_timestamp: row.last.in_seconds(),
        count: row.count,
        event_type: row.event_type,
        elem_type: row.elem_type,
        elem_id: row.elem_id,
        action_name: row.action,
    })
}
