//! A batch on its way: taken in over what is there, numbered, written, and only then published. The same code
//! replays the log. Does I/O: looks up on disk what memory does not know.

mod carried;

use std::collections::HashMap;
use std::sync::Arc;

use rapidhash::RapidHashMap;

use super::desk::{Desk, Draft};
use super::entry::Entry;
use super::fold::Fold;
use super::log::{Change, Head};
use super::raw::Raw;
use super::reader::Reader;
use super::repeat::{Known, Repeat};
use crate::model::fold::Shelf;
use crate::model::{
    Correlation, Dialect, Execution, ExecutionFact, ExecutionKey, Row, RowId, Sample, Samples, Seq,
    Telling, Time,
};
use crate::store::ledger::{self, Taken, Tombstone, Touched};
use crate::store::{Bounds, Error, Keep};

/// What a batch changes. Nothing of it is visible until [`Work::publish`].
pub(super) struct Work {
    now: Time,
    bounds: Bounds,
    replays: bool,
    drafts: RapidHashMap<ExecutionKey, Draft>,
    touched: Touched,
    buried: HashMap<ExecutionKey, Tombstone>,
    correlations: Vec<Correlation>,
}

/// What became of a telling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) taken: Taken,
    pub(super) log: ToLog,
}

/// What the log has to say of a telling.
#[derive(Clone, Copy, Debug)]
pub(super) enum ToLog {
    Nothing,
    /// All of it.
    Whole,
    /// What a row did not say already.
    Repeat(Known),
    /// That a tombstone was needed.
    Bury,
}

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learned {
    News,
    Known,
    Buried,
}

impl Work {
    pub(super) fn new(now: Time, bounds: Bounds, replays: bool) -> Self {
        Self {
            now,
            bounds,
            replays,
            drafts: RapidHashMap::default(),
            touched: Touched::default(),
            buried: HashMap::new(),
            correlations: Vec::new(),
        }
    }

    fn exists(&self, fold: &Fold, key: &ExecutionKey) -> bool {
        self.drafts.contains_key(key) || fold.entries.contains_key(key)
    }

    /// Whether a tombstone stands against it, and whether that is to be remembered.
    fn is_buried(&mut self, fold: &Fold, key: &ExecutionKey, last: Option<Time>) -> (bool, bool) {
        let noted = self.buried.get(key).copied();
        let tombstone = noted.or_else(|| fold.tombstones.get(key).map(|(_, found)| *found));
        let Some(mut tombstone) = tombstone.filter(|_| !self.replays) else {
            return (false, false);
        };
        if !last.map_or_else(|| !self.exists(fold, key), |last| last <= tombstone.at) {
            return (false, false);
        }
        let news = tombstone.needed(self.now);
        if news {
            self.buried.insert(key.clone(), tombstone);
        }
        (true, news)
    }

    /// Takes a telling in.
    pub(super) fn tell(
        &mut self,
        fold: &Fold,
        reader: &Reader,
        telling: &Telling,
    ) -> Result<Told, Error> {
        let key = &telling.execution;
        let (buried, noted) = self.is_buried(fold, key, Some(telling.last));
        if buried {
            return Ok(Told {
                taken: Taken::Buried,
                log: if noted { ToLog::Bury } else { ToLog::Nothing },
            });
        }
        let (draft, _) = draft(&mut self.drafts, fold, key, self.now);
        let mut desk = Desk {
            sheet: &mut draft.sheet,
            base: fold.entries.get(key),
            reader,
            now: self.now,
            replays: self.replays,
            known: None,
        };
        let origins = self.bounds.origins;
        let taken = ledger::take(&mut draft.execution, &mut desk, telling, self.now, origins)?;
        let known = desk.known;
        let lost = draft.sheet.take_lost();
        let news = self.touched.take(key, taken, lost);
        draft.news |= news;
        let log = match (news, known, taken) {
            (false, ..) => ToLog::Nothing,
            (true, Some(known), taken) => self.repeat_of(known, taken),
            (true, None, _) => ToLog::Whole,
        };
        Ok(Told { taken, log })
    }

    fn repeat_of(&self, known: Known, taken: Taken) -> ToLog {
        let place = taken.row().and_then(|row| self.touched.place(row));
        place.map_or(ToLog::Whole, |change| {
            ToLog::Repeat(Known { change, ..known })
        })
    }

