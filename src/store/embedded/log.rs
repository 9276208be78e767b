//! A commit: what is appended together, numbered, and written as one value of the log. Pure.
//!
//! It states what was told, never what to add, and which rows got which Seq. So it can be replayed over a state
//! that has some of it already, and followers read from it what has changed. What repeats a row is told by what is new
//! of it: the row is there when it is replayed, as it was there when it was told.

use std::borrow::Cow;

use rapidhash::RapidHashMap;
use serde::{Deserialize, Serialize};

use super::codec;
use super::raw::Raw;
use super::records::{
    CorrelationRecord, DialectRecord, ExecutionKeyRecord, FactRecord, RepeatRecord, SampleRecord,
    TellingRecord, TombstoneRecord, key_record, to_key,
};
use super::repeat::{Known, Repeat};
use super::saved::SavedRecord;
use crate::model::{
    Correlation, Dialect, ExecutionFact, ExecutionKey, RowId, Sample, Saved, Seq, Telling, Time,
};
use crate::store::ledger::Tombstone;
use crate::store::{Error, Keep};

/// One step of the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Change {
    /// A row is new or has changed.
    Row(u32, Raw),
    /// A row has lost its last origin; or followers begin anew, and no row has this id.
    Gone(u32, Raw),
    /// An execution was deleted.
    Deleted(u32),
}

/// The beginning of a commit: all that followers need.
#[derive(Debug)]
pub(super) struct Head {
    /// Commits are numbered without a gap.
    pub(super) number: u64,
    /// The Seq of the first change; the others follow it.
    pub(super) first: Seq,
    /// When, by the caller's clock.
    pub(super) now: Time,
    /// The executions that the rest speaks of by their place here.
    pub(super) keys: Vec<ExecutionKey>,
    /// The changes.
    pub(super) changes: Vec<Change>,
}

impl Head {
    /// The highest Seq after this commit.
    pub(super) fn last(&self) -> Seq {
        Seq(self.first.0 + self.changes.len() as u64 - 1)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        Ok(codec::unseal_first::<HeadRecord<'_>>(bytes, "a commit in the log")?.to_head())
    }
}

/// From when on things are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sweep {
    pub(super) ids: Time,
    pub(super) tombstones: Time,
    pub(super) correlations: Time,
}

impl Sweep {
    fn times(self) -> [i64; 3] {
        [self.ids.0, self.tombstones.0, self.correlations.0]
    }

    fn of([ids, tombstones, correlations]: [i64; 3]) -> Self {
        Self {
            ids: Time(ids),
            tombstones: Time(tombstones),
            correlations: Time(correlations),
        }
    }
}

/// What was done, so that it can be done again.
#[derive(Debug)]
pub(super) enum Deed {
    Tell(Telling),
    /// A telling of a row that is there.
    Repeat(Repeat),
    Learn(ExecutionFact),
    Correlate(Correlation),
    /// A tombstone was needed.
    Bury(ExecutionKey),
    Delete(ExecutionKey),
    Sweep(Sweep),
    /// Rows that keep their identity were taken away, those of one dialect.
    Remove(ExecutionKey, Dialect),
    Measure(Sample),
    /// What another history has kept was joined; the own sums are apart.
    Restore(Saved),
    /// A tombstone was carried in.
    Entomb(ExecutionKey, Tombstone),
    /// Old rows were taken away.
    Prune(ExecutionKey, Keep),
}

