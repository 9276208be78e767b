//! Between Prefect's events and the model: what comes in becomes a telling, a row becomes an event. Pure.

use std::sync::Arc;

use rapidhash::RapidHashMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::place::{Place, place};
use super::wire::{Event, Resource, no_payload};
use super::{foreign, state, when};
use crate::model::event::Texts;
use crate::model::{
    Body, Dialect, ExecutionFact, ExecutionKey, Identity, InvolvedObject, Key, MessageKey,
    Observation, Origin, Policy, Row, Telling, Time, Wire,
};

/// What stands for the code of an event without a name.
const NAMELESS: &str = "Unknown";
/// What a run does.
const ACTION: &str = "run";
const MICROSECOND: i64 = 1000;

/// What a row's other fields do not say.
#[derive(Debug, Serialize, Deserialize)]
struct Item {
    /// When it came in, in microseconds.
    t: i64,
    /// The order of the resource's labels, each by its place among them sorted; empty if they came so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    o: Vec<usize>,
    /// The related resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    r: Vec<Vec<(Box<str>, Box<str>)>>,
    /// What it follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<Box<str>>,
}

/// What events tell: each of itself, and of its execution's name the first that knows it.
pub(super) fn observations(events: Vec<Event>, tenant: &Arc<str>) -> Vec<Observation> {
    let mut names: RapidHashMap<ExecutionKey, Identity> = RapidHashMap::default();
    let mut observations = Vec::with_capacity(events.len() + 1);
    for event in events {
        let place = place(&event);
        let key = ExecutionKey {
            tenant: tenant.clone(),
            id: place.execution.as_str().into(),
        };
        if let Some(name) = &place.name
            && !names.contains_key(&key)
        {
            names.insert(key.clone(), identity(name.clone(), place.is_run));
        }
        observations.push(Observation::Event(telling(event, key, place)));
    }
    let facts = names.into_iter().map(|(key, identity)| {
        Observation::Execution(ExecutionFact {
            key,
            identity: Some(identity),
            created: None,
            aliases: Vec::new(),
        })
    });
    observations.extend(facts);
    observations
}

fn identity(name: Box<str>, is_run: bool) -> Identity {
    let (engine, kind) = if is_run {
        ("Prefect.flow-run", "FlowRun")
    } else {
        ("", "")
    };
    Identity {
        engine: engine.into(),
        kind: kind.into(),
        name,
        ..Identity::default()
    }
}

fn telling(event: Event, execution: ExecutionKey, place: Place) -> Telling {
    let state = state::code(&event.event, &event.resource);
    let code = state.unwrap_or(if event.event.is_empty() {
        NAMELESS
    } else {
        &event.event
    });
    let mut params = Texts::new();
    if state.is_some() {
        params.insert("elem".into(), place.elem_id.as_str().into());
        params.insert("action".into(), ACTION.into());
        if let Some(detail) = state::detail(&event.resource) {
            params.insert("detail".into(), detail.into());
        }
    }
    let item = Item {
        t: event.received.0.div_euclid(MICROSECOND),
        o: order(&event.resource),
        r: event
            .related
            .into_iter()
            .map(|resource| resource.0.into_iter().collect())
            .collect(),
        f: event.follows.map(|id| id.to_string().into()),
    };
    let payload = (event.payload.get() != "{}").then(|| event.payload.into());
    let mut name = Uuid::encode_buffer();
    let name = &*event.id.hyphenated().encode_lower(&mut name);
    Telling {
        key: Arc::new(Key {
            element: place.element.into(),
            elem_type: place.elem_type.into(),
            action: if state.is_some() {
                ACTION.into()
            } else {
                Box::default()
            },
            event_type: state::event_type(code),
            code: code.into(),
            involved_uid: Box::default(),
            field_path: Box::default(),
            message: MessageKey::Text(Box::default()),
        }),
        policy: Policy::ById,
        origin: Origin::of_id(&["prefect:", name].concat()),
        count: 1,
        first: event.occurred,
        last: event.occurred,
        name: name.into(),
        body: Arc::new(Body {
            reason: event.event,
            message: Box::default(),
            params,
            elem_id: place.elem_id.into(),
            namespace: execution.tenant.as_ref().into(),
            involved: InvolvedObject {
                name: place
                    .name
                    .filter(|name| name.len() <= 1024)
                    .unwrap_or_else(|| execution.id.as_ref().into()),
                namespace: execution.tenant.as_ref().into(),
                ..InvolvedObject::default()
            },
            reporter: "prefect".into(),
            labels: event.resource.0.into_iter().collect(),
            payload,
            at_least: false,
            wire: Some(Wire {
                dialect: Dialect::Prefect,
                item: serde_json::to_string(&item)
                    .expect("texts and numbers are JSON")
                    .into(),
            }),
        }),
        execution,
        digests: None,
    }
}

/// Each label's place among them sorted.
fn order(resource: &Resource) -> Vec<usize> {
    if resource.0.keys().is_sorted() {
        return Vec::new();
    }
    let mut sorted: Vec<&str> = resource.0.keys().map(|label| &**label).collect();
    sorted.sort_unstable();
    let labels = resource.0.keys();
    let at = labels.filter_map(|label| sorted.binary_search(&&**label).ok());
    at.collect()
}

/// What is known of a row's event without taking it apart: when it occurred, its id, its name.
pub(super) fn glance(row: &Row) -> (Time, Uuid, std::borrow::Cow<'_, str>) {
    let occurred = when::truncated(row.last());
    match own_id(row) {
        Some(id) => (occurred, id, (&*row.body().reason).into()),
        None => (occurred, foreign::id(row), foreign::name(row).into()),
    }
}

/// The id by which a sender knows a row's event.
fn own_id(row: &Row) -> Option<Uuid> {
    let is_own = row.dialect() == Some(Dialect::Prefect);
    is_own.then(|| Uuid::parse_str(row.name()).ok()).flatten()
}

/// A row as an event: as it came, if it came by this dialect.
pub(super) fn event(row: &Row) -> Event {
    own(row).unwrap_or_else(|| foreign::event(row))
}

fn own(row: &Row) -> Option<Event> {
    let id = own_id(row)?;
    let body = row.body();
    let item: Item = serde_json::from_str(&body.wire.as_ref()?.item).ok()?;
    let labels: Vec<(&str, &str)> = body
        .labels
        .iter()
        .map(|(label, value)| (&**label, &**value))
        .collect();
    let resource = if item.o.len() == labels.len() {
        Resource::of(item.o.iter().filter_map(|at| labels.get(*at).copied()))
    } else {
        Resource::of(labels)
    };
    let payload = body
        .payload
        .as_ref()
        .map(|payload| RawValue::from_string(payload.to_string()));
    Some(Event {
        occurred: row.last(),
        event: body.reason.clone(),
        resource,
        related: item
            .r
            .into_iter()
            .map(|labels| Resource(labels.into_iter().collect()))
            .collect(),
        payload: payload.transpose().ok()?.unwrap_or_else(no_payload),
        id,
        follows: item.f.and_then(|id| Uuid::parse_str(&id).ok()),
        received: Time(item.t.saturating_mul(MICROSECOND)),
    })
}