    /// Takes a telling in again that was written as a repeat.
    pub(super) fn repeat(
        &mut self,
        fold: &Fold,
        reader: &Reader,
        repeat: &Repeat,
    ) -> Result<(), Error> {
        let missing = || {
            let Repeat { execution, row, .. } = repeat;
            Error::Damaged(format!(
                "the log repeats the row {row} of {execution}, which is not there"
            ))
        };
        let row = self.row(fold, &repeat.execution, repeat.row);
        let telling = repeat.beside(row.ok_or_else(missing)?);
        self.tell(fold, reader, &telling).map(drop)
    }

    /// A row as it is by now.
    fn row<'a>(&'a self, fold: &'a Fold, key: &ExecutionKey, id: RowId) -> Option<&'a Row> {
        let drafted = self.drafts.get(key);
        match drafted.and_then(|draft| draft.sheet.rows.get(&id)) {
            Some(row) => row.as_deref(),
            None => fold.entries.get(key)?.row(id).map(|row| &**row),
        }
    }

    /// Takes a fact in.
    pub(super) fn learn(&mut self, fold: &Fold, fact: &ExecutionFact) -> (Learned, bool) {
        let (buried, noted) = self.is_buried(fold, &fact.key, None);
        if buried {
            return (Learned::Buried, noted);
        }
        let (draft, fresh) = draft(&mut self.drafts, fold, &fact.key, self.now);
        let execution = &mut draft.execution;
        if !ledger::learn(execution, fact, self.now, &mut self.touched) && !fresh {
            return (Learned::Known, false);
        }
        draft.news = true;
        (Learned::News, false)
    }

    /// Takes the rows of a dialect away; how many. Nothing else may happen to the execution in the same work.
    pub(super) fn remove(&mut self, fold: &Fold, key: &ExecutionKey, dialect: Dialect) -> usize {
        let rows = fold.entry(key).into_iter().flat_map(Entry::rows);
        let removed = rows.filter(|row| ledger::is_removed(row, dialect));
        let removed: Vec<RowId> = removed.map(|row| row.id).collect();
        let count = removed.len();
        if count > 0 {
            let (draft, _) = draft(&mut self.drafts, fold, key, self.now);
            draft.news = true;
            draft.removed = removed;
            self.touched.anew(key);
        }
        count
    }

    /// Takes old rows away; how many. Nothing else may happen to the execution in the same work.
    pub(super) fn prune(
        &mut self,
        fold: &Fold,
        reader: &Reader,
        key: &ExecutionKey,
        keep: Keep,
    ) -> Result<usize, Error> {
        let Some(entry) = fold.entry(key) else {
            return Ok(0);
        };
        let rows = ledger::is_pruned(key, entry.rows(), keep);
        let Some(upto) = rows.last().map(|row| row.last()) else {
            return Ok(0);
        };
        let (draft, _) = draft(&mut self.drafts, fold, key, self.now);
        draft.execution.pruned_before = draft.execution.pruned_before.max(upto);
        let mut desk = Desk {
            sheet: &mut draft.sheet,
            base: Some(entry),
            reader,
            now: self.now,
            replays: self.replays,
            known: None,
        };
        for row in rows.iter().filter(|row| row.series.spilled() > 0) {
            for share in desk.spilled(row.id)? {
                desk.sheet.outside.insert(share.origin, None);
            }
        }
        let count = rows.len();
        draft.removed = rows.iter().map(|row| row.id).collect();
        draft.news = true;
        self.touched.anew(key);
        Ok(count)
    }

    /// Takes a sample in; as [`Work::learn`].
    pub(super) fn measure(&mut self, fold: &Fold, sample: &Sample) -> (Learned, bool) {
        let key = &sample.execution;
        let (buried, noted) = self.is_buried(fold, key, Some(sample.at));
        if buried {
            return (Learned::Buried, noted);
        }
        let (now, bound) = (self.now, self.bounds.samples);
        let (draft, fresh) = draft(&mut self.drafts, fold, key, now);
        let (none, entry) = (Samples::default(), fold.entries.get(key));
        let known = entry.map_or(&none, Entry::samples);
        let Some(news) = ledger::measure(&mut draft.execution, known, sample, now, bound) else {
            return (Learned::Buried, false);
        };
        if news {
            draft.samples.push(Arc::new(sample.clone()));
        } else if !fresh {
            return (Learned::Known, false);
        }
        draft.news = true;
        (Learned::News, false)
    }

