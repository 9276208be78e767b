//! A store that does not write at first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::watch;

use crate::model::{
    Correlation, Dialect, Execution, ExecutionFilter, ExecutionKey, Extent, Filter, Page, Part,
    Row, Sample, Seq, Time,
};
use crate::store::memory::Memory;
use crate::store::{
    Appended, Batch, Bounds, Changes, CountBy, Counted, Error, Keep, Listed, Restored, Scope, Size,
    Snapshot, Store,
};

/// Memory that refuses the first appends.
pub(super) struct Flaky {
    inner: Memory,
    failures: AtomicU32,
}

impl Flaky {
    pub(super) fn new(failures: u32) -> Self {
        Self {
            inner: Memory::new(Bounds::default()),
            failures: failures.into(),
        }
    }
}

impl Store for Flaky {
    fn id(&self) -> &str {
        self.inner.id()
    }

    fn secret(&self) -> [u8; 32] {
        self.inner.secret()
    }

    fn append(&self, batch: &Batch) -> Result<Appended, Error> {
        let left = |left: u32| left.checked_sub(1);
        let order = Ordering::Relaxed;
        if self.failures.fetch_update(order, order, left).is_ok() {
            return Err(Error::Unavailable("no room".into()));
        }
        self.inner.append(batch)
    }

    fn passed(&self) -> watch::Receiver<Seq> {
        self.inner.passed()
    }

    fn version(&self, name: &str) -> u64 {
        self.inner.version(name)
    }

    fn list(&self, of: &[ExecutionKey], filter: &Filter, page: &Page) -> Result<Listed, Error> {
        self.inner.list(of, filter, page)
    }

    fn count(
        &self,
        of: &[ExecutionKey],
        filter: &Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error> {
        self.inner.count(of, filter, by)
    }

    fn changes(&self, scope: &Scope, after: Seq, limit: usize) -> Result<Changes, Error> {
        self.inner.changes(scope, after, limit)
    }

    fn united(&self, id: &str) -> Result<Vec<Execution>, Error> {
        self.inner.united(id)
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error> {
        self.inner.executions(filter, offset, limit)
    }

    fn walk(
        &self,
        wanted: &dyn Fn(&Execution) -> bool,
        see: &mut dyn FnMut(&[Arc<Row>]),
    ) -> Result<Seq, Error> {
        self.inner.walk(wanted, see)
    }

    fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error> {
        self.inner.correlation(uid)
    }

    fn samples(&self, executions: &[ExecutionKey]) -> Result<Vec<Arc<Sample>>, Error> {
        self.inner.samples(executions)
    }

    fn forget(&self, executions: &[ExecutionKey], now: Time) -> Result<usize, Error> {
        self.inner.forget(executions, now)
    }

    fn prune(&self, execution: &ExecutionKey, keep: Keep, now: Time) -> Result<usize, Error> {
        self.inner.prune(execution, keep, now)
    }

    fn rows(&self, execution: &ExecutionKey) -> Result<usize, Error> {
        self.inner.rows(execution)
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
        self.inner.remove(executions, dialect, now)
    }

    fn snapshot(&self, extent: &Extent) -> Result<Snapshot, Error> {
        self.inner.snapshot(extent)
    }

    fn restore(&self, parts: &[Part], now: Time) -> Result<Restored, Error> {
        self.inner.restore(parts, now)
    }

    fn sweep(&self, now: Time) -> Result<(), Error> {
        self.inner.sweep(now)
    }

    fn close(&self) -> Result<(), Error> {
        self.inner.close()
    }
}
