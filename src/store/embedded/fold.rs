//! What is in memory and readable: executions that were changed since the last checkpoint, and some that were
//! used lately. Only what is on disk as a commit gets in here. Pure, but for opening readers.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rapidhash::RapidHashMap;

use super::disk::Disk;
use super::entry::Entry;
use super::log::{Head, Sweep};
use super::reader::Reader;
use super::records::StateRecord;
use crate::model::{Correlation, ExecutionKey, Seq, Time};
use crate::store::Error;
use crate::store::ledger::Tombstone;
use crate::store::versions::Versions;

/// Why nothing can be read from disk for a moment.
pub(super) const REOPENING: &str = "its disk is being opened again";

/// A stretch of the log, so that its beginning can be cut off by size and age.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) from: (Seq, u64),
    pub(super) last: Seq,
    pub(super) last_number: u64,
    pub(super) bytes: u64,
    pub(super) now: Time,
}

/// Stretches are at least so many bytes, but for the last.
const STRETCH: u64 = 1 << 18;

/// All that is in memory.
#[derive(Debug)]
pub(super) struct Fold {
    /// `None` while the database is closed, or being opened again after the disk has failed.
    pub(super) disk: Option<Arc<Disk>>,
    pub(super) seq: Seq,
    /// The number of the last commit.
    pub(super) commit: u64,
    pub(super) entries: RapidHashMap<ExecutionKey, Entry>,
    names: HashMap<Box<str>, BTreeSet<ExecutionKey>>,
    /// All of them: they are few.
    pub(super) tombstones: HashMap<ExecutionKey, (u64, Tombstone)>,
    /// Those that are not on disk yet.
    pub(super) correlations: HashMap<Box<str>, (u64, Correlation)>,
    pub(super) next_number: u64,
    pub(super) checkpointed: u64,
    pub(super) checkpointed_seq: Seq,
    /// The last commit that is no longer in the log, and its highest Seq.
    pub(super) cut: (u64, Seq),
    pub(super) log: VecDeque<Stretch>,
    /// Rows and bytes that were changed since the last checkpoint began.
    pub(super) changed: (usize, usize),
    /// Bytes of those that a checkpoint is writing.
    pub(super) writing: usize,
    /// Rows and bytes that were read in since something was last let go of.
    pub(super) loaded: (usize, usize),
    /// Moved by every commit, while nobody can read.
    pub(super) versions: Arc<Versions>,
    /// Bytes of all blocks on disk.
    pub(super) stored: u64,
    /// Bytes of blocks that were removed since their place was last given back.
    pub(super) freed: u64,
    tick: AtomicU64,
}

impl Fold {
    pub(super) fn new(disk: Arc<Disk>, state: StateRecord) -> Self {
        Self {
            disk: Some(disk),
            seq: Seq(state.seq),
            commit: state.checkpointed,
            entries: RapidHashMap::default(),
            names: HashMap::new(),
            tombstones: HashMap::new(),
            correlations: HashMap::new(),
            next_number: state.next_number.max(1),
            checkpointed: state.checkpointed,
            checkpointed_seq: Seq(state.seq),
            cut: (state.cut, Seq(state.cut_seq)),
            log: VecDeque::new(),
            changed: (0, 0),
            writing: 0,
            loaded: (0, 0),
            versions: Arc::default(),
            stored: state.stored,
            freed: 0,
            tick: AtomicU64::new(0),
        }
    }

    /// How far the blocks and the log reach.
    pub(super) fn state(&self) -> StateRecord {
        StateRecord {
            checkpointed: self.checkpointed,
            seq: self.checkpointed_seq.0,
            next_number: self.next_number,
            cut: self.cut.0,
            cut_seq: self.cut.1.0,
            stored: self.stored,
        }
    }

    /// Bytes of the log that are kept.
    pub(super) fn logged_bytes(&self) -> u64 {
        self.log.iter().map(|stretch| stretch.bytes).sum()
    }

    /// What is on disk beside what is here: taken under the same lock, so that nothing falls between.
    pub(super) fn reader(&self) -> Result<Reader, Error> {
        let disk = self.disk.as_ref();
        disk.map(Disk::reader)
            .ok_or_else(|| Error::Read(REOPENING.into()))
    }

    pub(super) fn entry(&self, key: &ExecutionKey) -> Option<&Entry> {
        let entry = self.entries.get(key)?;
        entry.touch(self.tick.fetch_add(1, Ordering::Relaxed));
        Some(entry)
    }

