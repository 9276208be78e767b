//! An item becomes a telling. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::datum::Scalar;
use super::iso;
use super::object::Element;
use super::wire::Kept;
use crate::ingest::{self, Invalid, Limits};
use crate::model::{
    Body, Dialect, Digest, Digester, EventType, ExecutionKey, InvolvedObject, Key, MessageKey,
    Observation, Origin, Policy, Telling, Time, Wire,
};
use crate::text;

/// How much an event of this dialect may hold.
const LIMITS: Limits = Limits::NATIVE;
/// The code of an event whose type is empty: every event has one.
pub(super) const UNTYPED: &str = "GenomcoreEvent";
/// What an externalId names.
const ELEM_TYPE: &str = "Genomcore.event";
/// In which ids are made: uuid5 of the URL namespace and `dagtrail/genomcore`.
pub(super) const NAMESPACE: Uuid = Uuid::from_u128(0x4f502545_8ec4_5e4b_a682_9aae4877b392);

/// The documented fields of an event, and `batch`.
const FIELDS: [&str; 9] = [
    "owner",
    "collection",
    "start",
    "end",
    "value",
    "type",
    "source",
    "externalId",
    "batch",
];

/// Turns the items of one request into tellings: it knows which were equal.
pub(super) struct Converter<'a> {
    tenant: &'a Arc<str>,
    executions: HashMap<Box<str>, ExecutionKey>,
    seen: HashMap<Digest, u64>,
    /// What was told.
    pub(super) tellings: Vec<Telling>,
    /// What is wrong, a sentence for each field, beginning with the item's index.
    pub(super) faults: Vec<String>,
}

impl<'a> Converter<'a> {
    pub(super) fn new(tenant: &'a Arc<str>) -> Self {
        Self {
            tenant,
            executions: HashMap::new(),
            seen: HashMap::new(),
            tellings: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Takes an item in.
    pub(super) fn take(&mut self, index: usize, element: Element<'_>) {
        let mut faults = Vec::new();
        let item = match element {
            Element::Object(pairs) => Item::read(pairs, &mut faults),
            Element::Other => {
                self.faults.push(format!("{index} must be an object"));
                return;
            }
        };
        // After the first fault nothing will be stored, so nothing is kept.
        if let Some(item) = item.filter(|_| faults.is_empty()) {
            match self.telling(item) {
                Ok(telling) if self.faults.is_empty() => self.tellings.push(telling),
                Ok(_) => {}
                Err(invalid) => faults.push(worded(&invalid)),
            }
        }
        if !faults.is_empty() {
            self.tellings = Vec::new();
            let faults = faults.into_iter();
            self.faults
                .extend(faults.map(|fault| format!("{index}.{fault}")));
        }
    }

    fn telling(&mut self, item: Item<'_>) -> Result<Telling, Invalid> {
        let id = self.id(&item);
        let execution = self.execution(&item.collection);
        let kept = Kept {
            owner: item.owner,
            end: item.end.is_some(),
            batch: item.batch,
        };
        let code = match text::code_of(&item.kind) {
            code if code.trim().is_empty() => UNTYPED,
            code => code,
        };
        let key = Key {
            element: item.external_id.clone(),
            elem_type: ELEM_TYPE.into(),
            action: Box::default(),
            event_type: EventType::Normal,
            code: code.into(),
            involved_uid: Box::default(),
            field_path: Box::default(),
            // It keeps its identity: what it says is no part of that.
            message: MessageKey::Text(Box::default()),
        };
        let wire = Wire {
            dialect: Dialect::Genomcore,
            item: json(&kept).into(),
        };
        let observation = Observation::Event(Telling {
            key: Arc::new(key),
            policy: Policy::ById,
            origin: Origin::of_id(&format!("genomcore:{id}")),
            count: 1,
            first: item.start,
            last: item.end.unwrap_or(item.start),
            name: id.to_string().into(),
            body: Arc::new(Body {
                reason: item.kind,
                message: item.value,
                elem_id: item.external_id,
                namespace: (&*execution.tenant).into(),
                involved: InvolvedObject::default(),
                reporter: item.source,
                labels: [("owner".into(), kept.owner.loose().into())].into(),
                wire: Some(wire),
                ..Body::default()
            }),
            execution,
            digests: None,
        });
        ingest::check(&observation, LIMITS)?;
        let Observation::Event(telling) = observation else {
            unreachable!("it was made an event a few lines above");
        };
        Ok(telling)
    }

    /// The same for an item that is sent again, and another for each of those that are equal in one request.
    fn id(&mut self, item: &Item<'_>) -> Uuid {
        let canonical = json(&item.canonical());
        let digest = Digester::new("genomcore item").text(&canonical).finish();
        let ordinal = self.seen.entry(digest).or_default();
        let id = Uuid::new_v5(&NAMESPACE, format!("{canonical}#{ordinal}").as_bytes());
        *ordinal += 1;
        id
    }

    /// A collection is an execution of whoever sends it: always the same, or what is sent again would be new.
    fn execution(&mut self, collection: &str) -> ExecutionKey {
        if let Some(known) = self.executions.get(collection) {
            return known.clone();
        }
        let key = ExecutionKey {
            tenant: self.tenant.clone(),
            id: collection.into(),
        };
        self.executions.insert(collection.into(), key.clone());
        key
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts and numbers can be written")
}

/// A broken rule of all dialects, in the words of this one.
fn worded(invalid: &Invalid) -> String {
    let field = match invalid.field {
        "execution" => "collection",
        "reason" => "type",
        "elemId" => "externalId",
        "message" => "value",
        "lastTimestamp" => return "end must be equal or greater than start".into(),
        "labels" | "event" => "owner",
        other => other,
    };
    format!("{field} {}", invalid.problem)
}

/// An event as it was sent.
struct Item<'a> {
    owner: Scalar<'a>,
    collection: Box<str>,
    start: Time,
    end: Option<Time>,
    value: Box<str>,
    kind: Box<str>,
    source: Box<str>,
    external_id: Box<str>,
    batch: Option<Scalar<'a>>,
}

/// What makes two items equal: every field, whatever its order, spacing, or form of time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Canonical<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<&'a Scalar<'a>>,
    collection: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    external_id: &'a str,
    owner: &'a Scalar<'a>,
    source: &'a str,
    start: String,
    #[serde(rename = "type")]
    kind: &'a str,
    value: &'a str,
}

type Fields<'a> = HashMap<&'static str, &'a RawValue>;

impl<'a> Item<'a> {
    /// `None` if there are faults.
    fn read(pairs: Vec<(Box<str>, &'a RawValue)>, faults: &mut Vec<String>) -> Option<Self> {
        let mut fields = Fields::with_capacity(pairs.len().min(FIELDS.len()));
        for (key, raw) in pairs {
            let Some(known) = FIELDS.into_iter().find(|field| **field == *key) else {
                let key: String = key.chars().take(64).collect();
                faults.push(format!("property {key} should not exist"));
                continue;
            };
            // JavaScript's undefined is Python's None is null: not given.
            if raw.get() != "null" && fields.insert(known, raw).is_some() {
                faults.push(format!("{known} must be given once"));
            }
        }
        let owner = scalar("owner", &fields, faults);
        let collection = string("collection", &fields, faults);
        if collection
            .as_deref()
            .is_some_and(|text| text.trim().is_empty())
        {
            faults.push("collection should not be empty".into());
        }
        let start = time("start", &fields, faults);
        let end = fields
            .contains_key("end")
            .then(|| time("end", &fields, faults))
            .flatten();
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            faults.push("end must be equal or greater than start".into());
        }
        let value = string("value", &fields, faults);
        let kind = string("type", &fields, faults);
        let source = named("source", &fields, faults);
        let external_id = string("externalId", &fields, faults);
        let batch = fields
            .contains_key("batch")
            .then(|| scalar("batch", &fields, faults))
            .flatten();
        if batch.as_ref().is_some_and(|batch| batch.loose().is_empty()) {
            faults.push("batch should not be empty".into());
        }
        if !faults.is_empty() {
            return None;
        }
        Some(Self {
            owner: owner?,
            collection: collection?,
            start: start?,
            end,
            value: value?,
            kind: kind?,
            source: source?,
            external_id: external_id?,
            batch,
        })
    }

