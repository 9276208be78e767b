//! The writing half: check, normalise, combine, write. One writer, no locks.
//!
//! ```text
//! Handle::submit ─ check ─ normalise ─► bounded queue ─► writer: combine ─► Store::append ─► outcomes
//! ```
//!
//! [`Handle::submit`] returns when its observations are on disk: waiting for it is the back-pressure. What waits
//! is bounded in bytes, whoever sends it. Does I/O through the store.

mod check;
mod normalise;
mod writer;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

pub use self::check::{Invalid, Limits, MAX_COUNT, check};
pub use self::normalise::name_for;
pub use self::writer::Writer;
use crate::model::{
    Clock, Code, Correlation, Dialect, Execution, ExecutionFilter, ExecutionKey, Observation,
    Outcome, Part, Tenants,
};
pub use crate::store::Restored;
use crate::store::{self, Store};
use crate::telemetry::Metrics;

/// KiB of observations that may wait for the writer; who has more to say waits.
const QUEUE_KIB: u32 = 64 * 1024;
/// Submissions that may wait; the bytes bind first but for very small ones.
const QUEUE_SUBMISSIONS: usize = 16 * 1024;

/// Why nothing of a submission was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// An observation breaks a rule that every source and dialect keeps.
    #[error("observation {index}: {invalid}")]
    Invalid {
        /// Which, from 0.
        index: usize,
        /// What is wrong.
        invalid: Invalid,
    },
    /// The store did not take it.
    #[error("{message}")]
    Store {
        /// The store's code.
        code: Code,
        /// The store's sentence.
        message: String,
    },
    /// Whoever tells it may not tell of this tenant.
    #[error("{may_not} events of namespace {tenant:?} is not allowed with these credentials")]
    Denied {
        /// What is not allowed.
        may_not: &'static str,
        /// Whose history it is.
        tenant: Arc<str>,
    },
    /// The process is stopping.
    #[error("the server is stopping: send it again, a retry is safe")]
    Stopping,
}

impl Error {
    /// The code that callers branch on.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Invalid { .. } => Code::InvalidArgument,
            Self::Store { code, .. } => *code,
            Self::Denied { .. } => Code::PermissionDenied,
            Self::Stopping => Code::Unavailable,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

/// The way in; cheap to clone. The writer ends when the last one is dropped.
#[derive(Clone)]
pub struct Handle {
    queue: mpsc::Sender<Submission>,
    budget: Arc<Semaphore>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    writes: Arc<Tenants>,
    deletes: Arc<Tenants>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

struct Submission {
    observations: Vec<Observation>,
    kib: u32,
    reply: oneshot::Sender<Result<Vec<Outcome>, Error>>,
    /// Given back when the submission has been written.
    _room: OwnedSemaphorePermit,
}

/// The way in, and the writer that is to be run on a thread of its own.
#[must_use]
pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, metrics: Metrics) -> (Handle, Writer) {
    let (queue, submissions) = mpsc::channel(QUEUE_SUBMISSIONS);
    let writer = Writer::new(store.clone(), clock.clone(), submissions, metrics.clone());
    (
        Handle {
            queue,
            budget: Arc::new(Semaphore::new(QUEUE_KIB as usize)),
            store,
            clock,
            metrics,
            writes: Arc::default(),
            deletes: Arc::default(),
        },
        writer,
    )
}

impl Handle {
    /// The same way in, for somebody who may tell of these tenants only, and delete of those.
    #[must_use]
    pub fn within(self, writes: Arc<Tenants>, deletes: Arc<Tenants>) -> Self {
        Self {
            writes,
            deletes,
            ..self
        }
    }

    /// Writes observations, together and in order. Returns when they are on disk, with an outcome for each.
    ///
    /// Waits while the queue is full. Dropping the future does not take back what is queued already; sending it
    /// again is harmless.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] before anything is written; else the store's failure, after which nothing is kept.
    pub async fn submit(&self, mut observations: Vec<Observation>) -> Result<Vec<Outcome>, Error> {
        if observations.is_empty() {
            return Ok(Vec::new());
        }
        let mut bytes = 0;
        for (index, observation) in observations.iter_mut().enumerate() {
            let tenant = &observation.execution().tenant;
            if !self.writes.hold(tenant) {
                return Err(denied("writing", tenant));
            }
            check(observation, Limits::WIDEST)
                .map_err(|invalid| Error::Invalid { index, invalid })?;
            if let Observation::Event(telling) = observation
                && telling.digests.is_none()
            {
                telling.seal();
            }
            normalise::observation(observation);
            bytes += check::size(observation);
        }
        let kib = u32::try_from(bytes / 1024 + 1)
            .unwrap_or(QUEUE_KIB)
            .min(QUEUE_KIB);
        let room = self
            .budget
            .clone()
            .acquire_many_owned(kib)
            .await
            .map_err(|_| Error::Stopping)?;
        let (reply, answer) = oneshot::channel();
        self.metrics.queued_kib.inc_by(i64::from(kib));
        let submission = Submission {
            observations,
            kib,
            reply,
            _room: room,
        };
        self.queue
            .send(submission)
            .await
            .map_err(|_| Error::Stopping)?;
        answer.await.map_err(|_| Error::Stopping)?
    }

