//! What a commit says of events and executions. Pure.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{BodyRecord, IdentityRecord, KeyRecord, identity, to_identity};
use crate::model::{ExecutionFact, ExecutionKey, Origin, Policy, RowId, Telling, Time};
use crate::store::embedded::raw::Raw;
use crate::store::embedded::repeat::{Known, Repeat};

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) struct TellingRecord<'a> {
    execution: u32,
    #[serde(borrow)]
    key: KeyRecord<'a>,
    folds: bool,
    once: bool,
    origin: Raw,
    count: u64,
    first: i64,
    last: i64,
    name: &'a str,
    body: BodyRecord<'a>,
}

impl<'a> TellingRecord<'a> {
    pub(in crate::store::embedded) fn of(telling: &'a Telling, execution: u32) -> Self {
        Self {
            execution,
            key: KeyRecord::of(&telling.key),
            folds: telling.policy == Policy::Fold,
            once: matches!(telling.origin, Origin::Once(_)),
            origin: Raw(telling.origin.digest()),
            count: telling.count,
            first: telling.first.0,
            last: telling.last.0,
            name: &telling.name,
            body: BodyRecord::of(&telling.body),
        }
    }

    pub(in crate::store::embedded) fn to_model(&self, keys: &[ExecutionKey]) -> Option<Telling> {
        let Raw(origin) = self.origin;
        Some(Telling {
            execution: keys.get(self.execution as usize)?.clone(),
            key: self.key.to_model().into(),
            policy: if self.folds {
                Policy::Fold
            } else {
                Policy::ById
            },
            origin: if self.once {
                Origin::Once(origin)
            } else {
                Origin::Counter(origin)
            },
            count: self.count,
            first: Time(self.first),
            last: Time(self.last),
            name: self.name.into(),
            body: self.body.to_model().into(),
            digests: None,
        })
    }
}

/// A telling that repeats a row: the change of that row says which, and what is left out is as the row has it.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) struct RepeatRecord<'a> {
    pub(in crate::store::embedded) change: u32,
    once: bool,
    origin: Raw,
    count: u64,
    first: i64,
    /// From `first` to `last`.
    long: i64,
    name: Option<&'a str>,
    #[serde(borrow)]
    body: Option<BodyRecord<'a>>,
}

impl<'a> RepeatRecord<'a> {
    pub(in crate::store::embedded) fn of(telling: &'a Telling, known: Known) -> Self {
        Self {
            change: known.change,
            once: matches!(telling.origin, Origin::Once(_)),
            origin: Raw(telling.origin.digest()),
            count: telling.count,
            first: telling.first.0,
            long: telling.last.0.wrapping_sub(telling.first.0),
            name: (!known.name).then_some(&*telling.name),
            body: (!known.body).then(|| BodyRecord::of(&telling.body)),
        }
    }

    pub(in crate::store::embedded) fn to_model(
        &self,
        execution: ExecutionKey,
        row: RowId,
    ) -> Repeat {
        let Raw(origin) = self.origin;
        Repeat {
            execution,
            row,
            origin: if self.once {
                Origin::Once(origin)
            } else {
                Origin::Counter(origin)
            },
            count: self.count,
            first: Time(self.first),
            last: Time(self.first.wrapping_add(self.long)),
            name: self.name.map(Into::into),
            body: self.body.as_ref().map(|body| Arc::new(body.to_model())),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) struct FactRecord<'a> {
    execution: u32,
    #[serde(borrow)]
    identity: Option<IdentityRecord<'a>>,
    created: Option<i64>,
    aliases: Vec<&'a str>,
}

impl<'a> FactRecord<'a> {
    pub(in crate::store::embedded) fn of(fact: &'a ExecutionFact, execution: u32) -> Self {
        Self {
            execution,
            identity: fact.identity.as_ref().map(identity),
            created: fact.created.map(|time| time.0),
            aliases: fact.aliases.iter().map(|alias| &**alias).collect(),
        }
    }

    pub(in crate::store::embedded) fn to_model(
        &self,
        keys: &[ExecutionKey],
    ) -> Option<ExecutionFact> {
        Some(ExecutionFact {
            key: keys.get(self.execution as usize)?.clone(),
            identity: self.identity.map(to_identity),
            created: self.created.map(Time),
            aliases: self.aliases.iter().map(|alias| (*alias).into()).collect(),
        })
    }
}
