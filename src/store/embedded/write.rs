//! The write half: append, remove, sweep. One commit at a time; what is not on disk is not visible. Does I/O.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::RwLockReadGuard;

use super::disk::Disk;
use super::entry::Entry;
use super::erase;
use super::fold::Fold;
use super::keys;
use super::log::{self, DeedRef, Head, Sweep};
use super::start::{Inner, Writer};
use super::work::{Learned, ToLog, Work};
use crate::model::{Dialect, ExecutionKey, Observation, Outcome, Time};
use crate::store::bounds::CORRELATION_WINDOW;
use crate::store::ledger::Tombstone;
use crate::store::{Appended, Batch, Error};

/// A writer's failure to read is a failure to write: nothing was kept.
pub(super) fn unavailable(error: Error) -> Error {
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
                    Observation::Sample(sample) => Some(&sample.execution),
                    Observation::Correlation(_) => None,
                }),
        )?;
        let fold = self.fold.read();
        let reader = fold.reader().map_err(unavailable)?;
        let mut work = Work::new(batch.now, self.options.bounds, false);
        let mut deeds = Vec::with_capacity(batch.observations.len());
        let mut taken = Vec::with_capacity(batch.observations.len());
        for observation in &batch.observations {
            taken.push(match observation {
                Observation::Event(telling) => {
                    let told = work.tell(&fold, &reader, telling).map_err(unavailable)?;
                    deeds.extend(match told.log {
                        ToLog::Nothing => None,
                        ToLog::Whole => Some(DeedRef::Tell(telling)),
                        ToLog::Repeat(known) => Some(DeedRef::Repeat(telling, known)),
                        ToLog::Bury => Some(DeedRef::Bury(&telling.execution)),
                    });
                    Ok(told.taken)
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
                Observation::Sample(sample) => {
                    let (learned, noted) = work.measure(&fold, sample);
                    deeds.extend(noted.then_some(DeedRef::Bury(&sample.execution)));
                    deeds.extend((learned == Learned::News).then_some(DeedRef::Measure(sample)));
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
        let head = work.number(fold.commit + 1, fold.seq.next());
        let seq_of = |row| work.seq(row, head.first);
        let outcomes = taken
            .into_iter()
            .map(|taken| taken.map_or_else(|outcome| outcome, |taken| taken.outcome(seq_of)));
        let appended = Appended {
            outcomes: outcomes.collect(),
            seq: head.last(),
        };
        if !deeds.is_empty() {
            self.write_out_loud(&mut writer, fold, work, &head, &deeds)?;
        }
        Ok(appended)
    }

    /// Takes away the rows of a dialect. It is one more change to what is in memory: the blocks follow at the next
    /// checkpoint, and until then the log says it again.
    pub(super) fn remove(
        &self,
        executions: &[ExecutionKey],
        dialect: Dialect,
        now: Time,
    ) -> Result<usize, Error> {
        if self.is_full(2) {
            self.checkpoint()?;
        }
        let mut writer = self.writer()?;
        self.load(executions.iter())?;
        let fold = self.fold.read();
        let mut work = Work::new(now, self.options.bounds, false);
        let (mut deeds, mut removed) = (Vec::new(), 0);
        let mut seen = HashSet::new();
        for key in executions.iter().filter(|key| seen.insert(*key)) {
            let count = work.remove(&fold, key, dialect);
            deeds.extend((count > 0).then_some(DeedRef::Remove(key, dialect)));
            removed += count;
        }
        let head = work.number(fold.commit + 1, fold.seq.next());
        if !deeds.is_empty() {
            self.write_out_loud(&mut writer, fold, work, &head, &deeds)?;
        }
        Ok(removed)
    }

    /// Writes a commit, lets everybody see it, and says so.
    pub(super) fn write_out_loud(
        &self,
        writer: &mut Writer,
        fold: RwLockReadGuard<'_, Fold>,
        work: Work,
        head: &Head,
        deeds: &[DeedRef<'_>],
    ) -> Result<(), Error> {
        let bytes = log::encode(head, deeds);
        let length = bytes.len() as u64;
        let disk = opened(&fold)?;
        drop(fold);
        write(writer, &disk, head, bytes)?;
        let mut fold = self.fold.write();
        work.publish(&mut fold, head.number);
        fold.committed(head, length);
        drop(fold);
        self.announce.send_replace(head.last());
        Ok(())
    }

    /// Brings executions into memory that are on disk only.
    pub(super) fn load<'a>(
        &self,
        keys: impl Iterator<Item = &'a ExecutionKey>,
    ) -> Result<(), Error> {
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

    pub(super) fn sweep(&self, now: Time) -> Result<(), Error> {
        let (_checkpointing, mut writer) = self.alone()?;
        let sweep = Sweep {
            ids: now.before(self.options.bounds.ids),
            tombstones: Tombstone::horizon(now),
            correlations: now.before(CORRELATION_WINDOW),
        };
        let (disk, erasure, head) = {
            let fold = self.fold.read();
            let disk = opened(&fold)?;
            let head = Head {
                number: fold.commit + 1,
                first: fold.seq.next(),
                now,
                keys: Vec::new(),
                changes: Vec::new(),
            };
            let erasure = erase::swept(&disk, &fold, sweep).map_err(unavailable)?;
            (disk, erasure, head)
        };
        let bytes = log::encode(&head, &[DeedRef::Sweep(sweep)]);
        let length = bytes.len() as u64;
        write(&mut writer, &disk, &head, bytes)?;
        let erased = disk.put(erasure);
        let mut fold = self.fold.write();
        fold.sweep(sweep);
        fold.committed(&head, length);
        note(&mut writer, &mut fold, erased);
        Ok(())
    }
}

pub(super) fn opened(fold: &Fold) -> Result<Arc<Disk>, Error> {
    let disk = fold.disk.clone();
    disk.ok_or_else(|| Error::Unavailable("it is closed".into()))
}

/// What the log says is done, even if the blocks could not follow: they will when the database is opened again,
/// and are not read until then.
pub(super) fn note(writer: &mut Writer, fold: &mut Fold, erased: Result<(), Error>) {
    if let Err(error) = erased {
        writer.broken = Some(error.to_string());
        fold.disk = None;
    }
}

/// Writes a commit; when this returns it is on disk.
pub(super) fn write(
    writer: &mut Writer,
    disk: &Disk,
    head: &Head,
    bytes: Vec<u8>,
) -> Result<(), Error> {
    let mut batch = disk.batch();
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
