//! The way from the sources into ingest: nothing is dropped while the store cannot write. Does I/O.

use std::time::Duration;

use crate::ingest::{Error, Handle};
use crate::model::{Correlation, Execution, Observation};
use crate::telemetry::{Loss, Metrics};

/// Observations that are submitted together.
const TOGETHER: usize = 1024;
/// Before the first retry; doubles up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The process is stopping: nothing more is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stopped;

/// Delivers until it is delivered.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    ingest: Handle,
    metrics: Metrics,
}

impl Delivery {
    pub(super) fn new(ingest: Handle, metrics: Metrics) -> Self {
        Self { ingest, metrics }
    }

    /// Returns when all is on disk. One that breaks a rule is logged, counted and left out.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if there is no writer any more.
    pub(super) async fn submit(&self, mut observations: Vec<Observation>) -> Result<(), Stopped> {
        while !observations.is_empty() {
            let rest = observations.split_off(observations.len().min(TOGETHER));
            self.together(observations).await?;
            observations = rest;
        }
        Ok(())
    }

    async fn together(&self, mut observations: Vec<Observation>) -> Result<(), Stopped> {
        let mut wait = FIRST_WAIT;
        loop {
            match self.ingest.submit(observations.clone()).await {
                Ok(_) => return Ok(()),
                Err(Error::Stopping) => return Err(Stopped),
                Err(Error::Invalid { index, invalid }) => {
                    let refused = observations.remove(index);
                    self.metrics.refused.inc();
                    if matches!(refused, Observation::Event(_)) {
                        self.metrics.events_lost.get_or_create(&Loss::REFUSED).inc();
                    }
                    tracing::warn!(
                        problem = %invalid,
                        observation = ?kind_and_execution(&refused),
                        "an observation of the cluster is refused and left out"
                    );
                }
                Err(error @ (Error::Store { .. } | Error::Denied { .. })) => {
                    tracing::warn!(%error, "the store does not take what the cluster tells; trying again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    /// What the stored index says of a uid. Asks until it is told: to guess would put rows in the wrong place.
    pub(super) async fn correlation(&self, uid: &str) -> Option<Correlation> {
        read("the index of objects", || self.ingest.correlation(uid)).await
    }

    /// Every execution of the history.
    pub(super) async fn executions(&self) -> Vec<Execution> {
        read("the executions", || self.ingest.executions()).await
    }
}

/// Asks until it is told.
async fn read<T, E, F>(what: &str, ask: impl Fn() -> F) -> T
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, E>>,
{
    let mut wait = FIRST_WAIT;
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(error) => {
                tracing::warn!(%error, "{what} cannot be read; trying again");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

fn kind_and_execution(observation: &Observation) -> (&'static str, String) {
    match observation {
        Observation::Event(telling) => ("event", telling.execution.to_string()),
        Observation::Execution(fact) => ("execution", fact.key.to_string()),
        Observation::Correlation(entry) => ("correlation", entry.execution.to_string()),
        Observation::Sample(sample) => ("sample", sample.execution.to_string()),
    }
}
