//! An event row: what it is keyed by, what it says, and how often it was seen. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::digest::{Digest, Digester};
use super::execution::ExecutionKey;
use super::observation::Policy;
use super::seq::Seq;
use super::series::Series;
use super::time::Time;

/// Texts by name, in order.
pub type Texts = BTreeMap<Box<str>, Box<str>>;

/// `type` of an event. core/v1 accepts any text, so any text is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventType {
    /// Nothing to worry about.
    Normal,
    /// Something to look at.
    Warning,
    /// What another emitter wrote.
    Other(Box<str>),
}

impl EventType {
    /// Any text; `normal` and `warning` in any case are the two known ones.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        if text.eq_ignore_ascii_case("normal") {
            Self::Normal
        } else if text.eq_ignore_ascii_case("warning") {
            Self::Warning
        } else {
            Self::Other(text.into())
        }
    }

    /// As it is written on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
            Self::Other(text) => text,
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The part of a row's key that the message is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MessageKey {
    /// The message, trimmed.
    Text(Box<str>),
    /// client-go's `(combined from similar events)`: its message changes at each repeat, so it is no key.
    Aggregate,
}

/// The prefix that client-go's EventAggregator puts before the message of a combined Event.
pub const AGGREGATE_PREFIX: &str = "(combined from similar events):";

impl MessageKey {
    /// Of a message as the source gave it.
    #[must_use]
    pub fn of(message: &str) -> Self {
        if message.starts_with(AGGREGATE_PREFIX) {
            Self::Aggregate
        } else {
            Self::Text(message.trim().into())
        }
    }
}

/// The reporter of what is derived from a status.
pub const DERIVER: &str = "dagtrail";

/// What makes two tellings one row, within one execution.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The engine's unique id of the element; for what clients tell, the element's id.
    pub element: Box<str>,
    /// `<Engine>.<kind>`.
    pub elem_type: Box<str>,
    /// The action, `create` or `run` for instance.
    pub action: Box<str>,
    /// `type`.
    pub event_type: EventType,
    /// The reason's code, without words.
    pub code: Box<str>,
    /// The involved object's uid.
    pub involved_uid: Box<str>,
    /// The involved object's field path, `spec.containers{main}` for instance.
    pub field_path: Box<str>,
    /// The message.
    pub message: MessageKey,
}

impl Key {
    /// Whether the row is about the execution itself: it names no element, or the execution as its element, and does not
    /// come from a Kubernetes Event (those carry the involved object's uid): kubelet's `Created` means a container.
    #[must_use]
    pub fn is_of(&self, execution: &ExecutionKey) -> bool {
        let named = self.element.is_empty() || *self.element == *execution.id;
        named && self.involved_uid.is_empty()
    }
}

/// The name of a row: a digest of its execution and key, so that every watcher and restart finds the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub Digest);

impl RowId {
    /// The row of a key that folds.
    #[must_use]
    pub fn of_key(execution: &ExecutionKey, key: &Key) -> Self {
        let start = Digester::new("row")
            .text(&execution.tenant)
            .text(&execution.id)
            .text(&key.element)
            .text(&key.elem_type)
            .text(&key.action)
            .text(key.event_type.as_str())
            .text(&key.code)
            .text(&key.involved_uid)
            .text(&key.field_path);
        Self(match &key.message {
            MessageKey::Text(text) => start.text("text").text(text).finish(),
            MessageKey::Aggregate => start.text("aggregate").finish(),
        })
    }

    /// The row of an event that keeps its identity.
    #[must_use]
    pub fn of_id(execution: &ExecutionKey, origin: Digest) -> Self {
        let start = Digester::new("row by id")
            .text(&execution.tenant)
            .text(&execution.id);
        Self(start.text(&origin.to_string()).finish())
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The object that an event is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvolvedObject {
    /// Its kind, empty if not known.
    pub kind: Box<str>,
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
}

/// A wire dialect that keeps more of an event than the fields of [`Body`] can hold. Stored: numbers never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Prefect events.
    Prefect,
    /// LSST Nublado's server-sent events.
    Nublado,
    /// Genomcore's events API.
    Genomcore,
    /// Google Dataflow's workerMessages.
    Dataflow,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 4] = [
        Self::Prefect,
        Self::Nublado,
        Self::Genomcore,
        Self::Dataflow,
    ];

