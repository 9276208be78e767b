//! One execution in memory: all its rows, and which of them are not in its blocks yet. Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rapidhash::RapidHashMap;

use super::blocks::ROWS;
use super::desk::Draft;
use crate::model::{Digest, Execution, OriginShare, Row, RowId, Sample, Samples, Time};
use crate::store::Bounds;

/// A row and where it is packed.
#[derive(Debug)]
struct Held {
    row: Arc<Row>,
    block: u32,
    weight: usize,
}

/// Bytes that a block takes on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) heads: u32,
    pub(super) texts: u32,
}

impl Stored {
    pub(super) const fn bytes(self) -> u64 {
        self.heads as u64 + self.texts as u64
    }
}

/// A block that is to be written.
#[derive(Debug)]
pub(super) struct Sheaf {
    pub(super) at: u32,
    pub(super) rows: Vec<Arc<Row>>,
    /// The texts that are on disk, and what the block takes there.
    pub(super) mark: Option<Digest>,
    pub(super) stored: Stored,
}

/// A block that was written: nothing of one that was empty.
pub(super) type Written = (u32, Option<(Digest, Stored)>);

/// Which rows share a block.
#[derive(Debug, Default)]
struct Block {
    rows: Vec<RowId>,
    /// The commit that changed it last.
    changed: u64,
    /// The texts that are on disk.
    mark: Option<Digest>,
    stored: Stored,
}

/// An execution. What a commit changes is stamped with the commit's number: it is on disk once a checkpoint of
/// that number is.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its number on disk.
    pub(super) number: u64,
    pub(super) execution: Execution,
    rows: RapidHashMap<RowId, Held>,
    homes: RapidHashMap<Digest, RowId>,
    blocks: BTreeMap<u32, Block>,
    /// Origins that went out of their rows, or came back (`None`).
    outside: HashMap<Digest, (u64, Option<(RowId, OriginShare)>)>,
    /// Ids that were told.
    once: RapidHashMap<Digest, (u64, Time)>,
    samples: Samples,
    samples_weight: usize,
    /// Slots of samples that have changed.
    measured: HashMap<Digest, u64>,
    /// How many origins are outside all its rows.
    spilled: u64,
    changed: u64,
    checkpointed: u64,
    used: AtomicU64,
    weight: usize,
}

/// What of an execution is to be written.
#[derive(Debug)]
pub(super) struct Frozen {
    pub(super) number: u64,
    pub(super) execution: Execution,
    pub(super) blocks: Vec<Sheaf>,
    /// Behind the last of all its blocks.
    pub(super) blocks_end: u32,
    pub(super) outside: Vec<(Digest, Option<(RowId, OriginShare)>)>,
    pub(super) once: Vec<(Digest, Time)>,
    pub(super) samples: Vec<(Digest, Option<Arc<Sample>>)>,
}

/// About how many bytes a row takes in memory.
fn weigh(row: &Row) -> usize {
    let (key, body) = (&row.key, row.body());
    let texts = key.element.len() * 2 + body.message.len() * 2 + body.reason.len();
    let payload = body.payload.as_deref().map_or(0, str::len);
    let wire = body.wire.as_ref().map_or(0, |wire| wire.item.len());
    600 + 64 * (body.params.len() + body.labels.len())
        + texts
        + payload
        + wire
        + row.series.inline_origins().len() * 224
}

/// Whether a row need not be weighed again: its texts are the same.
fn weighs_as_much(row: &Row, before: &Row) -> bool {
    let (series, other) = (&row.series, &before.series);
    Arc::ptr_eq(&series.total().body, &other.total().body)
        && series.inline_origins().len() == other.inline_origins().len()
}

impl Entry {
    pub(super) fn new(number: u64, execution: Execution, checkpointed: u64) -> Self {
        Self {
            number,
            execution,
            rows: RapidHashMap::default(),
            homes: RapidHashMap::default(),
            blocks: BTreeMap::new(),
            outside: HashMap::new(),
            once: RapidHashMap::default(),
            samples: Samples::default(),
            samples_weight: 0,
            measured: HashMap::new(),
            spilled: 0,
            changed: checkpointed,
            checkpointed,
            used: AtomicU64::new(0),
            weight: 0,
        }
    }

