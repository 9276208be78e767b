//! An operation of a lab, told as rows of the Nublado dialect. Pure.
//!
//! What is told of one state is always the same, so that telling it again changes nothing: the progress of a step, which
//! depends on those before it, is left to who shows it.

use std::sync::Arc;

use super::ENGINE;
use crate::model::event::Texts;
use crate::model::{
    Body, Dialect, EventType, Execution, ExecutionFact, ExecutionKey, Identity, InvolvedObject,
    Key, MessageKey, Observation, Origin, Policy, Telling, Time, Wire,
};
use crate::sources::derive::fit;
use crate::sources::events::Sighting;
use crate::sources::object::Meta;
use crate::sources::seat::Seat;

/// The kind and the group of an operation's execution.
pub(super) const KIND: &str = "Lab";
const GROUP: &str = "nublado.lsst.io";
const SPAWN: &str = "spawn";
const DELETE: &str = "delete";
const KINDS: [&str; 2] = [SPAWN, DELETE];
const REPORTER: &str = "nublado";
/// The longest message that is taken over, in bytes.
const LONGEST: usize = 64 * 1024;

/// An operation to tell of.
pub(super) struct Operation<'a> {
    key: ExecutionKey,
    user: &'a str,
    kind: &'static str,
}

/// A row, before it is told.
struct Line<'a> {
    /// Its place among those of one second, and its name within the operation.
    place: i64,
    id: &'a str,
    code: &'a str,
    event_type: EventType,
    item: &'a str,
    message: &'a str,
    /// Of whom an Event has told it: what its reason says is not said of the operation.
    involved: &'a str,
}

impl<'a> Operation<'a> {
    /// The making of a lab.
    pub(super) fn spawn(meta: &Meta, user: &'a str) -> Self {
        Self::of(meta, user, SPAWN)
    }

    /// The taking away of one.
    pub(super) fn delete(meta: &Meta, user: &'a str) -> Self {
        Self::of(meta, user, DELETE)
    }

    fn of(meta: &Meta, user: &'a str, kind: &'static str) -> Self {
        Self {
            key: ExecutionKey::new(&meta.namespace, &format!("{}.{kind}", meta.uid)),
            user,
            kind,
        }
    }

    /// The spawn that the index knows.
    pub(super) fn noted(seat: &'a Seat) -> Self {
        Self {
            key: seat.execution.clone(),
            user: &seat.elem_id,
            kind: SPAWN,
        }
    }

    /// One that is stored, if a Pod was told to be behind it.
    pub(super) fn stored(execution: &'a Execution, kind: &str) -> Option<Self> {
        let kind = KINDS.into_iter().find(|known| *known == kind)?;
        Some(Self {
            key: execution.key.clone(),
            user: &execution.identity.name,
            kind,
        })
    }

    /// Its Pod is not there any more, and nobody has seen it go.
    pub(super) fn vanished(&self, at: Time) -> Observation {
        match self.kind {
            SPAWN => self.end(at, "Operation cancelled"),
            _ => self.gone(at),
        }
    }

    /// Its execution.
    pub(super) const fn key(&self) -> &ExecutionKey {
        &self.key
    }

    /// A Pod is there: so the objects of the lab were created.
    pub(super) fn begin(&self, at: Time) -> Vec<Observation> {
        let starting = format!("Starting lab creation for {}", self.user);
        vec![
            self.fact(at),
            self.open(at),
            self.info(at, 1, 1, &starting),
            self.info(at, 2, 30, "Created Kubernetes objects for user lab"),
        ]
    }

    /// Its Pod is ready.
    pub(super) fn complete(&self, at: Time) -> Vec<Observation> {
        let message = format!("Lab Kubernetes pod started for {}", self.user);
        vec![self.told(
            at,
            Line {
                place: 999,
                id: "complete",
                code: "SuccessfulFinish",
                event_type: EventType::Normal,
                item: r#"{"tell":["complete",null]}"#,
                message: &message,
                involved: "",
            },
        )]
    }

    /// Its Pod has ended without ever being ready.
    pub(super) fn failed(&self, at: Time, why: &str) -> Vec<Observation> {
        let error = Line {
            place: 998,
            id: "error",
            code: "OperationError",
            event_type: EventType::Warning,
            item: r#"{"tell":["error",null]}"#,
            message: fit(why, LONGEST),
            involved: "",
        };
        vec![self.told(at, error), self.end(at, "Lab spawn failed")]
    }