    /// The executions in memory that have a name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Entry> {
        let keys = self.names.get(name).into_iter().flatten();
        keys.filter_map(|key| self.entries.get(key))
    }

    /// Puts an execution in.
    pub(super) fn insert(&mut self, key: ExecutionKey, entry: Entry) {
        entry.touch(self.tick.fetch_add(1, Ordering::Relaxed));
        for name in entry.names() {
            self.names
                .entry(name.into())
                .or_default()
                .insert(key.clone());
        }
        self.entries.insert(key, entry);
    }

    /// Notes an execution's names again, when it has got new ones.
    pub(super) fn rename(&mut self, key: &ExecutionKey) {
        let Some(entry) = self.entries.get(key) else {
            return;
        };
        for name in entry.names() {
            if !self.names.get(name).is_some_and(|keys| keys.contains(key)) {
                self.names
                    .entry(name.into())
                    .or_default()
                    .insert(key.clone());
            }
        }
    }

    /// Takes an execution out.
    pub(super) fn remove(&mut self, key: &ExecutionKey) {
        let Some(entry) = self.entries.remove(key) else {
            return;
        };
        for name in entry.names() {
            if let Some(keys) = self.names.get_mut(name) {
                keys.remove(key);
                if keys.is_empty() {
                    self.names.remove(name);
                }
            }
        }
    }

    /// Notes a commit that is in the log now, after what it did was taken in.
    pub(super) fn committed(&mut self, head: &Head, bytes: u64) {
        (self.commit, self.seq) = (head.number, head.last());
        // Of an execution that was deleted its own name is enough: whoever was united with it knows it by that, too.
        for key in &head.keys {
            self.versions.moved(&key.id);
        }
        self.logged(head, bytes);
    }

    /// Notes a commit that was in the log.
    pub(super) fn logged(&mut self, head: &Head, bytes: u64) {
        if let Some(stretch) = self.log.back_mut()
            && stretch.bytes < STRETCH
        {
            stretch.last = head.last();
            stretch.last_number = head.number;
            stretch.bytes += bytes;
            stretch.now = stretch.now.max(head.now);
            return;
        }
        self.log.push_back(Stretch {
            from: (head.first, head.number),
            last: head.last(),
            last_number: head.number,
            bytes,
            now: head.now,
        });
    }

    /// Forgets what has passed its window.
    pub(super) fn sweep(&mut self, sweep: Sweep) {
        for entry in self.entries.values_mut() {
            entry.forget(sweep.ids);
        }
        self.tombstones
            .retain(|_, (_, tombstone)| tombstone.last_told >= sweep.tombstones);
        self.correlations
            .retain(|_, (_, correlation)| correlation.seen >= sweep.correlations);
    }

    /// Rows and bytes in memory.
    pub(super) fn size(&self) -> (usize, usize) {
        let sizes = self.entries.values().map(Entry::size);
        sizes.fold((0, 0), |(rows, bytes), size| {
            (rows + size.0, bytes + size.1)
        })
    }

    /// Takes the stretches off the log's beginning that are in the blocks and beyond its last bytes: beyond the lower number
    /// those that are older than `from`, beyond the higher all.
    pub(super) fn cut(
        &mut self,
        checkpointed: u64,
        bytes: RangeInclusive<u64>,
        from: Time,
    ) -> Vec<Stretch> {
        let behind = self
            .log
            .iter()
            .take_while(|stretch| stretch.last_number <= checkpointed);
        let mut left: u64 = behind.map(|stretch| stretch.bytes).sum();
        let mut taken = Vec::new();
        while let Some(first) = self.log.front().copied()
            && first.last_number <= checkpointed
            && left - first.bytes >= *bytes.start()
            && (first.now <= from || left > *bytes.end())
        {
            left -= first.bytes;
            self.cut = (first.last_number, first.last);
            taken.push(first);
            self.log.pop_front();
        }
        taken
    }

    /// Lets go of what is on disk and was not used since this tick.
    pub(super) fn forget_unused(&mut self, since: u64) {
        let unused = self
            .entries
            .iter()
            .filter(|(_, entry)| !entry.is_dirty() && entry.used() < since);
        let unused: Vec<_> = unused.map(|(key, _)| key.clone()).collect();
        for key in &unused {
            self.remove(key);
        }
        if self.entries.capacity() > 4 * self.entries.len() {
            self.entries.shrink_to_fit();
            self.names.shrink_to_fit();
            self.correlations.shrink_to_fit();
        }
    }

    /// How often an execution was used so far: the time that [`Entry::used`] tells.
    pub(super) fn tick(&self) -> u64 {
        self.tick.load(Ordering::Relaxed)
    }

    /// Lets go of what is on disk and was not used for the longest time, until no more is left than this.
    pub(super) fn evict(&mut self, rows: usize, bytes: usize) {
        let mut size = self.size();
        self.loaded = (0, 0);
        if size.0 <= rows && size.1 <= bytes {
            return;
        }
        let clean = self.entries.iter().filter(|(_, entry)| !entry.is_dirty());
        let mut clean: Vec<_> = clean
            .map(|(key, entry)| (entry.used(), key.clone()))
            .collect();
        clean.sort_unstable();
        for (_, key) in clean {
            if size.0 <= rows && size.1 <= bytes {
                return;
            }
            if let Some(entry) = self.entries.get(&key) {
                let (less_rows, less_bytes) = entry.size();
                size = (size.0 - less_rows, size.1 - less_bytes);
            }
            self.remove(&key);
        }
    }
}
