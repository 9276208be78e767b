//! The write half: append, delete, sweep. One commit at a time; what is not on disk is not visible. Does I/O.

use std::collections::HashSet;

use fjall::OwnedWriteBatch;

use super::disk::{Disk, tombstone};
use super::entry::Entry;
use super::keys;
use super::log::{self, Change, DeedRef, Head, Sweep};
use super::start::{Inner, Writer};
use super::work::{Learned, Work, by_execution};
use crate::model::{ExecutionKey, Observation, Outcome, Time};
use crate::store::bounds::CORRELATION_WINDOW;
use crate::store::ledger::Tombstone;
use crate::store::{Appended, Batch, Error};

/// A writer's failure to read is a failure to write: nothing was kept.
fn unavailable(error: Error) -> Error {
    match error {
        Error::Read(why) => Error::Unavailable(why),
        other => other,
    }
}

impl Inner {
    /// Whether so many times the rows or bytes at which a checkpoint begins are in memory.
    pub(super) fn is_full(&self, times: usize) -> bool {
        let (fold, options) = (self.fold.read(), &self.options);
        fold.changed.0 >= options.fold_rows.saturating_mul(times)
            || fold.changed.1 >= options.fold_bytes.saturating_mul(times)
            || fold.loaded.0 > options.cached_rows.saturating_mul(times)
            || fold.loaded.1 > options.cached_bytes.saturating_mul(times)
    }

    pub(super) fn append(&self, batch: &Batch) -> Result<Appended, Error> {
        if self.is_full(2) {
            // The checkpoint does not keep up: who writes waits for it.
            self.checkpoint()?;
        }
        let mut writer = self.writer()?;
        self.load(
            batch
                .observations
                .iter()
                .filter_map(|observation| match observation {
                    Observation::Event(telling) => Some(&telling.execution),
                    Observation::Execution(fact) => Some(&fact.key),
                    Observation::Correlation(_) => None,
                }),
        )?;
        let fold = self.fold.read();
        let reader = fold.reader().map_err(unavailable)?;
        let mut work = Work::new(batch.now, self.options.bounds.origins, false);
        let mut deeds = Vec::new();
        let mut taken = Vec::with_capacity(batch.observations.len());
        for observation in &batch.observations {
            taken.push(match observation {
                Observation::Event(telling) => {
                    let (taken, news, buried) =
                        work.tell(&fold, &reader, telling).map_err(unavailable)?;
                    deeds.extend(news.then_some(DeedRef::Tell(telling)));
                    deeds.extend(buried.then_some(DeedRef::Bury(&telling.execution)));
                    Ok(taken)
                }
                Observation::Execution(fact) => {
                    let (learned, noted) = work.learn(&fold, fact);
                    deeds.extend(noted.then_some(DeedRef::Bury(&fact.key)));
                    deeds.extend((learned == Learned::News).then_some(DeedRef::Learn(fact)));
                    Err(match learned {
                        Learned::Buried => Outcome::Buried,
                        Learned::News | Learned::Known => Outcome::Noted,
                    })
                }
                Observation::Correlation(correlation) => {
                    work.correlate(correlation);
                    deeds.push(DeedRef::Correlate(correlation));
                    Err(Outcome::Noted)
                }
            });
        }
        let (number, first) = (fold.commit + 1, fold.seq.next());
        let (head, seqs) = work.number(number, first);
        if !deeds.is_empty() {
            let bytes = log::encode(&head, &deeds);
            let length = bytes.len() as u64;
            let disk = fold.disk.clone();
            drop(fold);
            let disk = disk.ok_or_else(|| Error::Unavailable("it is closed".into()))?;
            write(&mut writer, &disk, disk.batch(), &head, bytes)?;
            let mut fold = self.fold.write();
            work.publish(&mut fold, number, &by_execution(&head));
            fold.seq = head.last();
            fold.logged(first, head.last(), number, length, batch.now);
            drop(fold);
            self.announce.send_replace(head.last());
        }
        let seq_of = |row| seqs.get(&row).copied().unwrap_or_default();
        let outcomes = taken
            .into_iter()
            .map(|taken| taken.map_or_else(|outcome| outcome, |taken| taken.outcome(seq_of)));
        Ok(Appended {
            outcomes: outcomes.collect(),
            seq: head.last(),
        })
    }

