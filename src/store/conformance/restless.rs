//! The embedded engine without a moment's rest.

use std::sync::Arc;

use tokio::sync::watch;

use crate::model::{
    Correlation, Dialect, Execution, ExecutionFilter, ExecutionKey, Extent, Filter, Page, Part,
    Row, Sample, Seq, Sight, Time,
};
use crate::store::embedded::Embedded;
use crate::store::{
    Appended, Batch, Changes, CountBy, Counted, Error, Keep, Listed, Restored, Scope, Shown, Size,
    Snapshot, Store,
};

/// Checkpoints after each write and keeps nothing in memory.
pub(super) struct Restless(pub(super) Embedded);

impl Store for Restless {
    fn id(&self) -> &str {
        self.0.id()
    }
    fn secret(&self) -> [u8; 32] {
        self.0.secret()
    }
    fn append(&self, batch: &Batch) -> Result<Appended, Error> {
        let done = self.0.append(batch);
        self.0.checkpoint()?;
        done
    }
    fn passed(&self) -> watch::Receiver<Seq> {
        self.0.passed()
    }
    fn version(&self, name: &str) -> u64 {
        self.0.version(name)
    }
    fn list(&self, keys: &[ExecutionKey], filter: &Filter, page: &Page) -> Result<Listed, Error> {
        self.0.list(keys, filter, page)
    }
    fn show(
        &self,
        keys: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
        see: &mut dyn FnMut(&Sight<'_>),
    ) -> Result<Shown, Error> {
        self.0.show(keys, filter, page, see)
    }
    fn count(
        &self,
        keys: &[ExecutionKey],
        filter: &Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error> {
        self.0.count(keys, filter, by)
    }
    fn changes(&self, scope: &Scope, after: Seq, limit: usize) -> Result<Changes, Error> {
        self.0.changes(scope, after, limit)
    }
    fn united(&self, id: &str) -> Result<Vec<Execution>, Error> {
        self.0.united(id)
    }
    fn executions(
        &self,
        filter: &ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error> {
        self.0.executions(filter, offset, limit)
    }
    fn walk(
        &self,
        wanted: &dyn Fn(&Execution) -> bool,
        see: &mut dyn FnMut(&[Arc<Row>]),
    ) -> Result<Seq, Error> {
        self.0.walk(wanted, see)
    }
    fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error> {
        self.0.correlation(uid)
    }
    fn samples(&self, keys: &[ExecutionKey]) -> Result<Vec<Arc<Sample>>, Error> {
        self.0.samples(keys)
    }
    fn forget(&self, keys: &[ExecutionKey], now: Time) -> Result<usize, Error> {
        let done = self.0.forget(keys, now);
        self.0.checkpoint()?;
        done
    }
    fn prune(&self, key: &ExecutionKey, keep: Keep, now: Time) -> Result<usize, Error> {
        let done = self.0.prune(key, keep, now);
        self.0.checkpoint()?;
        done
    }
    fn rows(&self, key: &ExecutionKey) -> Result<usize, Error> {
        self.0.rows(key)
    }
    fn size(&self) -> Result<Size, Error> {
        self.0.size()
    }
    fn remove(&self, keys: &[ExecutionKey], dialect: Dialect, now: Time) -> Result<usize, Error> {
        let done = self.0.remove(keys, dialect, now);
        self.0.checkpoint()?;
        done
    }
    fn snapshot(&self, extent: &Extent) -> Result<Snapshot, Error> {
        self.0.snapshot(extent)
    }
    fn restore(&self, parts: &[Part], now: Time) -> Result<Restored, Error> {
        let done = self.0.restore(parts, now);
        self.0.checkpoint()?;
        done
    }
    fn sweep(&self, now: Time) -> Result<(), Error> {
        let done = self.0.sweep(now);
        self.0.checkpoint()?;
        done
    }
    fn close(&self) -> Result<(), Error> {
        self.0.close()
    }
}
