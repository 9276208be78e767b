//! Catching up and following are one walk along one sequence. Does I/O through the store.

use std::sync::Arc;

use super::{Error, Reader, United};
use crate::live::Subscription;
use crate::model::{ExecutionKey, Row, Seq};
use crate::store::Scope;

/// Follows some executions, or all.
#[derive(Debug)]
pub struct Tail {
    reader: Reader,
    scope: Scope,
    after: Seq,
    // Of some executions; taken before the first read: a change between read and wait leaves a wake-up behind.
    subscription: Option<Subscription>,
}

impl Tail {
    pub(super) fn new(reader: Reader, executions: Vec<ExecutionKey>, after: Seq) -> Self {
        let subscription = Some(reader.live.subscribe(executions.clone()));
        Self {
            reader,
            scope: Scope::Executions(executions),
            after,
            subscription,
        }
    }

    pub(super) fn all(reader: Reader, after: Seq) -> Self {
        Self {
            reader,
            scope: Scope::All,
            after,
            subscription: None,
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
    /// If the store does not answer, or, to who follows all, no longer reaches back so far; the walk stays where it is.
    pub async fn read(&mut self) -> Result<Vec<Arc<Row>>, Error> {
        let (scope, after) = (self.scope.clone(), self.after);
        let look = self.reader.look(move |look| look.changes(&scope, after));
        let (rows, upto) = look.await?;
        self.after = upto;
        Ok(rows)
    }

    /// The same, and whom an id names after that: a removal that these rows come after is seen with them.
    ///
    /// # Errors
    ///
    /// As [`Tail::read`], and [`Error::Unknown`] if the id names nobody any more.
    pub async fn read_of(&mut self, id: &str) -> Result<(Vec<Arc<Row>>, United), Error> {
        let (scope, after, id) = (self.scope.clone(), self.after, id.to_owned());
        let look = self.reader.look(move |look| {
            let (rows, upto) = look.changes(&scope, after)?;
            Ok::<_, Error>((rows, upto, look.get(&id)?))
        });
        let (rows, upto, united) = look.await?;
        self.after = upto;
        Ok((rows, united))
    }

    /// Waits until there may be something to read.
    pub async fn changed(&self) {
        match &self.subscription {
            Some(subscription) => subscription.changed().await,
            // Every change is news to who follows all.
            None => {
                let mut passed = self.reader.passed();
                if passed.wait_for(|seq| *seq > self.after).await.is_err() {
                    // The store is closed: there will be nothing.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}