    /// Brings executions into memory that are on disk only.
    fn load<'a>(&self, keys: impl Iterator<Item = &'a ExecutionKey>) -> Result<(), Error> {
        let (missing, reader) = {
            let fold = self.fold.read();
            let missing: HashSet<_> = keys.filter(|key| !fold.entries.contains_key(key)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            (missing, fold.reader().map_err(unavailable)?)
        };
        let mut found: Vec<(&ExecutionKey, Entry)> = Vec::new();
        for key in missing {
            let entry = reader.entry(key).map_err(unavailable)?;
            found.extend(entry.map(|entry| (key, entry)));
        }
        if !found.is_empty() {
            let mut fold = self.fold.write();
            for (key, entry) in found {
                let (rows, bytes) = entry.size();
                fold.loaded = (fold.loaded.0 + rows, fold.loaded.1 + bytes);
                fold.insert(key.clone(), entry);
            }
        }
        Ok(())
    }

    pub(super) fn delete(&self, key: &ExecutionKey, now: Time) -> Result<bool, Error> {
        let (_checkpointing, mut writer) = self.alone()?;
        self.load(std::iter::once(key))?;
        let (disk, mut batch, head) = {
            let fold = self.fold.read();
            let Some(entry) = fold.entries.get(key) else {
                return Ok(false);
            };
            let disk = fold.disk.clone();
            let disk = disk.ok_or_else(|| Error::Unavailable("it is closed".into()))?;
            let mut batch = disk.batch();
            if entry.is_on_disk() {
                remove(&disk, &mut batch, entry).map_err(unavailable)?;
            }
            let head = Head {
                number: fold.commit + 1,
                first: fold.seq.next(),
                now,
                keys: vec![key.clone()],
                changes: vec![Change::Deleted(0)],
            };
            (disk, batch, head)
        };
        let left = Tombstone {
            at: now,
            last_told: now,
            seq: head.first,
        };
        batch.insert(
            &disk.tombstones,
            keys::execution(key),
            tombstone(key, &left),
        );
        let bytes = log::encode(&head, &[DeedRef::Delete(key)]);
        let length = bytes.len() as u64;
        write(&mut writer, &disk, batch, &head, bytes)?;
        let mut fold = self.fold.write();
        fold.remove(key);
        fold.tombstones.insert(key.clone(), (head.number, left));
        (fold.commit, fold.seq) = (head.number, head.last());
        fold.logged(head.first, head.last(), head.number, length, now);
        drop(fold);
        self.announce.send_replace(head.last());
        Ok(true)
    }

    pub(super) fn sweep(&self, now: Time) -> Result<(), Error> {
        let (_checkpointing, mut writer) = self.alone()?;
        let sweep = Sweep {
            ids: now.before(self.options.bounds.ids),
            tombstones: Tombstone::horizon(now),
            correlations: now.before(CORRELATION_WINDOW),
        };
        let (disk, head, over) = {
            let fold = self.fold.read();
            let disk = fold.disk.clone();
            let disk = disk.ok_or_else(|| Error::Unavailable("it is closed".into()))?;
            let tombstones = fold.tombstones.iter();
            let over = tombstones.filter(|(_, (_, found))| found.last_told < sweep.tombstones);
            let over: Vec<_> = over.map(|(key, _)| keys::execution(key)).collect();
            let head = Head {
                number: fold.commit + 1,
                first: fold.seq.next(),
                now,
                keys: Vec::new(),
                changes: Vec::new(),
            };
            (disk, head, over)
        };
        let mut batch = disk.batch();
        let reader = disk.reader();
        for key in reader.expired(sweep.ids).map_err(unavailable)? {
            if let Some(id) = keys::expired(&key) {
                batch.remove(&disk.ids, id);
            }
            batch.remove(&disk.expiry, &*key);
        }
        for key in over {
            batch.remove(&disk.tombstones, key);
        }
        for found in reader.correlations() {
            let (key, correlation) = found.map_err(unavailable)?;
            if correlation.seen < sweep.correlations {
                batch.remove(&disk.correlations, key);
            }
        }
        drop(reader);
        let bytes = log::encode(&head, &[DeedRef::Sweep(sweep)]);
        let length = bytes.len() as u64;
        write(&mut writer, &disk, batch, &head, bytes)?;
        let mut fold = self.fold.write();
        fold.sweep(sweep);
        fold.commit = head.number;
        fold.logged(head.first, head.last(), head.number, length, now);
        Ok(())
    }
}

/// Writes a commit, and whatever else is in the batch with it; when this returns it is on disk.
fn write(
    writer: &mut Writer,
    disk: &Disk,
    mut batch: OwnedWriteBatch,
    head: &Head,
    bytes: Vec<u8>,
) -> Result<(), Error> {
    batch.insert(&disk.log, keys::log(head.first, head.number), bytes);
    if let Err(error) = disk.commit(batch) {
        writer.broken = Some(error.to_string());
        return Err(error);
    }
    if let Err(error) = writer.acknowledged.write(head.number) {
        // It may say less than there is.
        tracing::warn!(%error, "the acknowledged commit could not be noted");
    }
    Ok(())
}

/// Removes all that is on disk of an execution.
fn remove(
    disk: &std::sync::Arc<Disk>,
    batch: &mut OwnedWriteBatch,
    entry: &Entry,
) -> Result<(), Error> {
    let (reader, number) = (disk.reader(), keys::number(entry.number));
    batch.remove(&disk.numbers, keys::execution(&entry.execution.key));
    batch.remove(&disk.executions, number);
    for name in entry.names() {
        batch.remove(&disk.names, keys::name(name, entry.number));
    }
    for keyspace in [&disk.heads, &disk.texts, &disk.outside, &disk.ids] {
        for key in reader.keys(keyspace, &number)? {
            batch.remove(keyspace, &*key);
        }
    }
    Ok(())
}
