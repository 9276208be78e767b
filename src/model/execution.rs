//! An execution: its identity, what is known of it, and how that merges. Pure.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::event::Key;
use super::seq::Seq;
use super::time::Time;

/// (tenant, id): the identity of an execution. The id is opaque.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionKey {
    /// The Kubernetes namespace, else the one configured for the token or dialect. Access is decided on it.
    pub tenant: Arc<str>,
    /// A Kubernetes uid, a GCS guid, a Prefect flow run, a Dataflow job.
    pub id: Arc<str>,
}

impl ExecutionKey {
    /// A key from its two texts.
    #[must_use]
    pub fn new(tenant: &str, id: &str) -> Self {
        Self {
            tenant: tenant.into(),
            id: id.into(),
        }
    }
}

impl fmt::Display for ExecutionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.id)
    }
}

/// Where an execution stands. The order is the tie-breaker between two told of one time: the end wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Told of, not started.
    #[default]
    Pending,
    /// Started.
    Running,
    /// Ended as it should.
    Succeeded,
    /// Stopped by somebody.
    Cancelled,
    /// Ended otherwise.
    Failed,
    /// Ended by a fault of the engine.
    Error,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Running,
        Self::Succeeded,
        Self::Cancelled,
        Self::Failed,
        Self::Error,
    ];

    /// Whether nothing follows, unless the engine starts it again.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Cancelled | Self::Failed | Self::Error
        )
    }

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
            Self::Error => "Error",
        }
    }

    /// The phase that a derived row's code says its element has entered; `None` for every other code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "Created" | "Queued" | "Suspended" => Self::Pending,
            "Admitted" | "ActionStart" | "Resumed" => Self::Running,
            "SuccessfulFinish" => Self::Succeeded,
            "FailedFinish" | "TimedOut" => Self::Failed,
            "ErrorFinish" => Self::Error,
            "Cancelled" => Self::Cancelled,
            _ => return None,
        })
    }
}

/// A phase and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Status {
    /// Since when, by the source's clock.
    pub at: Time,
    /// The phase.
    pub phase: Phase,
}

/// The names by which people know an execution. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// `<Engine>.<kind>`.
    pub engine: Box<str>,
    /// The API group of its kind; empty for the core group.
    pub group: Box<str>,
    /// Its kind.
    pub kind: Box<str>,
    /// Its namespace.
    pub namespace: Box<str>,
    /// Its name; not unique in time.
    pub name: Box<str>,
}

/// What a source or a client tells about an execution itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionFact {
    /// Which.
    pub key: ExecutionKey,
    /// Its names; `None` says nothing about them.
    pub identity: Option<Identity>,
    /// When it was created, by the source's clock.
    pub created: Option<Time>,
    /// Other ids of the same execution.
    pub aliases: Vec<Box<str>>,
}

/// What is known of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Which.
    pub key: ExecutionKey,
    /// Its names.
    pub identity: Identity,
    /// When it was created; before that is told, the first time that any of its rows tells of.
    pub created: Option<Time>,
    /// When it was first told of, by the store's clock.
    pub told: Time,
    /// When it was last told of, by the store's clock.
    pub last_told: Time,
    /// Where it stands.
    pub status: Status,
    /// Other ids of the same execution.
    pub aliases: BTreeSet<Box<str>>,
    /// Of the latest change to any of its rows.
    pub seq: Seq,
    /// Followers who stand before this have missed a removal and begin anew.
    pub pruned: Seq,
    /// What tells of this time or earlier is dropped: retention has removed it.
    pub pruned_before: Time,
}

impl Execution {
    /// One that was just told of.
    #[must_use]
    pub fn new(key: ExecutionKey, now: Time) -> Self {
        Self {
            key,
            identity: Identity::default(),
            created: None,
            told: now,
            last_told: now,
            status: Status {
                at: Time::MIN,
                phase: Phase::Pending,
            },
            aliases: BTreeSet::new(),
            seq: Seq::ZERO,
            pruned: Seq::ZERO,
            pruned_before: Time::MIN,
        }
    }

    /// Joins a fact; true if it was news. Commutative, associative, idempotent.
    pub fn learn(&mut self, fact: &ExecutionFact) -> bool {
        let mut news = false;
        if let Some(identity) = &fact.identity
            && *identity > self.identity
        {
            self.identity = identity.clone();
            news = true;
        }
        if let Some(created) = fact.created
            && self.created.is_none_or(|known| created < known)
        {
            self.created = Some(created);
            news = true;
        }
        for alias in &fact.aliases {
            if **alias != *self.key.id {
                news |= self.aliases.insert(alias.clone());
            }
        }
        news
    }

    /// Joins what another history knows of it; true if it was news. Numbers of either history say nothing in the other.
    /// Commutative, associative, idempotent.
    pub fn join(&mut self, other: &Self) -> bool {
        let mut news = self.learn(&ExecutionFact {
            key: other.key.clone(),
            identity: Some(other.identity.clone()),
            created: other.created,
            aliases: other.aliases.iter().cloned().collect(),
        });
        let known = (self.told, self.last_told, self.status, self.pruned_before);
        self.told = self.told.min(other.told);
        self.last_told = self.last_told.max(other.last_told);
        self.status = self.status.max(other.status);
        self.pruned_before = self.pruned_before.max(other.pruned_before);
        news |= known != (self.told, self.last_told, self.status, self.pruned_before);
        news
    }

    /// Notes that something happens in it, so it is under way: any phase that is told wins over this.
    pub fn underway(&mut self) {
        self.status = self.status.max(Status {
            at: Time::MIN,
            phase: Phase::Running,
        });
    }

    /// Joins what a row about the execution itself says of its phase; true if it was news.
    pub fn follow(&mut self, key: &Key, at: Time) -> bool {
        let own = key.is_of(&self.key);
        let status = match Phase::of_code(&key.code) {
            Some(phase) if own => Status { at, phase },
            // Something happens in it, so it is under way; the earliest of all times, so that any phase wins.
            _ => Status {
                at: Time::MIN,
                phase: Phase::Running,
            },
        };
        let news = status > self.status;
        self.status = self.status.max(status);
        news
    }
}
