//! What another history has kept, on its way in. Does I/O: looks up on disk what memory does not know.

use std::sync::Arc;

use super::{Desk, Work, draft};
use crate::model::{ExecutionKey, Sample, Samples, Saved};
use crate::store::embedded::desk::Sheet;
use crate::store::embedded::entry::Entry;
use crate::store::embedded::fold::Fold;
use crate::store::embedded::reader::Reader;
use crate::store::ledger::Tombstone;
use crate::store::{Error, Restored, carrying};

impl Work {
    /// What of an execution is taken in here.
    pub(in crate::store::embedded) fn admitted(
        &self,
        fold: &Fold,
        history: &str,
        saved: &Saved,
    ) -> (Option<Saved>, u64) {
        let key = &saved.execution.key;
        let drafted = self.drafts.get(key).map(|draft| &draft.execution);
        let here = drafted.or_else(|| fold.entries.get(key).map(|entry| &entry.execution));
        carrying::admitted(history, saved, here, self.tombstone(fold, key))
    }

    fn tombstone<'a>(&'a self, fold: &'a Fold, key: &ExecutionKey) -> Option<&'a Tombstone> {
        let stored = || fold.tombstones.get(key).map(|(_, found)| found);
        self.buried.get(key).or_else(stored)
    }

    /// Takes an execution in; gives the part of it that is news, if any is.
    pub(in crate::store::embedded) fn restore(
        &mut self,
        fold: &Fold,
        reader: &Reader,
        saved: &Saved,
    ) -> Result<(Option<Saved>, Restored), Error> {
        let key = &saved.execution.key;
        let (now, bounds, replays) = (self.now, self.bounds, self.replays);
        let (draft, fresh) = draft(&mut self.drafts, fold, key, now);
        let touched = &mut self.touched;
        if fresh {
            (draft.execution.told, draft.execution.last_told) =
                (saved.execution.told, saved.execution.last_told);
        }
        let is_news = carrying::join(&mut draft.execution, saved, touched) || fresh;
        let mut desk = Desk {
            sheet: &mut draft.sheet,
            base: fold.entries.get(key),
            reader,
            now,
            replays,
            known: None,
        };
        let mut news = Saved {
            execution: saved.execution.clone(),
            rows: Vec::new(),
            ids: Vec::new(),
            samples: Vec::new(),
        };
        let mut done = Restored::default();
        let lost = |desk: &mut Desk<'_>| Sheet::take_lost(desk.sheet);
        for row in &saved.rows {
            if carrying::join_row(&mut desk, lost, saved, row, bounds.origins, touched)? {
                done.changed += 1;
                news.rows.push(row.clone());
            } else {
                done.known += 1;
            }
        }
        for (id, told) in &saved.ids {
            if !desk.remember_since(*id, *told)? {
                news.ids.push((*id, *told));
            }
        }
        let none = Samples::default();
        let known = fold.entries.get(key).map_or(&none, Entry::samples);
        let lacking = |sample: &&Arc<Sample>| known.lacks(sample, bounds.samples);
        news.samples = saved.samples.iter().filter(lacking).cloned().collect();
        draft.samples.extend(news.samples.iter().cloned());
        let is_nothing = news.rows.is_empty() && news.ids.is_empty() && news.samples.is_empty();
        if !is_news && is_nothing {
            return Ok((None, done));
        }
        draft.news = true;
        Ok((Some(news), done))
    }

    /// Whether an execution is there, or will be.
    pub(in crate::store::embedded) fn entombed(
        &self,
        fold: &Fold,
        grave: &crate::model::Grave,
    ) -> Option<Tombstone> {
        let known = self.tombstone(fold, &grave.key);
        carrying::entombed(grave, self.exists(fold, &grave.key), known)
    }

    /// Leaves a tombstone.
    pub(in crate::store::embedded) fn entomb(&mut self, key: &ExecutionKey, left: Tombstone) {
        self.buried.insert(key.clone(), left);
    }
}
