//! The embedded engine: one directory, one process, no server.
//!
//! ```text
//! append ── Work over Fold ── log (one value, one fsync) ── publish to Fold ──▶ readable
//!                                                               │ checkpoint, in the background
//!                                                               ▼
//! read ◀── Fold, else ───────────────────────────────────── packed blocks
//! ```
//!
//! The log is the truth. What is in memory (the fold) is what the log says and the blocks do not have yet, besides
//! what was used lately. A checkpoint writes it into blocks and cuts the log off behind them, so that opening
//! replays little. Whole executions are in memory or not at all: so a read never merges the two. Does I/O.

mod acknowledged;
mod blocks;
mod checkpoint;
mod codec;
mod desk;
mod disk;
mod entry;
mod erase;
mod fold;
mod forget;
mod format;
mod give_back;
mod intact;
mod kept;
mod keys;
mod log;
mod raw;
mod read;
mod reader;
mod records;
mod repeat;
mod replay;
mod rest;
mod restore;
mod room;
mod saved;
mod sights;
mod snapshot;
mod start;
mod verify;
mod words;
mod work;
mod worker;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use self::disk::FAILED_BEFORE;
use self::fold::REOPENING;
pub use self::format::{Formats, formats};
use self::start::Inner;
pub(super) use self::verify::verify;
use self::worker::Worker;
use super::{
    Appended, Batch, Changes, CountBy, Counted, Error, Keep, Listed, Options, Restored, Scope,
    Shown, Size, Snapshot, Store,
};
use crate::model::{
    Correlation, Dialect, Execution, ExecutionFilter, ExecutionKey, Extent, Filter, Page, Part,
    Row, Sample, Seq, Sight, Time,
};

/// How long who reads waits for a database that is being opened again.
const PATIENCE: Duration = Duration::from_secs(10);

/// A history in a directory.
#[derive(Debug)]
pub(super) struct Embedded {
    inner: Arc<Inner>,
    worker: Worker,
}

impl Embedded {
    /// Opens the directory, or makes it, and brings in what the log holds beyond the blocks.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if another process has it open, [`Error::Format`] if a newer version has written it,
    /// [`Error::Damaged`] if what is there is not what was written, [`Error::Read`] if it cannot be read.
    pub(super) fn open(directory: &Path, options: Options) -> Result<Self, Error> {
        let every = options.checkpoint_every;
        let inner = Arc::new(Inner::open(directory, options)?);
        let worker = Worker::start(inner.clone(), every)
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { inner, worker })
    }

    /// Writes what has changed into blocks and cuts the log off behind them; it happens by itself, too.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the disk did not do it: nothing is lost, the log still has it.
    #[cfg(test)]
    pub(super) fn checkpoint(&self) -> Result<(), Error> {
        self.inner.checkpoint()
    }

    /// Reads; while the database is opened again after a failure, waits for that: nobody has seen anything by then.
    fn patiently<T>(&self, mut read: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let begin = Instant::now();
        loop {
            let before = self.inner.is_reopening();
            match read() {
                Err(Error::Read(why))
                    if why == REOPENING
                        && (before || self.inner.is_reopening())
                        && begin.elapsed() < PATIENCE =>
                {
                    std::thread::sleep(Duration::from_millis(10));
                }
                done => return done,
            }
        }
    }
}

/// Writes; once more where the database turns out to have failed before, at work that nobody waits for: nothing of it was
/// written, the second try opens the database again, and what it failed for may be over.
fn persistently<T>(mut write: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    match write() {
        Err(Error::Unavailable(why)) if why == FAILED_BEFORE => write(),
        done => done,
    }
}

impl Store for Embedded {
    fn id(&self) -> &str {
        self.inner.id()
    }

    fn secret(&self) -> [u8; 32] {
        self.inner.secret()
    }

