//! Between this dialect and the model: an operation is an execution, an event is a row by its id. Pure.

use std::sync::Arc;

use super::operation;
use super::wire::{Event, EventType, Item, Kind};
use crate::model::event::Texts;
use crate::model::{
    Body, Dialect, EventType as Sort, ExecutionFact, ExecutionKey, Identity, InvolvedObject, Key,
    MessageKey, Observation, Origin, Policy, Row, Telling, Time, Wire,
};
use crate::text::{self, Facts, Lang};

/// The kind of an operation's execution; its group and engine.
pub(super) const KIND: &str = "Lab";
const GROUP: &str = "nublado.lsst.io";
pub(super) const ENGINE: &str = "Nublado.Lab";
/// The reporter of what was told here.
const REPORTER: &str = "nublado";

/// An operation to tell of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// Its execution.
    pub(super) key: &'a ExecutionKey,
    /// Whose lab it is.
    pub(super) user: &'a str,
    /// What it does.
    pub(super) kind: Kind,
}

impl Subject<'_> {
    /// The names of the execution.
    pub(super) fn fact(self, created: Time) -> Observation {
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

    /// Its first row.
    pub(super) fn open(self, at: Time) -> Observation {
        let item = Item::Open(self.kind);
        self.row(0, at, "ActionStart", Sort::Normal, "", item)
    }

    /// An event.
    pub(super) fn tell(self, ordinal: u64, at: Time, event: &Event) -> Observation {
        let (code, sort) = match event.of {
            EventType::Failed => ("FailedFinish", Sort::Warning),
            EventType::Error => ("OperationError", Sort::Warning),
            _ if operation::ends(self.kind, event) => ("SuccessfulFinish", Sort::Normal),
            _ => ("Progress", Sort::Normal),
        };
        let item = Item::Tell(event.of, event.progress);
        self.row(ordinal, at, code, sort, &event.message, item)
    }

    /// That it is over, though no event said so.
    pub(super) fn close(self, ordinal: u64, at: Time) -> Observation {
        self.row(
            ordinal,
            at,
            "SuccessfulFinish",
            Sort::Normal,
            "",
            Item::Close,
        )
    }

    /// That another one has taken its place.
    pub(super) fn cut_off(self, ordinal: u64, at: Time) -> Observation {
        self.row(ordinal, at, "Cancelled", Sort::Normal, "", Item::Close)
    }

    fn row(
        self,
        ordinal: u64,
        at: Time,
        code: &str,
        sort: Sort,
        message: &str,
        item: Item,
    ) -> Observation {
        let Self { key, user, kind } = self;
        let params: Texts = [("elem", user), ("action", kind.as_str())]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let namespace: Box<str> = (*key.tenant).into();
        let tenant = key.tenant.len();
        Observation::Event(Telling {
            execution: key.clone(),
            key: Arc::new(Key {
                // Empty: the row is about the execution itself.
                element: Box::default(),
                elem_type: ENGINE.into(),
                action: kind.as_str().into(),
                event_type: sort,
                code: code.into(),
                involved_uid: Box::default(),
                field_path: Box::default(),
                message: MessageKey::of(message),
            }),
            policy: Policy::ById,
            origin: Origin::of_id(&format!("nublado:{tenant}:{key}/{ordinal}")),
            count: 1,
            first: at,
            last: at,
            name: format!("{user}.{}", at.to_hex()).into(),
            body: Arc::new(Body {
                message: message.into(),
                params,
                elem_id: user.into(),
                namespace: namespace.clone(),
                involved: InvolvedObject {
                    kind: KIND.into(),
                    namespace,
                    name: user.into(),
                },
                reporter: REPORTER.into(),
                wire: Some(Wire {
                    dialect: Dialect::Nublado,
                    item: serde_json::to_string(&item)
                        .expect("names and numbers are JSON")
                        .into(),
                }),
                ..Body::default()
            }),
            digests: None,
        })
    }
}

/// What a row of this dialect is; `None` for one of another.
pub(super) fn item(row: &Row) -> Option<Item> {
    let wire = row.body().wire.as_ref();
    let wire = wire.filter(|wire| wire.dialect == Dialect::Nublado)?;
    serde_json::from_str(&wire.item).ok()
}

/// A row that another dialect has told of an operation: its message, or the words that the catalogue has for it. It
/// ends nothing, and has no progress.
pub(super) fn foreign(row: &Row) -> Event {
    let body = row.body();
    let params: Vec<(&str, &str)> = body.params.iter().map(|(k, v)| (&**k, &**v)).collect();
    let words = text::render(
        &Facts {
            code: &row.key.code,
            params: &params,
            reason: &body.reason,
            message: &body.message,
            namespace: &body.namespace,
        },
        Lang::En,
    );
    let message = if words.message.trim().is_empty() {
        words.reason
    } else {
        words.message
    };
    Event {
        of: if row.key.event_type == Sort::Warning {
            EventType::Error
        } else {
            EventType::Info
        },
        message: message.into(),
        progress: None,
    }
}