    fn canonical(&self) -> Canonical<'_> {
        Canonical {
            batch: self.batch.as_ref(),
            collection: &self.collection,
            end: self.end.map(Time::to_exact),
            external_id: &self.external_id,
            owner: &self.owner,
            source: &self.source,
            start: self.start.to_exact(),
            kind: &self.kind,
            value: &self.value,
        }
    }
}

fn string(name: &str, fields: &Fields<'_>, faults: &mut Vec<String>) -> Option<Box<str>> {
    let raw = fields.get(name).map(|raw| raw.get());
    let text = raw.and_then(|raw| serde_json::from_str(raw).ok());
    if text.is_none() {
        faults.push(format!("{name} must be a string"));
    }
    text
}

/// A text that names something.
fn named(name: &str, fields: &Fields<'_>, faults: &mut Vec<String>) -> Option<Box<str>> {
    let text = string(name, fields, faults)?;
    bounded(name, &text, faults);
    Some(text)
}

fn bounded(name: &str, text: &str, faults: &mut Vec<String>) {
    let (bytes, most) = (text.len(), LIMITS.name);
    if bytes > most {
        faults.push(format!(
            "{name} is {bytes} bytes long, and {most} is the most"
        ));
    }
}

fn scalar<'a>(name: &str, fields: &Fields<'a>, faults: &mut Vec<String>) -> Option<Scalar<'a>> {
    let scalar = fields.get(name).and_then(|raw| Scalar::of(raw));
    match &scalar {
        None => faults.push(format!("{name} must be a string or a number")),
        Some(Scalar::Text(text) | Scalar::Number(text)) => bounded(name, text, faults),
    }
    scalar
}

fn time(name: &str, fields: &Fields<'_>, faults: &mut Vec<String>) -> Option<Time> {
    let raw = fields.get(name).map(|raw| raw.get());
    let text: Option<Box<str>> = raw.and_then(|raw| serde_json::from_str(raw).ok());
    let time = text.and_then(|text| iso::read(&text));
    if time.is_none() {
        faults.push(format!("{name} must be a valid ISO 8601 date string"));
    }
    Some(time?.from)
}
