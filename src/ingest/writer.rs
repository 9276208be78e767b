//! The one writer: takes all that waits, appends it as one batch, tells everybody. Does I/O through the store.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;

use super::{Error, Submission};
use crate::model::{Clock, Code, ExecutionKey, Outcome};
use crate::store::{Batch, Store};
use crate::telemetry::{self, Labelled, Metrics};

/// A batch takes no further submission once it holds so many observations.
const BATCH_OBSERVATIONS: usize = 4096;
/// Or so many KiB.
const BATCH_KIB: u32 = 8 * 1024;

/// Looks after executions to which rows were added.
type After = Box<dyn FnMut(&[ExecutionKey]) + Send>;

/// The writer; [`Writer::run`] is to be called on a thread of its own.
pub struct Writer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    submissions: mpsc::Receiver<Submission>,
    metrics: Metrics,
    after: Option<After>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        submissions: mpsc::Receiver<Submission>,
        metrics: Metrics,
    ) -> Self {
        Self {
            store,
            clock,
            submissions,
            metrics,
            after: None,
        }
    }

    /// The same, which after each batch has somebody look after the executions to which it has added rows. The next batch
    /// waits meanwhile.
    #[must_use]
    pub fn then(self, after: impl FnMut(&[ExecutionKey]) + Send + 'static) -> Self {
        Self {
            after: Some(Box::new(after)),
            ..self
        }
    }

    /// Writes until every handle is dropped and the queue is empty. Blocks.
    pub fn run(mut self) {
        while let Some(first) = self.submissions.blocking_recv() {
            let waiting = self.combine(first);
            self.write(waiting);
        }
    }

    /// Group commit: what has queued up while the last batch was written goes together.
    fn combine(&mut self, first: Submission) -> Vec<Submission> {
        let (mut observations, mut kib) = (first.observations.len(), first.kib);
        let mut waiting = vec![first];
        while observations < BATCH_OBSERVATIONS && kib < BATCH_KIB {
            let Ok(next) = self.submissions.try_recv() else {
                break;
            };
            observations += next.observations.len();
            kib += next.kib;
            waiting.push(next);
        }
        waiting
    }

    fn write(&mut self, mut waiting: Vec<Submission>) {
        let mut sizes = Vec::with_capacity(waiting.len());
        let mut observations = Vec::new();
        for submission in &mut waiting {
            sizes.push(submission.observations.len());
            observations.append(&mut submission.observations);
        }
        let span = telemetry::commit_span(waiting.len(), observations.len());
        let entered = span.enter();
        let start = Instant::now();
        let batch = Batch {
            observations,
            now: self.clock.now(),
        };
        let result = self.store.append(&batch);
        self.metrics
            .commit_seconds
            .observe(start.elapsed().as_secs_f64());
        drop(entered);
        let mut grown = Vec::new();
        let mut outcomes = match result {
            Ok(appended) => {
                if self.after.is_some() {
                    grown = grown_by(&batch, &appended.outcomes);
                }
                Ok(appended.outcomes.into_iter())
            }
            Err(error) => {
                if error.code() == Code::ResourceExhausted {
                    // Who is refused asks again and again; that the disk is full is said once.
                    tracing::debug!(store.error = %error, "a batch was refused");
                } else {
                    tracing::error!(store.error = %error, "a batch of {} submissions was not written", waiting.len());
                }
                self.metrics.commit_failures.inc();
                span.record("otel.status_code", "ERROR");
                Err(Error::from(error))
            }
        };
        self.metrics.commits.inc();
        if let Ok(outcomes) = &outcomes {
            self.count(outcomes.as_slice());
        }
        for (submission, size) in waiting.into_iter().zip(sizes) {
            self.metrics.queued_kib.dec_by(i64::from(submission.kib));
            let answer = match &mut outcomes {
                Ok(outcomes) => Ok(outcomes.by_ref().take(size).collect()),
                Err(error) => Err(error.clone()),
            };
            // Nobody waits any more: it is on disk all the same.
            let _ = submission.reply.send(answer);
        }
        if let Some(after) = &mut self.after {
            after(&grown);
        }
    }

    fn count(&self, outcomes: &[Outcome]) {
        let names = ["created", "merged", "duplicate", "buried", "noted"];
        let mut counts = [0; 5];
        for outcome in outcomes {
            counts[match outcome {
                Outcome::Created(..) => 0,
                Outcome::Merged(..) => 1,
                Outcome::Duplicate(_) => 2,
                Outcome::Buried => 3,
                Outcome::Noted => 4,
            }] += 1;
        }
        for (of, count) in names
            .into_iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
        {
            let counter = self.metrics.observations.get_or_create(&Labelled { of });
            counter.inc_by(count);
        }
    }
}

/// The executions that have got rows, each once.
fn grown_by(batch: &Batch, outcomes: &[Outcome]) -> Vec<ExecutionKey> {
    let mut seen = HashSet::new();
    let told = batch.observations.iter().zip(outcomes);
    let grown = told.filter(|(_, outcome)| matches!(outcome, Outcome::Created(..)));
    grown
        .map(|(observation, _)| observation.execution())
        .filter(|key| seen.insert(*key))
        .cloned()
        .collect()
}
