//! A row as this dialect shows it, whoever told it. Pure.

use std::borrow::Cow;

use uuid::Uuid;

use super::convert::NAMESPACE;
use super::datum::{Datum, Scalar};
use super::iso;
use super::wire::{Item, Kept};
use crate::model::{Dialect, Row, Time};
use crate::text::{self, Facts, Lang};

/// A field of an event, as it can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Owner,
    Collection,
    Start,
    End,
    Value,
    Type,
    Source,
    ExternalId,
    Batch,
}

impl Field {
    /// Every field.
    pub(super) const ALL: [Self; 10] = [
        Self::Id,
        Self::Owner,
        Self::Collection,
        Self::Start,
        Self::End,
        Self::Value,
        Self::Type,
        Self::Source,
        Self::ExternalId,
        Self::Batch,
    ];

    /// As it is called on the wire.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Owner => "owner",
            Self::Collection => "collection",
            Self::Start => "start",
            Self::End => "end",
            Self::Value => "value",
            Self::Type => "type",
            Self::Source => "source",
            Self::ExternalId => "externalId",
            Self::Batch => "batch",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Whether it holds a time.
    pub(super) const fn is_time(self) -> bool {
        matches!(self, Self::Start | Self::End)
    }
}

/// A row, looked at as an event of this dialect; nothing is made before it is asked for.
pub(super) struct Seen<'a> {
    pub(super) row: &'a Row,
    /// `None` of what came otherwise.
    kept: Option<Kept<'a>>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        let wire = row.body().wire.as_ref();
        let own = wire.filter(|wire| wire.dialect == Dialect::Genomcore);
        let kept = own.and_then(|wire| serde_json::from_str(&wire.item).ok());
        Self { row, kept }
    }

    /// What a field holds.
    pub(super) fn get(&self, field: Field) -> Datum<'_> {
        match field {
            Field::Id => Datum::text(self.id()),
            Field::Owner => Datum::Scalar(self.owner()),
            Field::Collection => Datum::text(&*self.row.execution.id),
            Field::Start => Datum::Time(self.row.first()),
            Field::End => self.end().map_or(Datum::Missing, Datum::Time),
            Field::Value => Datum::text(self.value()),
            Field::Type => Datum::text(self.kind()),
            Field::Source => Datum::text(&*self.row.body().reporter),
            Field::ExternalId => Datum::text(self.external_id()),
            Field::Batch => self.batch().map_or(Datum::Missing, Datum::Scalar),
        }
    }

    /// As it is written.
    pub(super) fn shown<R>(&self, write: impl FnOnce(&Item<'_>) -> R) -> R {
        let (owner, batch, value) = (self.owner(), self.batch(), self.value());
        write(&Item {
            id: self.id(),
            owner: &owner,
            collection: &self.row.execution.id,
            start: iso::write(self.row.first()),
            end: self.end().map(iso::write),
            value: &value,
            kind: self.kind(),
            source: &self.row.body().reporter,
            external_id: self.external_id(),
            batch: batch.as_ref(),
            count: self.row.count(),
        })
    }

    fn id(&self) -> String {
        match self.kept {
            Some(_) => self.row.name().to_owned(),
            None => Uuid::new_v5(&NAMESPACE, &self.row.id.0.to_bytes()).to_string(),
        }
    }

    fn owner(&self) -> Scalar<'_> {
        match &self.kept {
            Some(kept) => kept.owner.clone(),
            None => Scalar::Text(Cow::Borrowed(&self.row.execution.tenant)),
        }
    }

    fn batch(&self) -> Option<Scalar<'_>> {
        self.kept.as_ref()?.batch.clone()
    }

    fn end(&self) -> Option<Time> {
        let is_given = self.kept.as_ref().is_none_or(|kept| kept.end);
        is_given.then(|| self.row.last())
    }

    /// The message as it was given; where none was, the catalogue's sentence in both languages.
    fn value(&self) -> Cow<'_, str> {
        let body = self.row.body();
        if self.kept.is_some() || !body.message.trim().is_empty() {
            return Cow::Borrowed(&body.message);
        }
        let params: Vec<(&str, &str)> = body.params.iter().map(|(k, v)| (&**k, &**v)).collect();
        let facts = Facts {
            code: &self.row.key.code,
            params: &params,
            reason: &body.reason,
            message: &body.message,
            namespace: &body.namespace,
        };
        Cow::Owned(text::render(&facts, Lang::Both).message.into_owned())
    }

    fn kind(&self) -> &str {
        match self.kept {
            Some(_) => &self.row.body().reason,
            None => &self.row.key.code,
        }
    }

    fn external_id(&self) -> &str {
        let body = self.row.body();
        match self.kept {
            None if !self.row.key.element.is_empty() => &self.row.key.element,
            _ => &body.elem_id,
        }
    }
}
