//! What retention and deletions do: whole executions go at once from memory and blocks, old rows of an execution as one
//! more change to it. Does I/O.

use std::collections::HashSet;

use super::erase;
use super::log::{self, Change, DeedRef, Head};
use super::start::Inner;
use super::work::Work;
use super::write::{note, opened, unavailable, write};
use crate::model::{ExecutionKey, Seq, Time};
use crate::store::ledger::Tombstone;
use crate::store::{Error, Keep};

/// Executions that are deleted in one commit.
pub(super) const TOGETHER: usize = 64;

impl Inner {
    /// Deletes executions in one commit; answers how many there were.
    pub(super) fn forget(&self, keys: &[ExecutionKey], now: Time) -> Result<usize, Error> {
        let (_checkpointing, mut writer) = self.alone()?;
        self.load(keys.iter())?;
        let (disk, erasure, head, left, stored) = {
            let fold = self.fold.read();
            let mut seen = HashSet::new();
            let there = keys
                .iter()
                .filter(|key| fold.entries.contains_key(key) && seen.insert(*key));
            let keys: Vec<ExecutionKey> = there.cloned().collect();
            if keys.is_empty() {
                return Ok(0);
            }
            let disk = opened(&fold)?;
            let head = Head {
                number: fold.commit + 1,
                first: fold.seq.next(),
                now,
                changes: (0..).take(keys.len()).map(Change::Deleted).collect(),
                keys,
            };
            let mut batch = disk.batch();
            let (mut left, mut stored) = (Vec::with_capacity(head.keys.len()), fold.stored);
            for (key, seq) in head.keys.iter().zip(head.first.0..) {
                let tombstone = Tombstone {
                    at: now,
                    last_told: now,
                    seq: Seq(seq),
                };
                let entry = fold.entries.get(key);
                stored -= erase::execution(&mut batch, &disk, key, entry, &tombstone)
                    .map_err(unavailable)?
                    .min(stored);
                left.push(tombstone);
            }
            erase::put_stored(&mut batch, &disk, &fold, stored);
            (disk, batch, head, left, stored)
        };
        let deeds: Vec<_> = head.keys.iter().map(DeedRef::Delete).collect();
        let bytes = log::encode(&head, &deeds);
        let length = bytes.len() as u64;
        write(&mut writer, &disk, &head, bytes)?;
        let erased = disk.put(erasure);
        let mut fold = self.fold.write();
        fold.freed += fold.stored.saturating_sub(stored);
        fold.stored = stored;
        for (key, left) in head.keys.iter().zip(left) {
            fold.remove(key);
            fold.tombstones.insert(key.clone(), (head.number, left));
        }
        fold.committed(&head, length);
        note(&mut writer, &mut fold, erased);
        drop(fold);
        self.announce.send_replace(head.last());
        Ok(head.keys.len())
    }

    /// Takes old rows away. It is one more change to what is in memory: the blocks follow at the next checkpoint, and until
    /// then the log says it again.
    pub(super) fn prune(&self, key: &ExecutionKey, keep: Keep, now: Time) -> Result<usize, Error> {
        if self.is_full(2) {
            self.checkpoint()?;
        }
        let mut writer = self.writer()?;
        self.load(std::iter::once(key))?;
        let fold = self.fold.read();
        let reader = fold.reader().map_err(unavailable)?;
        let mut work = Work::new(now, self.options.bounds, false);
        let gone = work.prune(&fold, &reader, key, keep).map_err(unavailable)?;
        if gone > 0 {
            let head = work.number(fold.commit + 1, fold.seq.next());
            let deeds = [DeedRef::Prune(key, keep)];
            self.write_out_loud(&mut writer, fold, work, &head, &deeds)?;
        }
        Ok(gone)
    }

    /// How many rows an execution has.
    pub(super) fn count_rows(&self, key: &ExecutionKey) -> Result<usize, Error> {
        let reader = {
            let fold = self.fold.read();
            if let Some(entry) = fold.entries.get(key) {
                return Ok(entry.rows().len());
            }
            fold.reader()?
        };
        let entry = reader.entry(key)?;
        Ok(entry.map_or(0, |entry| entry.rows().len()))
    }

    /// Whether an execution has more rows than this.
    pub(super) fn has_more(&self, key: &ExecutionKey, rows: usize) -> Result<bool, Error> {
        let reader = {
            let fold = self.fold.read();
            if let Some(entry) = fold.entries.get(key) {
                return Ok(entry.rows().len() > rows);
            }
            fold.reader()?
        };
        Ok(reader.room_for_rows(key)? > rows && self.count_rows(key)? > rows)
    }
}
