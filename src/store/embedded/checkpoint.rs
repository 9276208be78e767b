//! Writes what has changed into blocks, slice by slice, and then cuts the log off behind them. Readers and
//! writers go on meanwhile; doing it twice, or half of it, is harmless. Does I/O.

use std::sync::Arc;

use fjall::OwnedWriteBatch;

use super::disk::Disk;
use super::entry::{Frozen, Stored, Written};
use super::reader::tombstone;
use super::records::{CorrelationRecord, ExecutionRecord, SampleRecord, StateRecord};
use super::start::Inner;
use super::{blocks, codec, kept, keys};
use crate::model::{ExecutionKey, Seq};
use crate::store::Error;

/// Rows in a slice, about.
const SLICE: usize = if cfg!(test) { 2 } else { 8192 };

/// Where a checkpoint stands.
#[derive(Clone, Copy)]
struct Point {
    commit: u64,
    seq: Seq,
}

impl Inner {
    pub(super) fn checkpoint(&self) -> Result<(), Error> {
        let (checkpointing, writer) = self.alone()?;
        drop(writer);
        let done = self.write_out();
        self.fold.write().writing = 0;
        if let Err(error) = &done {
            self.writer.lock().broken = Some(error.to_string());
        }
        drop(checkpointing);
        done
    }

    fn write_out(&self) -> Result<(), Error> {
        let (disk, point, done, dirty) = {
            let mut fold = self.fold.write();
            (fold.writing, fold.changed) = (fold.changed.1, (0, 0));
            let dirty = fold.entries.iter().filter(|(_, entry)| entry.is_dirty());
            let dirty: Vec<_> = dirty
                .map(|(key, entry)| (key.clone(), entry.size().0))
                .collect();
            let point = Point {
                commit: fold.commit,
                seq: fold.seq,
            };
            (fold.disk.clone(), point, fold.checkpointed, dirty)
        };
        let disk = disk.ok_or_else(|| Error::Unavailable("it is closed".into()))?;
        if point.commit > done {
            self.write_changes(&disk, point, dirty)?;
        }
        self.cut_log(&disk, point)?;
        let _writer = self.writer.lock();
        let options = &self.options;
        self.fold
            .write()
            .evict(options.cached_rows, options.cached_bytes);
        Ok(())
    }

    fn write_changes(
        &self,
        disk: &Arc<Disk>,
        point: Point,
        dirty: Vec<(ExecutionKey, usize)>,
    ) -> Result<(), Error> {
        let mut slice = Vec::new();
        let mut rows = 0;
        for (key, size) in dirty {
            slice.push(key);
            rows += size.max(1);
            if rows >= SLICE {
                self.write_slice(disk, &slice)?;
                slice.clear();
                rows = 0;
            }
        }
        self.write_slice(disk, &slice)?;
        self.write_rest(disk, point)?;
        disk.sync()?;
        let file = self.writer.lock().acknowledged.handle();
        file.and_then(|file| file.sync_data())
            .map_err(|error| Error::Unavailable(error.to_string()))
    }

    /// Writes some executions: one batch, all or nothing.
    fn write_slice(&self, disk: &Arc<Disk>, slice: &[ExecutionKey]) -> Result<(), Error> {
        if slice.is_empty() {
            return Ok(());
        }
        let (commit, mut state, frozen) = {
            let fold = self.fold.read();
            let found = slice.iter().filter_map(|key| fold.entries.get(key));
            let frozen: Vec<_> = found.map(super::entry::Entry::freeze).collect();
            (fold.commit, fold.state(), frozen)
        };
        let mut batch = disk.batch();
        let mut settled = Vec::with_capacity(frozen.len());
        for frozen in frozen {
            let written = write_execution(disk, &mut batch, &frozen, commit);
            let before: u64 = frozen.blocks.iter().map(|it| it.stored.bytes()).sum();
            let stored = written.iter().filter_map(|(_, kept)| *kept);
            let after: u64 = stored.map(|(_, stored)| stored.bytes()).sum();
            state.stored = (state.stored + after).saturating_sub(before);
            settled.push((frozen.execution.key, written));
        }
        let stored = state.stored;
        disk.put_state(&mut batch, state);
        disk.put(batch)?;
        let mut fold = self.fold.write();
        fold.freed += fold.stored.saturating_sub(stored);
        fold.stored = stored;
        for (key, written) in settled {
            if let Some(entry) = fold.entries.get_mut(&key) {
                entry.settle(commit, &written);
            }
        }
        Ok(())
    }

