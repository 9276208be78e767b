//! What every source and dialect says: an observation. Pure.

use std::sync::Arc;

use super::correlation::Correlation;
use super::digest::{Digest, Digester};
use super::event::{Body, Key, RowId};
use super::execution::{ExecutionFact, ExecutionKey};
use super::sample::Sample;
use super::seq::Seq;
use super::time::Time;

/// Whether equal events fold. The source's choice, not the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Tellings with one key are one row.
    Fold,
    /// Each origin is a row of its own.
    ById,
}

/// Who tells it, so that being told twice is not counted twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Tells an absolute number that may grow: a Kubernetes Event, a transition of an element.
    Counter(Digest),
    /// Tells once: an item posted by a client. Remembered for a window, then only its sum is kept.
    Once(Digest),
}

impl Origin {
    /// A Kubernetes Event: (cluster, namespace, name, first time), not its uid, which a recreation changes.
    #[must_use]
    pub fn of_event(cluster: &str, namespace: &str, name: &str, first: Time) -> Self {
        let start = Digester::new("kubernetes event")
            .text(cluster)
            .text(namespace)
            .text(name);
        Self::Counter(start.number(first.0.cast_unsigned()).finish())
    }

    /// A transition of an element: (object uid, element, attempt, phase).
    #[must_use]
    pub fn of_transition(uid: &str, element: &str, attempt: u64, phase: &str) -> Self {
        let start = Digester::new("transition").text(uid).text(element);
        Self::Counter(start.number(attempt).text(phase).finish())
    }

    /// An item that a client gave an id.
    #[must_use]
    pub fn of_id(id: &str) -> Self {
        Self::Once(Digester::new("client id").text(id).finish())
    }

    /// An item that a client gave no id: (row, first, last, count). An equal item sent again is the same;
    /// one with another time adds.
    #[must_use]
    pub fn of_content(row: RowId, first: Time, last: Time, count: u64) -> Self {
        let start = Digester::new("client item").digest(row.0);
        let start = start
            .number(first.0.cast_unsigned())
            .number(last.0.cast_unsigned());
        Self::Once(start.number(count).finish())
    }

    /// The sum of what was told once to a history and folded into a row, as others keep it: its own they no longer know one
    /// by one, and the sum only grows.
    #[must_use]
    pub fn of_sum(history: &str, row: RowId) -> Digest {
        let start = Digester::new("sum of another history").text(history);
        start.text(&row.to_string()).finish()
    }

    /// The digest, whichever kind it is.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        match self {
            Self::Counter(digest) | Self::Once(digest) => *digest,
        }
    }
}

/// "Origin O has seen this `count` times so far, first at `first`, last at `last`."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Whose history.
    pub execution: ExecutionKey,
    /// What it is keyed by.
    pub key: Arc<Key>,
    /// Whether it folds.
    pub policy: Policy,
    /// Who tells it.
    pub origin: Origin,
    /// So far; absolute, never a delta; at least 1.
    pub count: u64,
    /// First seen.
    pub first: Time,
    /// Last seen; not before `first`.
    pub last: Time,
    /// `metadata.name`.
    pub name: Arc<str>,
    /// What it says.
    pub body: Arc<Body>,
    /// `None`: they are made whenever they are asked for.
    pub digests: Option<Digests>,
}

/// The digests of a telling. Made once, by who tells, so that the one writer need not look at texts at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// [`Telling::row`].
    pub row: RowId,
    /// [`Telling::body_digest`].
    pub body: Digest,
}

impl Telling {
    /// Makes the digests. Nothing that they are made of may change afterwards.
    pub fn seal(&mut self) {
        self.digests = Some(Digests {
            row: self.row(),
            body: self.body_digest(),
        });
    }

    /// The digest of what it says.
    #[must_use]
    pub fn body_digest(&self) -> Digest {
        self.digests
            .map_or_else(|| self.body.digest(), |made| made.body)
    }

    /// The row that this telling is for, unless its origin already belongs to another.
    #[must_use]
    pub fn row(&self) -> RowId {
        if let Some(made) = self.digests {
            return made.row;
        }
        match self.policy {
            Policy::Fold => RowId::of_key(&self.execution, &self.key),
            Policy::ById => RowId::of_id(&self.execution, self.origin.digest()),
        }
    }
}

/// One thing for the store to take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// An event.
    Event(Telling),
    /// What an execution is: its names, its engine, its creation, its aliases.
    Execution(ExecutionFact),
    /// To which execution and element an object belongs.
    Correlation(Correlation),
    /// A measured value of an element: kept beside the history, the latest of each name.
    Sample(Sample),
}

impl Observation {
    /// Whose history it is about.
    #[must_use]
    pub const fn execution(&self) -> &ExecutionKey {
        match self {
            Self::Event(telling) => &telling.execution,
            Self::Execution(fact) => &fact.key,
            Self::Correlation(correlation) => &correlation.execution,
            Self::Sample(sample) => &sample.execution,
        }
    }
}

/// What became of one observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new row.
    Created(RowId, Seq),
    /// A row that was there has changed.
    Merged(RowId, Seq),
    /// It said nothing new.
    Duplicate(RowId),
    /// Its execution was deleted, or pruned, at or after the time that it tells of.
    Buried,
    /// Not an event: recorded.
    Noted,
}
