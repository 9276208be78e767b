//! Catching up and following are one walk along one sequence. Does I/O through the store.

use std::sync::Arc;

use super::{Error, Reader};
use crate::live::Subscription;
use crate::model::{ExecutionKey, Row, Seq};
use crate::store::Scope;

/// Rows that are read in one go.
const STRETCH: usize = 1000;

/// Follows some executions.
#[derive(Debug)]
pub struct Tail {
    reader: Reader,
    executions: Vec<ExecutionKey>,
    after: Seq,
    // Subscribed before the first read: a change between read and wait leaves a wake-up behind.
    subscription: Subscription,
}

impl Tail {
    pub(super) fn new(reader: Reader, executions: Vec<ExecutionKey>, after: Seq) -> Self {
        let subscription = reader.live.subscribe(executions.clone());
        Self {
            reader,
            executions,
            after,
            subscription,
        }
    }

    /// Where the walk stands: every change up to here was given.
    #[must_use]
    pub const fn after(&self) -> Seq {
        self.after
    }

    /// What has changed since the last call, each row at its latest state, ascending by `Seq`; empty if nothing has.
    ///
    /// # Errors
    ///
    /// If the store does not answer; the walk stays where it is.
    pub async fn read(&mut self) -> Result<Vec<Arc<Row>>, Error> {
        let (scope, after) = (Scope::Executions(self.executions.clone()), self.after);
        let changes = self
            .reader
            .read(move |store| store.changes(&scope, after, STRETCH))
            .await?;
        self.after = changes.upto;
        Ok(changes.rows)
    }

    /// Waits until there may be something to read.
    pub async fn changed(&self) {
        self.subscription.changed().await;
    }
}