    /// Writes what belongs to no execution, and how far the blocks reach now.
    fn write_rest(&self, disk: &Arc<Disk>, point: Point) -> Result<(), Error> {
        let mut batch = disk.batch();
        let state = {
            let fold = self.fold.read();
            let kept = kept::note(&fold, point.commit, point.seq);
            batch.insert(&disk.state, keys::KEPT, kept);
            for (changed, correlation) in fold.correlations.values() {
                if *changed <= point.commit {
                    let bytes = codec::seal(&CorrelationRecord::of(correlation));
                    batch.insert(&disk.correlations, keys::uid(&correlation.uid), bytes);
                }
            }
            for (key, (changed, found)) in &fold.tombstones {
                if *changed > fold.checkpointed && *changed <= point.commit {
                    batch.insert(
                        &disk.tombstones,
                        keys::execution(key),
                        tombstone(key, found),
                    );
                }
            }
            StateRecord {
                checkpointed: point.commit,
                seq: point.seq.0,
                ..fold.state()
            }
        };
        disk.put_state(&mut batch, state);
        disk.put(batch)?;
        let mut fold = self.fold.write();
        fold.correlations
            .retain(|_, (changed, _)| *changed > point.commit);
        fold.checkpointed = point.commit;
        fold.checkpointed_seq = point.seq;
        Ok(())
    }

    /// Cuts off what no follower needs any more.
    fn cut_log(&self, disk: &Arc<Disk>, point: Point) -> Result<(), Error> {
        let most = self.most_of_log();
        let (cut, state) = {
            let mut fold = self.fold.write();
            let newest = fold
                .log
                .back()
                .map_or(crate::model::Time::MIN, |last| last.now);
            let from = newest.before(self.options.log_age);
            let cut = fold.cut(point.commit, self.options.log_bytes..=most, from);
            (cut, fold.state())
        };
        let (Some(first), Some(last)) = (cut.first(), cut.last()) else {
            return Ok(());
        };
        let (first_seq, first_number) = first.from;
        let from = keys::log(first_seq, first_number);
        let to = keys::log(last.last.next(), last.last_number);
        let mut batch = disk.batch();
        for key in disk.reader().log_keys(from, to)? {
            batch.remove(&disk.log, &*key);
        }
        disk.put_state(&mut batch, state);
        disk.put(batch)
    }
}

/// Puts what has changed of an execution into a batch; gives what its blocks are on disk then.
fn write_execution(
    disk: &Disk,
    batch: &mut OwnedWriteBatch,
    frozen: &Frozen,
    commit: u64,
) -> Vec<Written> {
    let (number, execution) = (frozen.number, &frozen.execution);
    let record = codec::seal(&ExecutionRecord::of(execution, commit));
    batch.insert(
        &disk.numbers,
        keys::execution(&execution.key),
        keys::placed(number, frozen.blocks_end),
    );
    batch.insert(&disk.executions, keys::number(number), record);
    let names = execution.aliases.iter().map(|alias| &**alias);
    for name in names.chain([&*execution.key.id]) {
        batch.insert(&disk.names, keys::name(name, number), b"");
    }
    let mut written = Vec::with_capacity(frozen.blocks.len());
    for sheaf in &frozen.blocks {
        let (at, rows) = (sheaf.at, &sheaf.rows);
        let key = keys::block(number, at);
        if rows.is_empty() {
            batch.remove(&disk.heads, key);
            batch.remove(&disk.texts, key);
            written.push((at, None));
            continue;
        }
        let packed = blocks::pack(rows, sheaf.mark);
        let mut stored = Stored {
            heads: packed.heads.len() as u32,
            ..sheaf.stored
        };
        batch.insert(&disk.heads, key, packed.heads);
        if let Some(texts) = packed.texts {
            stored.texts = texts.len() as u32;
            batch.insert(&disk.texts, key, texts);
        }
        written.push((at, Some((packed.mark, stored))));
    }
    for (origin, kept) in &frozen.outside {
        let key = keys::owned(number, *origin);
        match kept {
            Some((row, known)) => {
                batch.insert(&disk.outside, key, blocks::pack_outside(*row, known));
            }
            None => batch.remove(&disk.outside, key),
        }
    }
    for (id, told) in &frozen.once {
        batch.insert(&disk.ids, keys::owned(number, *id), told.0.to_be_bytes());
    }
    for (id, told) in &frozen.once {
        batch.insert(&disk.expiry, keys::expiry(*told, number, *id), b"");
    }
    for (slot, kept) in &frozen.samples {
        let key = keys::owned(number, *slot);
        match kept {
            Some(sample) => {
                batch.insert(&disk.samples, key, codec::seal(&SampleRecord::of(sample)));
            }
            None => batch.remove(&disk.samples, key),
        }
    }
    written
}
