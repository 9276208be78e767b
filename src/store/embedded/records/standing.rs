//! What stands in a keyspace of its own. Pure.

use serde::{Deserialize, Serialize};

use super::{ExecutionKeyRecord, IdentityRecord, identity, key_record, to_identity, to_key};
use crate::model::{
    Correlation, Execution, ExecutionKey, ExecutionSight, Phase, Sample, Seq, Status, Time,
};
use crate::store::ledger::Tombstone;

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) struct CorrelationRecord<'a> {
    uid: &'a str,
    execution: ExecutionKeyRecord<'a>,
    element: &'a str,
    elem_id: &'a str,
    elem_type: &'a str,
    seen: i64,
}

impl<'a> CorrelationRecord<'a> {
    pub(in crate::store::embedded) fn of(correlation: &'a Correlation) -> Self {
        Self {
            uid: &correlation.uid,
            execution: key_record(&correlation.execution),
            element: &correlation.element,
            elem_id: &correlation.elem_id,
            elem_type: &correlation.elem_type,
            seen: correlation.seen.0,
        }
    }

    pub(in crate::store::embedded) fn to_model(&self) -> Correlation {
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
pub(in crate::store::embedded) struct SampleRecord<'a> {
    element: &'a str,
    name: &'a str,
    at: i64,
    value: &'a str,
}

impl<'a> SampleRecord<'a> {
    pub(in crate::store::embedded) fn of(sample: &'a Sample) -> Self {
        Self {
            element: &sample.element,
            name: &sample.name,
            at: sample.at.0,
            value: &sample.value,
        }
    }

    pub(in crate::store::embedded) fn to_model(&self, execution: &ExecutionKey) -> Sample {
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
pub(in crate::store::embedded) struct ExecutionRecord<'a> {
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
    pub(in crate::store::embedded) checkpointed: u64,
}

impl<'a> ExecutionRecord<'a> {
    pub(in crate::store::embedded) fn of(execution: &'a Execution, checkpointed: u64) -> Self {
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
    pub(in crate::store::embedded) const fn key(&self) -> ExecutionKeyRecord<'a> {
        self.key
    }

    /// What is filtered by.
    pub(in crate::store::embedded) fn sight(&self) -> ExecutionSight<'a> {
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

    pub(in crate::store::embedded) fn to_model(&self) -> Execution {
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
pub(in crate::store::embedded) struct TombstoneRecord<'a> {
    #[serde(borrow)]
    pub(in crate::store::embedded) key: ExecutionKeyRecord<'a>,
    pub(in crate::store::embedded) at: i64,
    pub(in crate::store::embedded) last_told: i64,
    pub(in crate::store::embedded) seq: u64,
}

impl<'a> TombstoneRecord<'a> {
    pub(in crate::store::embedded) fn of(key: &'a ExecutionKey, left: &Tombstone) -> Self {
        Self {
            key: key_record(key),
            at: left.at.0,
            last_told: left.last_told.0,
            seq: left.seq.0,
        }
    }

    pub(in crate::store::embedded) fn to_model(&self) -> Tombstone {
        Tombstone {
            at: Time(self.at),
            last_told: Time(self.last_told),
            seq: Seq(self.seq),
        }
    }
}

/// How far the blocks and the log reach, in `state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store::embedded) struct StateRecord {
    /// Every commit up to this one is in the blocks.
    pub(in crate::store::embedded) checkpointed: u64,
    /// The highest Seq of those commits.
    pub(in crate::store::embedded) seq: u64,
    /// Executions that are told of from now on are numbered from here.
    pub(in crate::store::embedded) next_number: u64,
    /// The last commit that was cut off the log's beginning.
    pub(in crate::store::embedded) cut: u64,
    /// The highest Seq of what was cut off.
    pub(in crate::store::embedded) cut_seq: u64,
    /// Bytes of all blocks; they stand beside it, in `stored`.
    #[serde(skip)]
    pub(in crate::store::embedded) stored: u64,
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