    /// Its Pod is to be deleted before it is ready.
    pub(super) fn cancelled(&self, at: Time) -> Vec<Observation> {
        vec![self.end(at, "Operation cancelled")]
    }

    /// Its Pod is to be deleted.
    pub(super) fn begin_delete(&self, at: Time) -> Vec<Observation> {
        vec![
            self.fact(at),
            self.open(at),
            self.info(at, 1, 25, "Shutting down Kubernetes pod"),
        ]
    }

    /// Its Pod is gone.
    pub(super) fn gone(&self, at: Time) -> Observation {
        let message = format!("Lab for {} deleted", self.user);
        self.told(
            at,
            Line {
                place: 999,
                id: "gone",
                code: "SuccessfulFinish",
                event_type: EventType::Normal,
                item: r#"{"tell":["info",100]}"#,
                message: &message,
                involved: "",
            },
        )
    }

    /// An Event of its Pod. Another message of one that repeats is another step; a higher count is not.
    pub(super) fn step(&self, event: &Sighting) -> Observation {
        let message = fit(&event.message, LONGEST);
        let (at, name) = (event.first, &event.name);
        let id = format!("event {}:{name} {} {message}", name.len(), at.0);
        self.told(
            at,
            Line {
                place: 3,
                id: &id,
                code: event.code(),
                event_type: event.event_type(),
                item: r#""step""#,
                message,
                involved: &event.involved.uid,
            },
        )
    }

    fn fact(&self, created: Time) -> Observation {
        Observation::Execution(ExecutionFact {
            key: self.key.clone(),
            identity: Some(Identity {
                engine: ENGINE.into(),
                group: GROUP.into(),
                kind: KIND.into(),
                namespace: Box::from(&*self.key.tenant),
                name: self.user.into(),
            }),
            created: Some(created),
            aliases: Vec::new(),
        })
    }

    fn open(&self, at: Time) -> Observation {
        let item = format!(r#"{{"open":"{}"}}"#, self.kind);
        self.told(
            at,
            Line {
                place: 0,
                id: "open",
                code: "ActionStart",
                event_type: EventType::Normal,
                item: &item,
                message: "",
                involved: "",
            },
        )
    }

    fn info(&self, at: Time, place: i64, progress: u8, message: &str) -> Observation {
        let item = format!(r#"{{"tell":["info",{progress}]}}"#);
        self.told(
            at,
            Line {
                place,
                id: &format!("info {progress}"),
                code: "Progress",
                event_type: EventType::Normal,
                item: &item,
                message,
                involved: "",
            },
        )
    }

    fn end(&self, at: Time, message: &str) -> Observation {
        self.told(
            at,
            Line {
                place: 999,
                id: "failed",
                code: "FailedFinish",
                event_type: EventType::Warning,
                item: r#"{"tell":["failed",null]}"#,
                message,
                involved: "",
            },
        )
    }

    fn told(&self, at: Time, line: Line<'_>) -> Observation {
        let Self { key, user, kind } = self;
        let params: Texts = [("elem", *user), ("action", *kind)]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let namespace: Box<str> = (*key.tenant).into();
        let named = Time(at.0.saturating_add(line.place));
        Observation::Event(Telling {
            execution: key.clone(),
            key: Arc::new(Key {
                // Empty: the row is about the execution itself.
                element: Box::default(),
                elem_type: ENGINE.into(),
                action: (*kind).into(),
                event_type: line.event_type,
                code: line.code.into(),
                involved_uid: line.involved.into(),
                field_path: Box::default(),
                message: MessageKey::of(line.message),
            }),
            policy: Policy::ById,
            origin: Origin::of_id(&format!(
                "nublado pod:{}:{key}/{}",
                key.tenant.len(),
                line.id
            )),
            count: 1,
            first: at,
            last: at,
            name: format!("{user}.{}", named.to_hex()).into(),
            body: Arc::new(Body {
                message: line.message.into(),
                params,
                elem_id: (*user).into(),
                namespace: namespace.clone(),
                involved: InvolvedObject {
                    kind: KIND.into(),
                    namespace,
                    name: (*user).into(),
                },
                reporter: REPORTER.into(),
                wire: Some(Wire {
                    dialect: Dialect::Nublado,
                    item: line.item.into(),
                }),
                ..Body::default()
            }),
            digests: None,
        })
    }
}
