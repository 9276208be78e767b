//! Where a batch is worked on: changes are laid over what is there, and taken in only once they are on disk.
//! Does I/O: looks up on disk what memory does not know.

use std::collections::BTreeMap;
use std::sync::Arc;

use rapidhash::RapidHashMap;

use super::entry::Entry;
use super::reader::Reader;
use super::repeat::Known;
use crate::model::fold::Shelf;
use crate::model::{Digest, Execution, OriginShare, Row, RowId, Sample, Seq, Share, Time};
use crate::store::Error;

/// What a batch changes in one execution.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) execution: Execution,
    pub(super) sheet: Sheet,
    /// Samples that are news.
    pub(super) samples: Vec<Arc<Sample>>,
    /// Whether anything of it has really changed.
    pub(super) news: bool,
    /// Its rows that have, once they are numbered.
    pub(super) changed: Vec<RowId>,
    /// Rows that were taken away.
    pub(super) removed: Vec<RowId>,
    /// Its place in the commit's head.
    pub(super) place: Option<u32>,
}

/// What a batch changes in the rows of one execution.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// `None`: gone.
    pub(super) rows: RapidHashMap<RowId, Option<Arc<Row>>>,
    pub(super) homes: RapidHashMap<Digest, RowId>,
    /// `None`: in its row again.
    pub(super) outside: RapidHashMap<Digest, Option<(RowId, OriginShare)>>,
    pub(super) once: RapidHashMap<Digest, Time>,
    lost: Vec<RowId>,
}

impl Draft {
    pub(super) fn new(execution: Execution) -> Self {
        Self {
            execution,
            sheet: Sheet::default(),
            samples: Vec::new(),
            news: false,
            changed: Vec::new(),
            removed: Vec::new(),
            place: None,
        }
    }

    /// Gives a changed row its number; false if the row is gone.
    pub(super) fn number(&mut self, row: RowId, seq: Seq) -> bool {
        self.execution.seq = seq;
        self.changed.push(row);
        if let Some(Some(row)) = self.sheet.rows.get_mut(&row) {
            Arc::make_mut(row).seq = seq;
            true
        } else {
            self.execution.pruned = seq;
            false
        }
    }
}

impl Sheet {
    /// The rows that have lost an origin to another since this was last asked.
    pub(super) fn take_lost(&mut self) -> Vec<RowId> {
        std::mem::take(&mut self.lost)
    }
}

/// A sheet over what is in memory over what is on disk.
pub(super) struct Desk<'a> {
    pub(super) sheet: &'a mut Sheet,
    /// `None`: the execution is new.
    pub(super) base: Option<&'a Entry>,
    pub(super) reader: &'a Reader,
    pub(super) now: Time,
    /// What is told is known to be news: an id that is remembered was remembered after it.
    pub(super) replays: bool,
    /// What the row has said already of what is told.
    pub(super) known: Option<Known>,
}

impl Desk<'_> {
    fn on_disk(&self) -> Option<u64> {
        self.base
            .filter(|entry| entry.is_on_disk())
            .map(|entry| entry.number)
    }

    /// Whether an id was told; notes that it was, at this time.
    pub(super) fn remember_since(&mut self, id: Digest, told: Time) -> Result<bool, Error> {
        let known = !self.replays
            && (self.sheet.once.contains_key(&id)
                || self.base.is_some_and(|entry| entry.has_id(id))
                || match self.on_disk() {
                    Some(number) => self.reader.has_id(number, id)?,
                    None => false,
                });
        if !known {
            self.sheet.once.insert(id, told);
        }
        Ok(known)
    }

    fn find_outside(&self, origin: Digest) -> Result<Option<(RowId, OriginShare)>, Error> {
        if let Some(kept) = self.sheet.outside.get(&origin) {
            return Ok(kept.clone());
        }
        if let Some(kept) = self.base.and_then(|entry| entry.outside(origin)) {
            return Ok(kept.cloned());
        }
        match self.on_disk() {
            Some(number) if self.base.is_some_and(Entry::has_outside) => {
                self.reader.outside(number, origin)
            }
            _ => Ok(None),
        }
    }
}

impl Shelf for Desk<'_> {
    type Error = Error;

    fn repeats(&mut self, row: &Row, told: &Share) {
        self.known = Some(Known::of(row, told));
    }

    fn take(&mut self, row: RowId) -> Result<Option<Arc<Row>>, Error> {
        if let Some(changed) = self.sheet.rows.get_mut(&row) {
            return Ok(changed.take());
        }
        Ok(self.base.and_then(|entry| entry.row(row)).cloned())
    }

    fn put(&mut self, row: Arc<Row>) {
        self.sheet.rows.insert(row.id, Some(row));
    }

    fn gone(&mut self, row: RowId) {
        self.sheet.rows.insert(row, None);
        self.sheet.lost.push(row);
    }

    fn lost(&mut self, row: RowId) {
        self.sheet.lost.push(row);
    }

    fn home(&mut self, origin: Digest) -> Result<Option<RowId>, Error> {
        let drafted = self.sheet.homes.get(&origin).copied();
        let known = drafted.or_else(|| self.base.and_then(|entry| entry.home(origin)));
        if known.is_some() {
            return Ok(known);
        }
        Ok(self.find_outside(origin)?.map(|(row, _)| row))
    }

    fn set_home(&mut self, origin: Digest, row: RowId) {
        self.sheet.homes.insert(origin, row);
    }

    fn outside(&mut self, row: RowId, origin: Digest) -> Result<Option<OriginShare>, Error> {
        let found = self.find_outside(origin)?;
        Ok(found
            .filter(|(home, _)| *home == row)
            .map(|(_, share)| share))
    }

    fn spill(&mut self, row: RowId, share: OriginShare) {
        self.sheet.outside.insert(share.origin, Some((row, share)));
    }

    fn unspill(&mut self, row: RowId, origin: Digest) {
        // Where it was outside said where its home is.
        self.sheet.homes.insert(origin, row);
        self.sheet.outside.insert(origin, None);
    }

    fn spilled(&mut self, row: RowId) -> Result<Vec<OriginShare>, Error> {
        let mut all: BTreeMap<Digest, Option<(RowId, OriginShare)>> = BTreeMap::new();
        if let Some(number) = self.on_disk() {
            let stored = self.reader.all_outside(number)?;
            all.extend(stored.into_iter().map(|kept| (kept.1.origin, Some(kept))));
        }
        if let Some(entry) = self.base {
            let newer = entry.all_outside();
            all.extend(newer.map(|(origin, kept)| (origin, kept.cloned())));
        }
        let newest = self.sheet.outside.iter();
        all.extend(newest.map(|(origin, kept)| (*origin, kept.clone())));
        let of_row = all.into_values().flatten().filter(|(home, _)| *home == row);
        Ok(of_row.map(|(_, share)| share).collect())
    }

    fn remember(&mut self, origin: Digest, _: RowId) -> Result<bool, Error> {
        let now = self.now;
        self.remember_since(origin, now)
    }
}
