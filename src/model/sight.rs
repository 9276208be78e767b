//! What a row shows, borrowed from wherever it is kept: a history is written from this without making rows of it. Pure.

use super::event::{Row, RowId};
use super::query::Position;
use super::time::Time;

/// A row as it is read.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// Its id.
    pub id: RowId,
    /// When it was first seen.
    pub first: Time,
    /// When it was last seen.
    pub last: Time,
    /// How often.
    pub count: u64,
    /// Its name.
    pub name: &'a str,
    /// `type`.
    pub event_type: &'a str,
    /// `elemType`.
    pub elem_type: &'a str,
    /// `elemId`, as shown.
    pub elem_id: &'a str,
    /// `actionName`.
    pub action: &'a str,
    /// The reason's code.
    pub code: &'a str,
    /// The reason as its source gave it.
    pub reason: &'a str,
    /// The message as its source gave it.
    pub message: &'a str,
    /// What the catalogue makes a message of, where there is none.
    pub params: &'a [(&'a str, &'a str)],
    /// The event's namespace.
    pub namespace: &'a str,
    /// The involved object's namespace.
    pub involved_namespace: &'a str,
    /// The involved object's name.
    pub involved_name: &'a str,
}

impl<'a> Sight<'a> {
    /// Of a row whose parameters were gathered.
    #[must_use]
    pub fn of(row: &'a Row, params: &'a [(&'a str, &'a str)]) -> Self {
        let (key, body) = (&*row.key, row.body());
        Self {
            id: row.id,
            first: row.first(),
            last: row.last(),
            count: row.count(),
            name: row.name(),
            event_type: key.event_type.as_str(),
            elem_type: &key.elem_type,
            elem_id: &body.elem_id,
            action: &key.action,
            code: &key.code,
            reason: &body.reason,
            message: &body.message,
            params,
            namespace: &body.namespace,
            involved_namespace: &body.involved.namespace,
            involved_name: &body.involved.name,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            first: self.first,
            name: self.name.into(),
            row: self.id,
        }
    }
}

impl Row {
    /// The parameters of its message.
    #[must_use]
    pub fn params(&self) -> Vec<(&str, &str)> {
        let params = self.body().params.iter();
        params.map(|(name, value)| (&**name, &**value)).collect()
    }
}
