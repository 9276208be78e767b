//! A batch on its way: taken in over what is there, numbered, written, and only then published. The same code
//! replays the log. Does I/O: looks up on disk what memory does not know.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::desk::{Desk, Draft};
use super::disk::Reader;
use super::entry::Entry;
use super::fold::Fold;
use super::log::{Change, Head};
use crate::model::{
    Correlation, Dialect, Execution, ExecutionFact, ExecutionKey, RowId, Sample, Samples, Seq,
    Telling, Time,
};
use crate::store::ledger::{self, Taken, Tombstone, Touched};
use crate::store::{Bounds, Error};

/// What a batch changes. Nothing of it is visible until [`Work::publish`].
pub(super) struct Work {
    now: Time,
    bounds: Bounds,
    replays: bool,
    drafts: HashMap<ExecutionKey, Draft>,
    /// Executions that have really changed.
    news: HashSet<ExecutionKey>,
    touched: Touched,
    /// Rows that were taken away.
    removed: HashMap<ExecutionKey, Vec<RowId>>,
    buried: HashMap<ExecutionKey, Tombstone>,
    correlations: Vec<Correlation>,
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
            drafts: HashMap::new(),
            news: HashSet::new(),
            touched: Touched::default(),
            removed: HashMap::new(),
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

    fn draft(&mut self, fold: &Fold, key: &ExecutionKey) -> (&mut Draft, bool) {
        let fresh = !self.exists(fold, key);
        if !self.drafts.contains_key(key) {
            let base = fold.entry(key).map(|entry| entry.execution.clone());
            let execution = base.unwrap_or_else(|| {
                let mut execution = Execution::new(key.clone(), self.now);
                let tombstone = fold.tombstones.get(key);
                execution.pruned = tombstone.map_or(Seq::ZERO, |(_, found)| found.seq);
                execution
            });
            self.drafts.insert(key.clone(), Draft::new(execution));
        }
        let draft = self.drafts.get_mut(key).expect("it was just put in");
        (draft, fresh)
    }

    /// Takes a telling in; whether it was news, and whether it is to be remembered that it was buried.
    pub(super) fn tell(
        &mut self,
        fold: &Fold,
        reader: &Reader,
        telling: &Telling,
    ) -> Result<(Taken, bool, bool), Error> {
        let key = &telling.execution;
        let (buried, noted) = self.is_buried(fold, key, Some(telling.last));
        if buried {
            return Ok((Taken::Buried, false, noted));
        }
        let (now, origins, replays) = (self.now, self.bounds.origins, self.replays);
        let (draft, _) = self.draft(fold, key);
        let mut desk = Desk {
            sheet: &mut draft.sheet,
            base: fold.entries.get(key),
            reader,
            now,
            replays,
        };
        let taken = ledger::take(&mut draft.execution, &mut desk, telling, now, origins)?;
        let lost = draft.sheet.take_lost();
        let news = self.touched.take(key, taken, lost);
        if news {
            self.changed(key);
        }
        Ok((taken, news, false))
    }

    fn changed(&mut self, key: &ExecutionKey) {
        if !self.news.contains(key) {
            self.news.insert(key.clone());
        }
    }

    /// Takes a fact in.
    pub(super) fn learn(&mut self, fold: &Fold, fact: &ExecutionFact) -> (Learned, bool) {
        let (buried, noted) = self.is_buried(fold, &fact.key, None);
        if buried {
            return (Learned::Buried, noted);
        }
        let now = self.now;
        let mut touched = std::mem::take(&mut self.touched);
        let (draft, fresh) = self.draft(fold, &fact.key);
        let news = ledger::learn(&mut draft.execution, fact, now, &mut touched) || fresh;
        self.touched = touched;
        if !news {
            return (Learned::Known, false);
        }
        self.changed(&fact.key);
        (Learned::News, false)
    }