    /// Takes a correlation in.
    pub(super) fn correlate(&mut self, correlation: &Correlation) {
        self.correlations.push(correlation.clone());
    }

    /// Notes that a tombstone was needed: for replay.
    pub(super) fn bury(&mut self, fold: &Fold, key: &ExecutionKey) {
        if let Some((_, tombstone)) = fold.tombstones.get(key) {
            let mut tombstone = *tombstone;
            tombstone.last_told = tombstone.last_told.max(self.now);
            self.buried.insert(key.clone(), tombstone);
        }
    }

    /// Numbers the rows that have changed, from `first` on, in the order of their first change.
    pub(super) fn number(&mut self, number: u64, first: Seq) -> Head {
        let mut keys = Vec::new();
        let mut changes = Vec::with_capacity(self.touched.order().len());
        for ((key, row), seq) in self.touched.order().iter().zip(first.0..) {
            let draft = self.drafts.get_mut(key);
            let draft = draft.expect("what was touched was drafted");
            let place = *draft.place.get_or_insert_with(|| {
                keys.push(key.clone());
                keys.len() as u32 - 1
            });
            let id = Raw(row.0);
            changes.push(if draft.number(*row, Seq(seq)) {
                Change::Row(place, id)
            } else {
                Change::Gone(place, id)
            });
        }
        Head {
            number,
            first,
            now: self.now,
            keys,
            changes,
        }
    }

    /// The number that a row has got, counted from `first` on.
    pub(super) fn seq(&self, row: RowId, first: Seq) -> Seq {
        self.touched.seq(row, first)
    }

    /// Gives a row the number that it got before; for replay.
    pub(super) fn place(&mut self, key: &ExecutionKey, row: RowId, seq: Seq) {
        if let Some(draft) = self.drafts.get_mut(key) {
            draft.number(row, seq);
        }
    }

    /// Lets everybody see it. The commit is on disk.
    pub(super) fn publish(self, fold: &mut Fold, number: u64) {
        for (key, draft) in self.drafts {
            if !draft.news {
                continue;
            }
            let touched = draft.changed.len();
            if let Some(entry) = fold.entries.get_mut(&key) {
                let (_, before) = entry.size();
                let names = entry.execution.aliases.len();
                entry.take_in(draft, number, self.bounds);
                let (after, renamed) = (entry.size().1, entry.execution.aliases.len() > names);
                let grown = after.saturating_sub(before).max(touched * 64);
                fold.changed = (fold.changed.0 + touched.max(1), fold.changed.1 + grown);
                if renamed {
                    fold.rename(&key);
                }
            } else {
                let mut entry = Entry::new(fold.next_number, draft.execution.clone(), 0);
                fold.next_number += 1;
                entry.take_in(draft, number, self.bounds);
                let (rows, bytes) = entry.size();
                fold.changed = (fold.changed.0 + rows.max(1), fold.changed.1 + bytes);
                fold.insert(key.clone(), entry);
            }
            if let Some(entry) = fold.entries.get(&key) {
                fold.versions.moved_all(&entry.execution);
            }
        }
        for (key, tombstone) in self.buried {
            fold.tombstones.insert(key, (number, tombstone));
        }
        for correlation in self.correlations {
            fold.changed.0 += 1;
            fold.changed.1 += 256;
            fold.correlations
                .insert(correlation.uid.clone(), (number, correlation));
        }
    }
}

/// The draft of an execution; true if nothing is known of it yet.
fn draft<'a>(
    drafts: &'a mut RapidHashMap<ExecutionKey, Draft>,
    fold: &Fold,
    key: &ExecutionKey,
    now: Time,
) -> (&'a mut Draft, bool) {
    let mut fresh = false;
    if !drafts.contains_key(key) {
        let base = fold.entry(key).map(|entry| entry.execution.clone());
        fresh = base.is_none();
        let execution = base.unwrap_or_else(|| {
            let mut execution = Execution::new(key.clone(), now);
            let tombstone = fold.tombstones.get(key);
            execution.pruned = tombstone.map_or(Seq::ZERO, |(_, found)| found.seq);
            execution
        });
        drafts.insert(key.clone(), Draft::new(execution));
    }
    let draft = drafts.get_mut(key).expect("it was just put in");
    (draft, fresh)
}
