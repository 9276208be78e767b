//! The rows of one execution in memory, and the simplest [`Shelf`]. Pure.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::sync::Arc;

use super::digest::Digest;
use super::event::{Row, RowId};
use super::fold::Shelf;
use super::series::OriginShare;

/// One execution's rows, and which row each of its origins belongs to.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    rows: HashMap<RowId, Arc<Row>>,
    homes: HashMap<Digest, RowId>,
    outside: HashMap<RowId, BTreeMap<Digest, OriginShare>>,
    once: HashMap<Digest, RowId>,
    gone: Vec<RowId>,
}

impl Trail {
    /// A row.
    #[must_use]
    pub fn row(&self, id: RowId) -> Option<&Arc<Row>> {
        self.rows.get(&id)
    }

    /// All rows, in no order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Arc<Row>> {
        self.rows.values()
    }

    /// Puts a row in with its origins' homes: one that was read from disk, or has got its `Seq`.
    pub fn place(&mut self, row: Arc<Row>) {
        for known in row.series.inline_origins() {
            self.homes.insert(known.origin, row.id);
        }
        self.rows.insert(row.id, row);
    }

    /// Takes a row away and forgets its origins: who tells them again makes it anew.
    pub fn remove(&mut self, id: RowId) -> Option<Arc<Row>> {
        let row = self.rows.remove(&id)?;
        let outside = self.outside.remove(&id).unwrap_or_default();
        let inline = row.series.inline_origins().iter();
        for origin in outside.into_keys().chain(inline.map(|known| known.origin)) {
            if self.homes.get(&origin) == Some(&id) {
                self.homes.remove(&origin);
            }
        }
        Some(row)
    }

    /// The origins of a row that are kept outside it.
    pub fn outside_of(&self, row: RowId) -> impl Iterator<Item = &OriginShare> {
        self.outside
            .get(&row)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// The rows that have lost an origin to another row since this was last asked; those whose last it was are gone.
    pub fn take_gone(&mut self) -> Vec<RowId> {
        std::mem::take(&mut self.gone)
    }

    /// Forgets an origin that tells once: its window is over.
    pub fn forget(&mut self, origin: Digest) {
        self.once.remove(&origin);
    }

    /// The home that is known for an origin.
    #[must_use]
    pub fn known_home(&self, origin: Digest) -> Option<RowId> {
        self.homes.get(&origin).copied()
    }
}

impl Shelf for Trail {
    type Error = Infallible;

    fn take(&mut self, row: RowId) -> Result<Option<Arc<Row>>, Infallible> {
        Ok(self.rows.remove(&row))
    }

    fn put(&mut self, row: Arc<Row>) {
        self.rows.insert(row.id, row);
    }

    fn gone(&mut self, row: RowId) {
        self.outside.remove(&row);
        self.gone.push(row);
    }

    fn lost(&mut self, row: RowId) {
        self.gone.push(row);
    }

    fn home(&mut self, origin: Digest) -> Result<Option<RowId>, Infallible> {
        Ok(self.known_home(origin))
    }

    fn set_home(&mut self, origin: Digest, row: RowId) {
        self.homes.insert(origin, row);
    }

    fn outside(&mut self, row: RowId, origin: Digest) -> Result<Option<OriginShare>, Infallible> {
        Ok(self
            .outside
            .get(&row)
            .and_then(|kept| kept.get(&origin))
            .cloned())
    }

    fn spill(&mut self, row: RowId, share: OriginShare) {
        self.outside
            .entry(row)
            .or_default()
            .insert(share.origin, share);
    }

    fn unspill(&mut self, row: RowId, origin: Digest) {
        if let Some(kept) = self.outside.get_mut(&row) {
            kept.remove(&origin);
        }
    }

    fn spilled(&mut self, row: RowId) -> Result<Vec<OriginShare>, Infallible> {
        Ok(self
            .outside
            .get(&row)
            .map(|kept| kept.values().cloned().collect())
            .unwrap_or_default())
    }

    fn remember(&mut self, origin: Digest, row: RowId) -> Result<bool, Infallible> {
        Ok(self.once.insert(origin, row).is_some())
    }
}
