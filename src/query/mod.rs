//! The reading half: one reader of the history for every dialect. Does I/O through the store.

mod basis;
mod kept;
mod look;
mod tail;
mod top;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

pub use self::basis::Basis;
pub use self::kept::{Kept, Weigh};
pub use self::look::Look;
pub use self::tail::Tail;
pub use self::top::Top;
use crate::live;
use crate::model::{
    Code, Execution, ExecutionFilter, ExecutionKey, Extent, Filter, Page, Row, Sample, Seq, Tenants,
};
use crate::store::{self, Store};
pub use crate::store::{CountBy, Counted, Listed, Scope, Shown, Size, Snapshot};

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No execution has this id or alias.
    #[error("execution {0:?} is not known")]
    Unknown(String),
    /// The store did not answer.
    #[error("{0}")]
    Store(#[from] store::Error),
}

impl Error {
    /// The code that callers branch on.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Unknown(_) => Code::NotFound,
            Self::Store(error) => error.code(),
        }
    }

    /// Whether the log of changes no longer reaches back so far: what is that old is to be read by [`Reader::fold`].
    #[must_use]
    pub const fn is_too_old(&self) -> bool {
        matches!(self, Self::Store(store::Error::TooOld { .. }))
    }
}

/// Several executions that are one: an id and its aliases.
#[derive(Clone, Debug)]
pub struct United {
    /// At least one.
    pub executions: Vec<Execution>,
    /// Whether these are all of them: the reader may see each one.
    is_whole: bool,
}

impl From<Vec<Execution>> for United {
    /// All of them: nobody's were left out.
    fn from(executions: Vec<Execution>) -> Self {
        Self {
            executions,
            is_whole: true,
        }
    }
}

impl United {
    /// Their keys.
    #[must_use]
    pub fn keys(&self) -> Vec<ExecutionKey> {
        self.executions
            .iter()
            .map(|execution| execution.key.clone())
            .collect()
    }

    /// Of the latest change to any of them.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.executions
            .iter()
            .map(|execution| execution.seq)
            .max()
            .unwrap_or_default()
    }

    /// Who stands before this has missed a removal.
    #[must_use]
    pub fn pruned(&self) -> Seq {
        self.executions
            .iter()
            .map(|execution| execution.pruned)
            .max()
            .unwrap_or_default()
    }

    /// Whether they have come to an end: the latest told status is terminal.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.executions
            .iter()
            .map(|execution| execution.status)
            .max()
            .is_some_and(|status| status.phase.is_terminal())
    }
}