    /// Its name, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prefect => "prefect",
            Self::Nublado => "nublado",
            Self::Genomcore => "genomcore",
            Self::Dataflow => "dataflow",
        }
    }
}

/// What an event was on the wire by which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Whose wire.
    pub dialect: Dialect,
    /// What that dialect needs beside the other fields to show the event as it came: JSON in a form that only the
    /// dialect reads. May be empty.
    pub item: Box<str>,
}

/// What a row says besides its key and its numbers: facts, never rendered words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The reason as the source gave it; a pair if the source gave a pair; empty for derived rows.
    pub reason: Box<str>,
    /// The message as the source gave it; empty where the catalogue makes it from code and parameters.
    pub message: Box<str>,
    /// What the catalogue's templates are filled with.
    pub params: Texts,
    /// The element's name as the author of the DAG wrote it. Shown, not keyed: names repeat inside a DAG.
    pub elem_id: Box<str>,
    /// `metadata.namespace`.
    pub namespace: Box<str>,
    /// `involvedObject`.
    pub involved: InvolvedObject,
    /// The component that reported it.
    pub reporter: Box<str>,
    /// Labels.
    pub labels: Texts,
    /// JSON that a client attached, byte for byte.
    pub payload: Option<Box<str>>,
    /// Whether the count that is told with it may be too low: what tells it counts on without saying so.
    pub at_least: bool,
    /// What it was on the wire of the dialect by which it came; `None` for what the native fields say in full.
    pub wire: Option<Wire>,
}

impl Body {
    /// A digest over all fields: the last tie-breaker between two tellings.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let told = Digester::new("body")
            .text(&self.reason)
            .text(&self.message)
            .pairs(self.params.iter().map(|(key, text)| (&**key, &**text)))
            .text(&self.elem_id)
            .text(&self.namespace)
            .text(&self.involved.kind)
            .text(&self.involved.namespace)
            .text(&self.involved.name)
            .text(&self.reporter)
            .pairs(self.labels.iter().map(|(key, text)| (&**key, &**text)))
            .text(self.payload.as_deref().unwrap_or_default())
            .number(u64::from(self.at_least));
        match &self.wire {
            None => told.finish(),
            Some(wire) => told.text(wire.dialect.as_str()).text(&wire.item).finish(),
        }
    }
}

/// One line of an execution's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub id: RowId,
    /// Whose history it stands in.
    pub execution: ExecutionKey,
    /// What it is keyed by.
    pub key: Arc<Key>,
    /// Whether tellings fold into it.
    pub policy: Policy,
    /// Of its latest change.
    pub seq: Seq,
    /// How often, from when to when, in which words.
    pub series: Series,
}

impl Row {
    /// Σ over origins of the highest count that each has told.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.series.total().count
    }

    /// When it was first seen.
    #[must_use]
    pub fn first(&self) -> Time {
        self.series.total().first
    }

    /// When it was last seen.
    #[must_use]
    pub fn last(&self) -> Time {
        self.series.total().last
    }

    /// `metadata.name`: that of the telling with the smallest (first, name).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.series.total().name
    }

    /// By which dialect it came; `None` for the native one and for what comes from a cluster.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.body().wire.as_ref().map(|wire| wire.dialect)
    }

    /// Whether it was derived from a status, and not told by an Event or a client.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        self.key.involved_uid.is_empty() && *self.body().reporter == *DERIVER
    }

    /// Whether a Kubernetes Event has told it.
    #[must_use]
    pub fn is_of_event(&self) -> bool {
        !self.key.involved_uid.is_empty()
    }

    /// What it says: that of the telling with the greatest (last, count, digest).
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.series.total().body
    }
}