    /// Puts in a block as it was read.
    pub(super) fn add_block(&mut self, at: u32, rows: Vec<Arc<Row>>, mark: Digest, stored: Stored) {
        let ids = rows.iter().map(|row| row.id).collect();
        for row in rows {
            for known in row.series.inline_origins() {
                self.homes.insert(known.origin, row.id);
            }
            self.hold(row, at);
        }
        let block = Block {
            rows: ids,
            changed: 0,
            mark: Some(mark),
            stored,
        };
        self.blocks.insert(at, block);
    }

    /// Puts in the samples as they were read.
    pub(super) fn add_samples(&mut self, samples: Samples) {
        self.samples = samples;
        self.samples_weight = self.samples.weight();
    }

    pub(super) const fn samples(&self) -> &Samples {
        &self.samples
    }

    fn hold(&mut self, row: Arc<Row>, block: u32) {
        let weight = weigh(&row);
        self.weight += weight;
        self.spilled += row.series.spilled();
        self.rows.insert(row.id, Held { row, block, weight });
    }

    pub(super) fn row(&self, id: RowId) -> Option<&Arc<Row>> {
        self.rows.get(&id).map(|held| &held.row)
    }

    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &Arc<Row>> {
        self.rows.values().map(|held| &held.row)
    }

    pub(super) fn home(&self, origin: Digest) -> Option<RowId> {
        self.homes.get(&origin).copied()
    }

    /// Whether some origin is kept outside its row, so that an unknown one may be on disk.
    pub(super) fn has_outside(&self) -> bool {
        self.spilled > 0
    }

    /// Whether anything of it is on disk.
    pub(super) fn is_on_disk(&self) -> bool {
        self.checkpointed > 0
    }

    /// What is not on disk yet about an origin outside: `Some(None)` if it is in its row again.
    pub(super) fn outside(&self, origin: Digest) -> Option<Option<&(RowId, OriginShare)>> {
        self.outside.get(&origin).map(|(_, kept)| kept.as_ref())
    }

    /// All that is not on disk yet about origins outside.
    pub(super) fn all_outside(
        &self,
    ) -> impl Iterator<Item = (Digest, Option<&(RowId, OriginShare)>)> {
        self.outside
            .iter()
            .map(|(origin, (_, kept))| (*origin, kept.as_ref()))
    }

    /// Whether an id was told that is not on disk yet.
    pub(super) fn has_id(&self, id: Digest) -> bool {
        self.once.contains_key(&id)
    }

    /// The ids that were told and are not on disk yet.
    pub(super) fn all_ids(&self) -> impl Iterator<Item = (Digest, Time)> {
        self.once.iter().map(|(id, (_, told))| (*id, *told))
    }

    /// Forgets ids that were told before a time.
    pub(super) fn forget(&mut self, before: Time) {
        self.once.retain(|_, (_, told)| *told >= before);
    }