/// The same, borrowed from who does it.
#[derive(Clone, Copy, Debug)]
pub(super) enum DeedRef<'a> {
    Tell(&'a Telling),
    Repeat(&'a Telling, Known),
    Learn(&'a ExecutionFact),
    Correlate(&'a Correlation),
    Bury(&'a ExecutionKey),
    Delete(&'a ExecutionKey),
    Sweep(Sweep),
    Remove(&'a ExecutionKey, Dialect),
    Measure(&'a Sample),
    Restore(&'a Saved),
    Entomb(&'a ExecutionKey, Tombstone),
    Prune(&'a ExecutionKey, Keep),
}

#[derive(Serialize, Deserialize)]
struct HeadRecord<'a> {
    number: u64,
    first: u64,
    now: i64,
    #[serde(borrow)]
    keys: Vec<ExecutionKeyRecord<'a>>,
    changes: Cow<'a, [Change]>,
}

impl HeadRecord<'_> {
    fn to_head(&self) -> Head {
        Head {
            number: self.number,
            first: Seq(self.first),
            now: Time(self.now),
            keys: self.keys.iter().map(|key| to_key(*key)).collect(),
            changes: self.changes.to_vec(),
        }
    }
}

#[derive(Serialize, Deserialize)]
enum DeedRecord<'a> {
    #[serde(borrow)]
    Tell(TellingRecord<'a>),
    Learn(FactRecord<'a>),
    Correlate(CorrelationRecord<'a>),
    Bury(u32),
    Delete(u32),
    Sweep([i64; 3]),
    Remove(u32, DialectRecord),
    Measure(u32, SampleRecord<'a>),
    Repeat(RepeatRecord<'a>),
    #[serde(borrow)]
    Restore(Box<SavedRecord<'a>>),
    Entomb(TombstoneRecord<'a>),
    Prune(u32, i64, u64),
}

/// A commit's bytes.
pub(super) fn encode(head: &Head, deeds: &[DeedRef<'_>]) -> Vec<u8> {
    let mut keys: Vec<_> = head.keys.iter().map(key_record).collect();
    let mut places: RapidHashMap<&ExecutionKey, u32> = head.keys.iter().zip(0..).collect();
    let mut place = |key| {
        *places.entry(key).or_insert_with(|| {
            keys.push(key_record(key));
            keys.len() as u32 - 1
        })
    };
    let mut told = Vec::with_capacity(deeds.len() * USUAL);
    for deed in deeds {
        told = codec::put(&deed.record(&mut place), told);
    }
    let record = HeadRecord {
        number: head.number,
        first: head.first.0,
        now: head.now.0,
        keys,
        changes: Cow::Borrowed(&head.changes),
    };
    codec::seal_with(&(record, deeds.len()), &told)
}

impl<'a> DeedRef<'a> {
    fn record(self, mut place: impl FnMut(&'a ExecutionKey) -> u32) -> DeedRecord<'a> {
        match self {
            DeedRef::Tell(telling) => {
                DeedRecord::Tell(TellingRecord::of(telling, place(&telling.execution)))
            }
            DeedRef::Repeat(telling, known) => DeedRecord::Repeat(RepeatRecord::of(telling, known)),
            DeedRef::Learn(fact) => DeedRecord::Learn(FactRecord::of(fact, place(&fact.key))),
            DeedRef::Correlate(correlation) => {
                DeedRecord::Correlate(CorrelationRecord::of(correlation))
            }
            DeedRef::Bury(key) => DeedRecord::Bury(place(key)),
            DeedRef::Delete(key) => DeedRecord::Delete(place(key)),
            DeedRef::Sweep(sweep) => DeedRecord::Sweep(sweep.times()),
            DeedRef::Remove(key, dialect) => {
                DeedRecord::Remove(place(key), DialectRecord::of(dialect))
            }
            DeedRef::Measure(sample) => {
                DeedRecord::Measure(place(&sample.execution), SampleRecord::of(sample))
            }
            DeedRef::Restore(saved) => {
                place(&saved.execution.key);
                DeedRecord::Restore(Box::new(SavedRecord::of(saved)))
            }
            DeedRef::Entomb(key, left) => DeedRecord::Entomb(TombstoneRecord::of(key, &left)),
            DeedRef::Prune(key, keep) => {
                DeedRecord::Prune(place(key), keep.since.0, keep.rows as u64)
            }
        }
    }
}

/// Bytes of a deed, about.
const USUAL: usize = 128;

/// The inverse of [`encode`].
pub(super) fn decode(bytes: &[u8]) -> Result<(Head, Vec<Deed>), Error> {
    let what = "a commit in the log";
    let (head, deeds) = codec::unseal::<(HeadRecord<'_>, Vec<DeedRecord<'_>>)>(bytes, what)?;
    let head = head.to_head();
    let key = |place: u32| head.keys.get(place as usize).cloned();
    let deeds = deeds.iter().map(|deed| {
        Some(match deed {
            DeedRecord::Tell(telling) => Deed::Tell(telling.to_model(&head.keys)?),
            DeedRecord::Repeat(repeat) => {
                // Gone, if it lost its last origin later in the same commit.
                let change = head.changes.get(repeat.change as usize)?;
                let (Change::Row(place, id) | Change::Gone(place, id)) = *change else {
                    return None;
                };
                Deed::Repeat(repeat.to_model(key(place)?, row(id)))
            }
            DeedRecord::Learn(fact) => Deed::Learn(fact.to_model(&head.keys)?),
            DeedRecord::Correlate(correlation) => Deed::Correlate(correlation.to_model()),
            DeedRecord::Bury(place) => Deed::Bury(key(*place)?),
            DeedRecord::Delete(place) => Deed::Delete(key(*place)?),
            DeedRecord::Sweep(times) => Deed::Sweep(Sweep::of(*times)),
            DeedRecord::Remove(place, dialect) => Deed::Remove(key(*place)?, dialect.to_model()),
            DeedRecord::Measure(place, sample) => Deed::Measure(sample.to_model(&key(*place)?)),
            DeedRecord::Restore(saved) => Deed::Restore(saved.to_model()?),
            DeedRecord::Entomb(left) => Deed::Entomb(to_key(left.key), left.to_model()),
            DeedRecord::Prune(place, since, rows) => {
                let (since, rows) = (Time(*since), usize::try_from(*rows).unwrap_or(usize::MAX));
                Deed::Prune(key(*place)?, Keep { since, rows })
            }
        })
    });
    let deeds = deeds.collect::<Option<Vec<_>>>();
    let deeds = deeds.ok_or_else(|| Error::Damaged(format!("{what} names no execution")))?;
    Ok((head, deeds))
}

/// The row of a change.
pub(super) fn row(Raw(digest): Raw) -> RowId {
    RowId(digest)
}
