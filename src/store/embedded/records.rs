//! What a commit holds, as it is written: mirrors of the model's types, which know nothing of disks. Pure.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::raw::Raw;
use super::repeat::{Known, Repeat};
use crate::model::event::Texts;
use crate::model::{
    Body, Correlation, Dialect, EventType, Execution, ExecutionFact, ExecutionKey, ExecutionSight,
    Identity, InvolvedObject, Key, MessageKey, Origin, Phase, Policy, RowId, Sample, Seq, Status,
    Telling, Time, Wire,
};
use crate::store::ledger::Tombstone;

pub(super) type Bytes16 = [u8; 16];

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum TypeRecord<'a> {
    Normal,
    Warning,
    Other(&'a str),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeyRecord<'a> {
    pub(super) element: &'a str,
    pub(super) elem_type: &'a str,
    pub(super) action: &'a str,
    #[serde(borrow)]
    pub(super) event_type: TypeRecord<'a>,
    pub(super) code: &'a str,
    pub(super) involved_uid: &'a str,
    pub(super) field_path: &'a str,
    pub(super) message: Option<&'a str>,
}

impl<'a> KeyRecord<'a> {
    pub(super) fn of(key: &'a Key) -> Self {
        Self {
            element: &key.element,
            elem_type: &key.elem_type,
            action: &key.action,
            event_type: match &key.event_type {
                EventType::Normal => TypeRecord::Normal,
                EventType::Warning => TypeRecord::Warning,
                EventType::Other(text) => TypeRecord::Other(text),
            },
            code: &key.code,
            involved_uid: &key.involved_uid,
            field_path: &key.field_path,
            message: match &key.message {
                MessageKey::Text(text) => Some(text),
                MessageKey::Aggregate => None,
            },
        }
    }

    pub(super) fn to_model(&self) -> Key {
        Key {
            element: self.element.into(),
            elem_type: self.elem_type.into(),
            action: self.action.into(),
            event_type: match self.event_type {
                TypeRecord::Normal => EventType::Normal,
                TypeRecord::Warning => EventType::Warning,
                TypeRecord::Other(text) => EventType::Other(text.into()),
            },
            code: self.code.into(),
            involved_uid: self.involved_uid.into(),
            field_path: self.field_path.into(),
            message: self
                .message
                .map_or(MessageKey::Aggregate, |text| MessageKey::Text(text.into())),
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum DialectRecord {
    Prefect,
    Nublado,
    Genomcore,
    Dataflow,
}

impl DialectRecord {
    pub(super) const fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Prefect => Self::Prefect,
            Dialect::Nublado => Self::Nublado,
            Dialect::Genomcore => Self::Genomcore,
            Dialect::Dataflow => Self::Dataflow,
        }
    }

    pub(super) const fn to_model(self) -> Dialect {
        match self {
            Self::Prefect => Dialect::Prefect,
            Self::Nublado => Dialect::Nublado,
            Self::Genomcore => Dialect::Genomcore,
            Self::Dataflow => Dialect::Dataflow,
        }
    }
}

type PairsRecord<'a> = Vec<(&'a str, &'a str)>;

fn texts(texts: &Texts) -> PairsRecord<'_> {
    texts.iter().map(|(key, text)| (&**key, &**text)).collect()
}

fn to_texts(record: &PairsRecord<'_>) -> Texts {
    let pairs = record.iter();
    pairs
        .map(|(key, text)| ((*key).into(), (*text).into()))
        .collect()
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BodyRecord<'a> {
    pub(super) reason: &'a str,
    pub(super) message: &'a str,
    #[serde(borrow)]
    pub(super) params: PairsRecord<'a>,
    pub(super) elem_id: &'a str,
    pub(super) namespace: &'a str,
    pub(super) involved: (&'a str, &'a str, &'a str),
    pub(super) reporter: &'a str,
    pub(super) labels: PairsRecord<'a>,
    pub(super) payload: Option<&'a str>,
    pub(super) at_least: bool,
    #[serde(borrow)]
    pub(super) wire: Option<(DialectRecord, &'a str)>,
}

impl<'a> BodyRecord<'a> {
    pub(super) fn of(body: &'a Body) -> Self {
        let involved = &body.involved;
        Self {
            reason: &body.reason,
            message: &body.message,
            params: texts(&body.params),
            elem_id: &body.elem_id,
            namespace: &body.namespace,
            involved: (&involved.kind, &involved.namespace, &involved.name),
            reporter: &body.reporter,
            labels: texts(&body.labels),
            payload: body.payload.as_deref(),
            at_least: body.at_least,
            wire: body
                .wire
                .as_ref()
                .map(|wire| (DialectRecord::of(wire.dialect), &*wire.item)),
        }
    }

    pub(super) fn to_model(&self) -> Body {
        let (kind, namespace, name) = self.involved;
        Body {
            reason: self.reason.into(),
            message: self.message.into(),
            params: to_texts(&self.params),
            elem_id: self.elem_id.into(),
            namespace: self.namespace.into(),
            involved: InvolvedObject {
                kind: kind.into(),
                namespace: namespace.into(),
                name: name.into(),
            },
            reporter: self.reporter.into(),
            labels: to_texts(&self.labels),
            payload: self.payload.map(Into::into),
            at_least: self.at_least,
            wire: self.wire.map(|(dialect, item)| Wire {
                dialect: dialect.to_model(),
                item: item.into(),
            }),
        }
    }
}

pub(super) type ExecutionKeyRecord<'a> = (&'a str, &'a str);

pub(super) fn key_record(key: &ExecutionKey) -> ExecutionKeyRecord<'_> {
    (&key.tenant, &key.id)
}

pub(super) fn to_key((tenant, id): ExecutionKeyRecord<'_>) -> ExecutionKey {
    ExecutionKey::new(tenant, id)
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TellingRecord<'a> {
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
    pub(super) fn of(telling: &'a Telling, execution: u32) -> Self {
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

    pub(super) fn to_model(&self, keys: &[ExecutionKey]) -> Option<Telling> {
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
pub(super) struct RepeatRecord<'a> {
    pub(super) change: u32,
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
    pub(super) fn of(telling: &'a Telling, known: Known) -> Self {
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

    pub(super) fn to_model(&self, execution: ExecutionKey, row: RowId) -> Repeat {
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

type IdentityRecord<'a> = [&'a str; 5];

fn identity(identity: &Identity) -> IdentityRecord<'_> {
    [
        &identity.engine,
        &identity.group,
        &identity.kind,
        &identity.namespace,
        &identity.name,
    ]
}

fn to_identity(record: IdentityRecord<'_>) -> Identity {
    let [engine, group, kind, namespace, name] = record.map(Box::from);
    Identity {
        engine,
        group,
        kind,
        namespace,
        name,
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FactRecord<'a> {
    execution: u32,
    #[serde(borrow)]
    identity: Option<IdentityRecord<'a>>,
    created: Option<i64>,
    aliases: Vec<&'a str>,
}

impl<'a> FactRecord<'a> {
    pub(super) fn of(fact: &'a ExecutionFact, execution: u32) -> Self {
        Self {
            execution,
            identity: fact.identity.as_ref().map(identity),
            created: fact.created.map(|time| time.0),
            aliases: fact.aliases.iter().map(|alias| &**alias).collect(),
        }
    }

    pub(super) fn to_model(&self, keys: &[ExecutionKey]) -> Option<ExecutionFact> {
        Some(ExecutionFact {
            key: keys.get(self.execution as usize)?.clone(),
            identity: self.identity.map(to_identity),
            created: self.created.map(Time),
            aliases: self.aliases.iter().map(|alias| (*alias).into()).collect(),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CorrelationRecord<'a> {
    uid: &'a str,
    execution: ExecutionKeyRecord<'a>,
    element: &'a str,
    elem_id: &'a str,
    elem_type: &'a str,
    seen: i64,
}

impl<'a> CorrelationRecord<'a> {
    pub(super) fn of(correlation: &'a Correlation) -> Self {
        Self {
            uid: &correlation.uid,
            execution: key_record(&correlation.execution),
            element: &correlation.element,
            elem_id: &correlation.elem_id,
            elem_type: &correlation.elem_type,
            seen: correlation.seen.0,
        }
    }

    pub(super) fn to_model(&self) -> Correlation {
        Correlation {
            uid: self.uid.into(),
            execution: to_key(self.execution),
            element: self.element.into(),
            elem_id: self.elem_id.into(),
            elem_type: self.elem_type.into(),
            seen: Time(self.seen),
        }
    }
}

/// A sample in `samples`, and in the log beside its execution's place.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SampleRecord<'a> {
    element: &'a str,
    name: &'a str,
    at: i64,
    value: &'a str,
}

impl<'a> SampleRecord<'a> {
    pub(super) fn of(sample: &'a Sample) -> Self {
        Self {
            element: &sample.element,
            name: &sample.name,
            at: sample.at.0,
            value: &sample.value,
        }
    }

    pub(super) fn to_model(&self, execution: &ExecutionKey) -> Sample {
        Sample {
            execution: execution.clone(),
            element: self.element.into(),
            name: self.name.into(),
            at: Time(self.at),
            value: self.value.into(),
        }
    }
}

/// The phase at a place.
fn phase(at: u8) -> Phase {
    let found = Phase::ALL.get(usize::from(at));
    found.copied().unwrap_or_default()
}

/// An execution in `executions`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ExecutionRecord<'a> {
    #[serde(borrow)]
    key: ExecutionKeyRecord<'a>,
    identity: IdentityRecord<'a>,
    created: Option<i64>,
    told: i64,
    last_told: i64,
    status: (i64, u8),
    aliases: Vec<&'a str>,
    seq: u64,
    pruned: u64,
    pruned_before: i64,
    /// Commits up to this one are in its blocks.
    pub(super) checkpointed: u64,
}

impl<'a> ExecutionRecord<'a> {
    pub(super) fn of(execution: &'a Execution, checkpointed: u64) -> Self {
        let status = execution.status;
        let phase = Phase::ALL.iter().position(|phase| *phase == status.phase);
        Self {
            key: key_record(&execution.key),
            identity: identity(&execution.identity),
            created: execution.created.map(|time| time.0),
            told: execution.told.0,
            last_told: execution.last_told.0,
            status: (status.at.0, phase.map_or(0, |at| at as u8)),
            aliases: execution.aliases.iter().map(|alias| &**alias).collect(),
            seq: execution.seq.0,
            pruned: execution.pruned.0,
            pruned_before: execution.pruned_before.0,
            checkpointed,
        }
    }

    /// Its key.
    pub(super) const fn key(&self) -> ExecutionKeyRecord<'a> {
        self.key
    }

    /// What is filtered by.
    pub(super) fn sight(&self) -> ExecutionSight<'a> {
        let [_, group, kind, _, name] = self.identity;
        ExecutionSight {
            tenant: self.key.0,
            name,
            kind,
            group,
            phase: phase(self.status.1),
            made: Time(self.created.unwrap_or(self.told)),
            last_told: Time(self.last_told),
        }
    }

    pub(super) fn to_model(&self) -> Execution {
        let (at, status) = self.status;
        Execution {
            key: to_key(self.key),
            identity: to_identity(self.identity),
            created: self.created.map(Time),
            told: Time(self.told),
            last_told: Time(self.last_told),
            status: Status {
                at: Time(at),
                phase: phase(status),
            },
            aliases: self.aliases.iter().map(|alias| (*alias).into()).collect(),
            seq: Seq(self.seq),
            pruned: Seq(self.pruned),
            pruned_before: Time(self.pruned_before),
        }
    }
}

/// A tombstone in `tombstones`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TombstoneRecord<'a> {
    #[serde(borrow)]
    pub(super) key: ExecutionKeyRecord<'a>,
    pub(super) at: i64,
    pub(super) last_told: i64,
    pub(super) seq: u64,
}

impl<'a> TombstoneRecord<'a> {
    pub(super) fn of(key: &'a ExecutionKey, left: &Tombstone) -> Self {
        Self {
            key: key_record(key),
            at: left.at.0,
            last_told: left.last_told.0,
            seq: left.seq.0,
        }
    }

    pub(super) fn to_model(&self) -> Tombstone {
        Tombstone {
            at: Time(self.at),
            last_told: Time(self.last_told),
            seq: Seq(self.seq),
        }
    }
}

/// How far the blocks and the log reach, in `state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StateRecord {
    /// Every commit up to this one is in the blocks.
    pub(super) checkpointed: u64,
    /// The highest Seq of those commits.
    pub(super) seq: u64,
    /// Executions that are told of from now on are numbered from here.
    pub(super) next_number: u64,
    /// The last commit that was cut off the log's beginning.
    pub(super) cut: u64,
    /// The highest Seq of what was cut off.
    pub(super) cut_seq: u64,
    /// Bytes of all blocks; they stand beside it, in `stored`.
    #[serde(skip)]
    pub(super) stored: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_written_by_their_place_which_may_not_change() {
        let names = Phase::ALL.map(Phase::as_str);
        let pinned = [
            "Pending",
            "Running",
            "Succeeded",
            "Cancelled",
            "Failed",
            "Error",
        ];
        assert_eq!(names, pinned);
    }
}