    /// Its id and aliases.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let aliases = self.execution.aliases.iter().map(|alias| &**alias);
        aliases.chain([&*self.execution.key.id])
    }

    /// Whether a commit is in it already, as it was read from disk.
    pub(super) fn covers(&self, commit: u64) -> bool {
        commit <= self.checkpointed
    }

    /// Takes a draft in.
    pub(super) fn take_in(&mut self, draft: Draft, commit: u64, bounds: Bounds) {
        let mut sheet = draft.sheet;
        for id in &draft.changed {
            match sheet.rows.remove(id) {
                Some(Some(row)) => self.put(row, commit),
                _ => self.remove(*id, commit),
            }
        }
        self.homes.extend(sheet.homes);
        let stamped = |(origin, kept)| (origin, (commit, kept));
        self.outside.extend(sheet.outside.into_iter().map(stamped));
        let stamped = |(id, told)| (id, (commit, told));
        self.once.extend(sheet.once.into_iter().map(stamped));
        for sample in &draft.samples {
            let slots = self.samples.tell(sample, bounds.samples);
            let stamped = slots.into_iter().map(|slot| (slot, commit));
            self.measured.extend(stamped);
        }
        if !draft.samples.is_empty() {
            self.samples_weight = self.samples.weight();
        }
        if !draft.removed.is_empty() {
            self.remove_all(&draft.removed, commit);
        }
        self.execution = draft.execution;
        self.changed = commit;
    }

    fn put(&mut self, row: Arc<Row>, commit: u64) {
        let at = if let Some(held) = self.rows.get_mut(&row.id) {
            if !weighs_as_much(&row, &held.row) {
                let weight = weigh(&row);
                self.weight = self.weight + weight - held.weight;
                held.weight = weight;
            }
            self.spilled = self.spilled + row.series.spilled() - held.row.series.spilled();
            held.row = row;
            held.block
        } else {
            let at = self.place(row.id);
            self.hold(row, at);
            at
        };
        if let Some(block) = self.blocks.get_mut(&at) {
            block.changed = commit;
        }
    }

    /// The block of a new row: the last one, if it has room.
    fn place(&mut self, id: RowId) -> u32 {
        let last = self.blocks.last_key_value();
        let at = match last {
            Some((at, block)) if block.rows.len() < ROWS => *at,
            Some((at, _)) => at + 1,
            None => 0,
        };
        self.blocks.entry(at).or_default().rows.push(id);
        at
    }

    /// Takes a row away, and forgets where those of its origins belong that have not gone to another row.
    fn remove(&mut self, id: RowId, commit: u64) {
        let Some(held) = self.rows.remove(&id) else {
            return;
        };
        for known in held.row.series.inline_origins() {
            if self.homes.get(&known.origin) == Some(&id) {
                self.homes.remove(&known.origin);
            }
        }
        self.weight -= held.weight;
        self.spilled -= held.row.series.spilled();
        if let Some(block) = self.blocks.get_mut(&held.block) {
            block.rows.retain(|row| *row != id);
            block.changed = commit;
        }
    }

    /// Takes rows away with all their origins.
    pub(super) fn remove_all(&mut self, ids: &[RowId], commit: u64) {
        for id in ids {
            self.remove(*id, commit);
        }
        // Those of origins that are outside their rows.
        let rows = &self.rows;
        self.homes.retain(|_, home| rows.contains_key(home));
    }

    /// Bytes that its rows take on disk.
    pub(super) fn stored(&self) -> u64 {
        self.blocks.values().map(|block| block.stored.bytes()).sum()
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.changed > self.checkpointed
    }

    /// Rows and about how many bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.rows.len(), self.weight + self.samples_weight + 600)
    }

    /// Notes that it was used.
    pub(super) fn touch(&self, tick: u64) {
        self.used.store(tick, Ordering::Relaxed);
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// What is to be written.
    pub(super) fn freeze(&self) -> Frozen {
        let changed = self
            .blocks
            .iter()
            .filter(|(_, block)| block.changed > self.checkpointed);
        let blocks = changed.map(|(at, block)| {
            let rows = block.rows.iter().filter_map(|id| self.row(*id).cloned());
            Sheaf {
                at: *at,
                rows: rows.collect(),
                mark: block.mark,
                stored: block.stored,
            }
        });
        let outside = self.outside.iter();
        // Many at a time go into the database side by side, which finds the place of each where that of the last was.
        let mut once: Vec<_> = self
            .once
            .iter()
            .map(|(id, (_, told))| (*id, *told))
            .collect();
        once.sort_unstable();
        Frozen {
            number: self.number,
            execution: self.execution.clone(),
            blocks: blocks.collect(),
            blocks_end: self.blocks.last_key_value().map_or(0, |(at, _)| at + 1),
            outside: outside
                .map(|(origin, (_, kept))| (*origin, kept.clone()))
                .collect(),
            once,
            samples: self
                .measured
                .keys()
                .map(|slot| (*slot, self.samples.get(*slot).cloned()))
                .collect(),
        }
    }

    /// Everything, as if it had changed.
    #[cfg(test)]
    pub(super) fn freeze_all(&self) -> Vec<(u32, Vec<Arc<Row>>, Option<Digest>)> {
        let blocks = self.blocks.iter().map(|(at, block)| {
            let rows = block.rows.iter().filter_map(|id| self.row(*id).cloned());
            (*at, rows.collect(), block.mark)
        });
        blocks.collect()
    }

    /// Notes that everything up to a commit is on disk, with these texts; with none of a block that was empty.
    pub(super) fn settle(&mut self, commit: u64, written: &[Written]) {
        self.checkpointed = commit;
        self.outside.retain(|_, (changed, _)| *changed > commit);
        self.once.retain(|_, (changed, _)| *changed > commit);
        self.measured.retain(|_, changed| *changed > commit);
        for (at, written) in written {
            if let Some(block) = self.blocks.get_mut(at) {
                block.mark = written.map(|(mark, _)| mark);
                block.stored = written.map_or_else(Stored::default, |(_, stored)| stored);
            }
        }
        let last = self.blocks.last_key_value().map(|(at, _)| *at);
        self.blocks.retain(|at, block| {
            !block.rows.is_empty() || block.changed > commit || Some(*at) == last
        });
    }
}