    fn append(&self, batch: &Batch) -> Result<Appended, Error> {
        self.inner.wait_for_room(|| self.worker.hurry())?;
        let appended = persistently(|| self.inner.append(batch));
        let appended = appended.map_err(|error| self.inner.explained(error))?;
        if self.inner.is_full(1) {
            self.worker.wake();
        }
        Ok(appended)
    }

    fn passed(&self) -> watch::Receiver<Seq> {
        self.inner.passed()
    }

    fn version(&self, name: &str) -> u64 {
        self.inner.versions.of(name)
    }

    fn list(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed, Error> {
        self.patiently(|| self.inner.list(executions, filter, page))
    }

    fn show(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
        see: &mut dyn FnMut(&Sight<'_>),
    ) -> Result<Shown, Error> {
        self.patiently(|| self.inner.show(executions, filter, page, see))
    }

    fn count(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error> {
        self.patiently(|| self.inner.count(executions, filter, by))
    }

    fn changes(&self, scope: &Scope, after: Seq, limit: usize) -> Result<Changes, Error> {
        self.patiently(|| self.inner.changes(scope, after, limit))
    }

    fn united(&self, id: &str) -> Result<Vec<Execution>, Error> {
        self.patiently(|| self.inner.united(id))
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error> {
        self.patiently(|| self.inner.executions(filter, offset, limit))
    }

    fn walk(
        &self,
        wanted: &dyn Fn(&Execution) -> bool,
        see: &mut dyn FnMut(&[Arc<Row>]),
    ) -> Result<Seq, Error> {
        self.patiently(|| self.inner.walk(wanted, see))
    }

    fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error> {
        self.patiently(|| self.inner.correlation(uid))
    }

    fn samples(&self, executions: &[ExecutionKey]) -> Result<Vec<Arc<Sample>>, Error> {
        self.patiently(|| self.inner.samples(executions))
    }

    fn forget(&self, executions: &[ExecutionKey], now: Time) -> Result<usize, Error> {
        let mut gone = 0;
        for some in executions.chunks(forget::TOGETHER) {
            gone += persistently(|| self.inner.forget(some, now))?;
        }
        if self.inner.has_much_to_give_back() {
            self.worker.hurry();
        }
        Ok(gone)
    }

    fn prune(&self, execution: &ExecutionKey, keep: Keep, now: Time) -> Result<usize, Error> {
        let gone = persistently(|| self.inner.prune(execution, keep, now))?;
        if self.inner.is_full(1) {
            self.worker.wake();
        }
        Ok(gone)
    }

    fn rows(&self, execution: &ExecutionKey) -> Result<usize, Error> {
        self.patiently(|| self.inner.count_rows(execution))
    }

    fn has_more(&self, execution: &ExecutionKey, rows: usize) -> Result<bool, Error> {
        self.patiently(|| self.inner.has_more(execution, rows))
    }

    fn size(&self) -> Result<Size, Error> {
        self.inner.size()
    }

    fn remove(
        &self,
        executions: &[ExecutionKey],
        dialect: Dialect,
        now: Time,
    ) -> Result<usize, Error> {
        let removed = persistently(|| self.inner.remove(executions, dialect, now))?;
        if self.inner.is_full(1) {
            self.worker.wake();
        }
        Ok(removed)
    }

    fn snapshot(&self, extent: &Extent) -> Result<Snapshot, Error> {
        self.patiently(|| self.inner.snapshot(extent))
    }

    fn restore(&self, parts: &[Part], now: Time) -> Result<Restored, Error> {
        self.inner.wait_for_room(|| self.worker.hurry())?;
        let restored = persistently(|| self.inner.restore(parts, now));
        let restored = restored.map_err(|error| self.inner.explained(error))?;
        if self.inner.is_full(1) {
            self.worker.wake();
        }
        Ok(restored)
    }

    fn sweep(&self, now: Time) -> Result<(), Error> {
        persistently(|| self.inner.sweep(now))
    }

    fn close(&self) -> Result<(), Error> {
        self.worker.stop();
        self.inner.close()
    }
}
