//! One task for one Execution: reads what has changed, computes, writes. Does I/O.

use std::sync::Arc;
use std::time::Duration;

use kube::api::{Api, Patch, PatchParams};
use kube::{Resource, ResourceExt};
use serde_json::json;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::crd::{Execution, ExecutionStatus, Phase};
use crate::model::{Clock, ExecutionKey};
use crate::query::{self, Reader};
use crate::telemetry::{Labelled, Metrics};

use super::history::History;
use super::status;

/// Who owns the fields of `status`, for server-side apply.
const FIELD_MANAGER: &str = "dagtrail";
/// At most one write in this time; what changes meanwhile is written together.
const PACE: Duration = Duration::from_secs(1);
/// A write that takes longer has failed.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest wait between two tries of what fails.
const MOST_PATIENCE: Duration = Duration::from_secs(60);
/// Looks again after this time, whatever happens: an alias that comes to be known wakes nobody.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What all tasks share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) client: kube::Client,
    pub(super) reader: Reader,
    pub(super) metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
    /// How many may read and write at once.
    pub(super) turns: Arc<Semaphore>,
}

/// Why the status was not brought up to date; all of it is tried again.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{0}")]
    Read(#[from] query::Error),
    #[error("the status was not written ({0}): it is tried again")]
    Write(#[from] kube::Error),
    #[error("the status was not written within {WRITE_TIMEOUT:?}: it is tried again")]
    Slow,
}

/// Keeps the status of one Execution until cancelled, or until `newest` is dropped.
pub(super) async fn keep(
    shared: Shared,
    newest: watch::Receiver<Arc<Execution>>,
    cancelled: CancellationToken,
) {
    let keeper = Keeper::new(shared, newest);
    cancelled.run_until_cancelled_owned(keeper.run()).await;
}

struct Keeper {
    shared: Shared,
    api: Api<Execution>,
    newest: watch::Receiver<Arc<Execution>>,
    /// As the API server last told it, by watch or as the answer to a write.
    there: Arc<Execution>,
    history: History,
    /// Of one that has ended: what was computed last, for which generation.
    last: Option<(Option<i64>, ExecutionStatus)>,
}

impl Keeper {
    fn new(shared: Shared, mut newest: watch::Receiver<Arc<Execution>>) -> Self {
        let there = newest.borrow_and_update().clone();
        let namespace = there.namespace().unwrap_or_default();
        let own = ExecutionKey::new(&namespace, &there.uid().unwrap_or_default());
        Self {
            api: Api::namespaced(shared.client.clone(), &namespace),
            history: History::new(shared.reader.clone(), own),
            shared,
            newest,
            there,
            last: None,
        }
    }

    async fn run(mut self) {
        let mut failures = 0;
        loop {
            match self.turn().await {
                Ok(()) => {
                    failures = 0;
                    sleep(PACE).await;
                    if self.wait().await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    self.complain(&error, failures);
                    failures += 1;
                    sleep(patience(failures)).await;
                }
            }
        }
    }

    /// Brings the status up to date.
    async fn turn(&mut self) -> Result<(), Error> {
        let turns = self.shared.turns.clone();
        let _turn = turns.acquire().await;
        let newest = self.newest.borrow_and_update().clone();
        if is_newer(&newest, &self.there) {
            self.there = newest;
        }
        let computed = self.computed().await?;
        if status::differs(self.there.status.as_ref(), &computed) {
            let result = timeout(WRITE_TIMEOUT, self.write(&computed)).await;
            let result = result.unwrap_or(Err(Error::Slow));
            let of = if result.is_ok() { "written" } else { "failed" };
            let metric = &self.shared.metrics.status_writes;
            metric.get_or_create(&Labelled { of }).inc();
            self.there = Arc::new(result?);
        }
        if computed.phase.is_some_and(Phase::is_terminal) {
            self.history.rest();
            self.last = Some((self.there.metadata.generation, computed));
        }
        Ok(())
    }

    async fn computed(&mut self) -> Result<ExecutionStatus, query::Error> {
        let generation = self.there.metadata.generation;
        if let Some((of, last)) = self.last.take()
            && of == generation
            && self.history.rests().await?
        {
            return Ok(last);
        }
        let known = status::Known {
            own: self.history.refresh().await?,
            declared: &self.there,
            now: self.shared.clock.now(),
        };
        Ok(status::compute(&known, self.history.facts()))
    }

    /// By server-side apply: fields of others stay, and what we no longer tell goes.
    async fn write(&self, computed: &ExecutionStatus) -> Result<Execution, Error> {
        let name = self.there.name_any();
        let body = json!({
            "apiVersion": Execution::api_version(&()),
            "kind": Execution::kind(&()),
            // The uid is checked: another Execution of the same name is not touched.
            "metadata": { "name": name, "uid": self.there.uid() },
            "status": computed,
        });
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let patch = Patch::Apply(&body);
        Ok(self.api.patch_status(&name, &params, &patch).await?)
    }

    /// Returns when there may be something to do; an error if the Execution is no longer watched.
    async fn wait(&mut self) -> Result<(), watch::error::RecvError> {
        tokio::select! {
            () = self.history.changed() => Ok(()),
            changed = self.newest.changed() => changed,
            () = sleep(LOOK_AGAIN) => Ok(()),
        }
    }

    fn complain(&self, error: &Error, failures: u32) {
        let (namespace, name) = (self.api.namespace(), self.there.name_any());
        // Gone, or the definition with it: the watch tells next.
        let gone = matches!(error, Error::Write(kube::Error::Api(status)) if status.code == 404);
        if failures == 0 && !gone {
            tracing::warn!(namespace, name, "{error}");
        } else {
            tracing::debug!(namespace, name, failures, "{error}");
        }
    }
}

/// After so many failures in a row.
fn patience(failures: u32) -> Duration {
    PACE.saturating_mul(1 << failures.clamp(1, 10).saturating_sub(1))
        .min(MOST_PATIENCE)
}

/// The watch may still tell of a state before our own latest write.
fn is_newer(told: &Execution, there: &Execution) -> bool {
    let number = |execution: &Execution| execution.resource_version()?.parse::<u64>().ok();
    match (number(told), number(there)) {
        (Some(told), Some(there)) => told > there,
        _ => true,
    }
}