    /// Takes the rows of a dialect away; how many. Nothing else may happen to the execution in the same work.
    pub(super) fn remove(&mut self, fold: &Fold, key: &ExecutionKey, dialect: Dialect) -> usize {
        let rows = fold.entry(key).into_iter().flat_map(Entry::rows);
        let removed = rows.filter(|row| ledger::is_removed(row, dialect));
        let removed: Vec<RowId> = removed.map(|row| row.id).collect();
        let count = removed.len();
        if count > 0 {
            self.draft(fold, key);
            self.changed(key);
            self.touched.anew(key);
            self.removed.insert(key.clone(), removed);
        }
        count
    }

    /// Takes a sample in; as [`Work::learn`].
    pub(super) fn measure(&mut self, fold: &Fold, sample: &Sample) -> (Learned, bool) {
        let key = &sample.execution;
        let (buried, noted) = self.is_buried(fold, key, Some(sample.at));
        if buried {
            return (Learned::Buried, noted);
        }
        let (now, bound) = (self.now, self.bounds.samples);
        let (draft, fresh) = self.draft(fold, key);
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
        self.changed(key);
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
    pub(super) fn number(&mut self, number: u64, first: Seq) -> (Head, HashMap<RowId, Seq>) {
        let mut head = Head {
            number,
            first,
            now: self.now,
            keys: Vec::new(),
            changes: Vec::new(),
        };
        let mut places: HashMap<ExecutionKey, u32> = HashMap::new();
        let mut seqs = HashMap::new();
        let touched = std::mem::take(&mut self.touched).into_order();
        for (at, (key, row)) in touched.into_iter().enumerate() {
            let seq = Seq(first.0 + at as u64);
            let place = *places.entry(key.clone()).or_insert_with(|| {
                head.keys.push(key.clone());
                head.keys.len() as u32 - 1
            });
            let id = row.0.to_bytes();
            let kept = self.place(&key, row, seq);
            head.changes.push(if kept {
                Change::Row(place, id)
            } else {
                Change::Gone(place, id)
            });
            seqs.insert(row, seq);
        }
        (head, seqs)
    }

    /// Gives a changed row its number; false if the row is gone.
    pub(super) fn place(&mut self, key: &ExecutionKey, row: RowId, seq: Seq) -> bool {
        let Some(draft) = self.drafts.get_mut(key) else {
            return false;
        };
        draft.execution.seq = seq;
        if let Some(Some(row)) = draft.sheet.rows.get_mut(&row) {
            row.seq = seq;
            true
        } else {
            draft.execution.pruned = seq;
            false
        }
    }

    /// Lets everybody see it. The commit is on disk.
    pub(super) fn publish(
        mut self,
        fold: &mut Fold,
        number: u64,
        touched: &HashMap<ExecutionKey, Vec<RowId>>,
    ) {
        for key in std::mem::take(&mut self.news) {
            let Some(draft) = self.drafts.remove(&key) else {
                continue;
            };
            let touched = touched.get(&key).map_or(&[][..], Vec::as_slice);
            if let Some(entry) = fold.entries.get_mut(&key) {
                let (_, before) = entry.size();
                let names = entry.execution.aliases.len();
                entry.take_in(draft, touched, number, self.bounds);
                for row in self.removed.remove(&key).unwrap_or_default() {
                    entry.remove(row, number);
                }
                let (after, renamed) = (entry.size().1, entry.execution.aliases.len() > names);
                let grown = after.saturating_sub(before).max(touched.len() * 64);
                fold.changed = (
                    fold.changed.0 + touched.len().max(1),
                    fold.changed.1 + grown,
                );
                if renamed {
                    fold.rename(&key);
                }
            } else {
                let mut entry = Entry::new(fold.next_number, draft.execution.clone(), 0);
                fold.next_number += 1;
                entry.take_in(draft, touched, number, self.bounds);
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

/// The rows of a commit by their execution.
pub(super) fn by_execution(head: &Head) -> HashMap<ExecutionKey, Vec<RowId>> {
    let mut rows: HashMap<ExecutionKey, Vec<RowId>> = HashMap::new();
    for change in &head.changes {
        let (Change::Row(place, id) | Change::Gone(place, id)) = *change else {
            continue;
        };
        if let Some(key) = head.keys.get(place as usize) {
            rows.entry(key.clone())
                .or_default()
                .push(super::log::row(id));
        }
    }
    rows
}