    /// To which execution the object of this uid belongs, as far as was told.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn correlation(&self, uid: &str) -> Result<Option<Correlation>, store::Error> {
        let (store, uid) = (self.store.clone(), uid.to_owned());
        let found = tokio::task::spawn_blocking(move || store.correlation(&uid)).await;
        found.unwrap_or_else(|error| Err(store::Error::Read(error.to_string())))
    }

    /// Every execution of the history, for who has to tell something of many.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn executions(&self) -> Result<Vec<Execution>, store::Error> {
        let store = self.store.clone();
        let all = ExecutionFilter::default();
        let read = move || store.executions(&all, 0, usize::MAX);
        let found = tokio::task::spawn_blocking(read).await;
        let found = found.unwrap_or_else(|error| Err(store::Error::Read(error.to_string())));
        found.map(|(all, _)| all)
    }

    /// Deletes an execution with its history, for good: what is told later of the time before is dropped. False if
    /// there is none.
    ///
    /// # Errors
    ///
    /// If the store does not take it; then nothing is deleted.
    pub async fn delete(&self, execution: ExecutionKey) -> Result<bool, Error> {
        if !self.deletes.hold(&execution.tenant) {
            return Err(denied("deleting", &execution.tenant));
        }
        let (store, now) = (self.store.clone(), self.clock.now());
        let deleted = tokio::task::spawn_blocking(move || store.delete(&execution, now)).await;
        let failed = |error: tokio::task::JoinError| store::Error::Unavailable(error.to_string());
        Ok(deleted.map_err(failed)??)
    }

    /// Takes the rows of some executions away that came by a dialect and keep their identity; answers how many. Told
    /// again, they come back.
    ///
    /// # Errors
    ///
    /// If the store does not take it, or one of them is not allowed; then nothing is taken away.
    pub async fn remove(
        &self,
        executions: Vec<ExecutionKey>,
        dialect: Dialect,
    ) -> Result<usize, Error> {
        let denied_of = |key: &&ExecutionKey| !self.deletes.hold(&key.tenant);
        if let Some(key) = executions.iter().find(denied_of) {
            return Err(denied("deleting", &key.tenant));
        }
        let (store, now) = (self.store.clone(), self.clock.now());
        let remove = move || store.remove(&executions, dialect, now);
        let removed = tokio::task::spawn_blocking(remove).await;
        let failed = |error: tokio::task::JoinError| store::Error::Unavailable(error.to_string());
        Ok(removed.map_err(failed)??)
    }

    /// Joins what a history has kept, this one or another, in several commits. To do it again is harmless.
    ///
    /// # Errors
    ///
    /// If one of the parts is not allowed, before anything is written; else the store's failure: what came before is
    /// kept.
    pub async fn restore(&self, parts: Vec<Part>) -> Result<Restored, Error> {
        let denied_of = |part: &&Part| !self.writes.hold(&part.execution().tenant);
        if let Some(part) = parts.iter().find(denied_of) {
            return Err(denied("importing", &part.execution().tenant));
        }
        let (store, now) = (self.store.clone(), self.clock.now());
        let restore = move || {
            let mut done = Restored::default();
            for some in store::commits(&parts) {
                done += store.restore(some, now)?;
            }
            Ok::<_, store::Error>(done)
        };
        let restored = tokio::task::spawn_blocking(restore).await;
        let failed = |error: tokio::task::JoinError| store::Error::Unavailable(error.to_string());
        Ok(restored.map_err(failed)??)
    }
}

fn denied(may_not: &'static str, tenant: &Arc<str>) -> Error {
    let tenant = tenant.clone();
    Error::Denied { may_not, tenant }
}

#[cfg(test)]
mod tests;