/// Reads the history; cheap to clone.
#[derive(Clone)]
pub struct Reader {
    store: Arc<dyn Store>,
    live: live::Handle,
    passed: Arc<watch::Receiver<Seq>>,
    sees: Arc<Tenants>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// A reader of this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, live: live::Handle) -> Self {
        Self {
            passed: Arc::new(store.passed()),
            store,
            live,
            sees: Arc::default(),
        }
    }

    /// The same reader, for somebody who may see only these tenants' histories: others are as if they were not there.
    #[must_use]
    pub fn within(self, sees: Arc<Tenants>) -> Self {
        Self { sees, ..self }
    }

    /// The store's own id: what positions in its sequence belong to.
    #[must_use]
    pub fn store_id(&self) -> &str {
        self.store.id()
    }

    /// The store's secret, for signing cursors.
    #[must_use]
    pub fn secret(&self) -> [u8; 32] {
        self.store.secret()
    }

    /// The highest `Seq` that can be read, and when it changes.
    #[must_use]
    pub fn passed(&self) -> watch::Receiver<Seq> {
        self.store.passed()
    }

    /// The highest `Seq` that can be read now.
    #[must_use]
    pub fn now(&self) -> Seq {
        *self.passed.borrow()
    }

    /// The executions that an id names.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] if there is none.
    pub async fn get(&self, id: &str) -> Result<United, Error> {
        let id = id.to_owned();
        self.look(move |look| look.get(&id)).await
    }

    /// Rows of some executions, as one history.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn list(
        &self,
        executions: Vec<ExecutionKey>,
        filter: Filter,
        page: Page,
    ) -> Result<Listed, Error> {
        self.read(move |store| store.list(&executions, &filter, &page))
            .await
    }

    /// Counts rows of some executions.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn count(
        &self,
        executions: Vec<ExecutionKey>,
        filter: Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error> {
        self.read(move |store| store.count(&executions, &filter, by))
            .await
    }

    /// The samples of some executions, as of one: of each element and name the latest, by element and name.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn samples(&self, executions: Vec<ExecutionKey>) -> Result<Vec<Arc<Sample>>, Error> {
        self.read(move |store| store.samples(&executions)).await
    }

    /// How much there is of the store.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn size(&self) -> Result<Size, Error> {
        self.read(Store::size).await
    }

    /// Executions that pass, the newest first, and how many there are in all.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn executions(
        &self,
        mut filter: ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error> {
        filter.within = (*self.sees).clone();
        self.read(move |store| store.executions(&filter, offset, limit))
            .await
    }

    /// All that is known at this moment, or some of it; of what may be read here, and so the extent says.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn snapshot(&self, mut extent: Extent) -> Result<(Extent, Snapshot), Error> {
        extent.within = (*self.sees).clone();
        self.read(move |store| {
            let snapshot = store.snapshot(&extent)?;
            Ok((extent, snapshot))
        })
        .await
    }

    /// Goes over rows, of all executions or of some, in no order and one execution after another; `see` makes of them
    /// what is wanted. Answers that and a `Seq`: every change up to it was seen.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn fold<T: Send + 'static>(
        &self,
        scope: Scope,
        mut made: T,
        mut see: impl FnMut(&mut T, &Arc<Row>) + Send + 'static,
    ) -> Result<(T, Seq), Error> {
        let sees = self.sees.clone();
        self.read(move |store| {
            let seen = |execution: &Execution| sees.hold(&execution.key.tenant);
            let seq = match scope {
                Scope::All => store.walk(&seen, &mut |rows| {
                    rows.iter().for_each(|row| see(&mut made, row));
                })?,
                Scope::Executions(keys) => {
                    let listed = store.list(&keys, &Filter::default(), &Page::default())?;
                    listed.rows.iter().for_each(|row| see(&mut made, row));
                    listed.seq
                }
            };
            Ok((made, seq))
        })
        .await
    }

    /// Whose histories there are: the tenants of all executions that may be seen.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn tenants(&self) -> Result<BTreeSet<Box<str>>, Error> {
        let sees = self.sees.clone();
        self.read(move |store| {
            let found = RefCell::new(BTreeSet::<Box<str>>::new());
            let note = |execution: &Execution| {
                let (tenant, mut found) = (&*execution.key.tenant, found.borrow_mut());
                if sees.hold(tenant) && !found.contains(tenant) {
                    found.insert(tenant.into());
                }
                // Its rows are of no matter.
                false
            };
            store.walk(&note, &mut |_| {})?;
            Ok(found.into_inner())
        })
        .await
    }

    /// Follows every execution from a position in the sequence. [`Tail::read`] may answer [`store::Error::TooOld`]:
    /// what is that old is to be read by [`Reader::fold`].
    #[must_use]
    pub fn tail_all(&self, after: Seq) -> Tail {
        Tail::all(self.clone(), after)
    }

    /// Follows some executions from a position in the sequence: what has changed since, then what changes.
    #[must_use]
    pub fn tail(&self, executions: Vec<ExecutionKey>, after: Seq) -> Tail {
        Tail::new(self.clone(), executions, after)
    }

    async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Store) -> Result<T, store::Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.look(move |look| Ok(ask(&*look.reader().store)?)).await
    }
}

#[cfg(test)]
mod tests;
