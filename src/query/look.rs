//! Several reads one after another, without a task's switch between them. Does I/O through the store.

use std::convert::Infallible;
use std::sync::Arc;

use super::{Error, Reader, Shown, United};
use crate::model::{Execution, ExecutionKey, Filter, Page, Row, Sample, Seq, Sight};
use crate::store::{self, Scope};

/// Changed rows that are read in one go.
const STRETCH: usize = 1000;

/// A reader where waiting for the disk harms nobody.
#[derive(Debug)]
pub struct Look(Reader);

impl Look {
    /// The reader itself, for what never waits.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.0
    }

    /// The executions that an id names.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] if there is none.
    pub fn get(&self, id: &str) -> Result<United, Error> {
        let mut executions = self.0.store.united(id)?;
        let all = executions.len();
        executions.retain(|execution| self.0.sees.hold(&execution.key.tenant));
        if executions.len() < all {
            executions = united_by_themselves(id, &executions);
        }
        if executions.is_empty() {
            return Err(Error::Unknown(id.to_owned()));
        }
        Ok(United {
            is_whole: executions.len() == all,
            executions,
        })
    }

    /// Shows rows of some executions as one history, one after another, in order.
    ///
    /// # Errors
    ///
    /// If the store does not answer; `see` may have seen some rows by then.
    pub fn show(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
        see: &mut dyn FnMut(&Sight<'_>),
    ) -> Result<Shown, Error> {
        Ok(self.0.store.show(executions, filter, page, see)?)
    }

    /// All rows of some executions.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub fn rows(&self, executions: &[ExecutionKey]) -> Result<Vec<Arc<Row>>, Error> {
        let listed = (self.0.store).list(executions, &Filter::default(), &Page::default())?;
        Ok(listed.rows)
    }

    /// Rows of some executions, as one history.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub fn list(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
    ) -> Result<store::Listed, Error> {
        Ok(self.0.store.list(executions, filter, page)?)
    }

    /// What has changed since a `Seq`, each row at its latest state, ascending; and how far that reaches.
    ///
    /// # Errors
    ///
    /// If the store does not answer, or, about all executions, no longer reaches back so far.
    pub fn changes(&self, scope: &Scope, mut after: Seq) -> Result<(Vec<Arc<Row>>, Seq), Error> {
        loop {
            let mut changes = self.0.store.changes(scope, after, STRETCH)?;
            after = changes.upto;
            (changes.rows).retain(|row| self.0.sees.hold(&row.execution.tenant));
            // A stretch of nothing but removals, or of others' rows, is no end.
            if !changes.rows.is_empty() || !changes.more {
                return Ok((changes.rows, after));
            }
        }
    }

    /// The samples of some executions, as of one.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub fn samples(&self, executions: &[ExecutionKey]) -> Result<Vec<Arc<Sample>>, Error> {
        Ok(self.0.store.samples(executions)?)
    }
}

/// Those of some executions that an id names, without what only an alias of another connects: that is not to be seen.
fn united_by_themselves(id: &str, executions: &[Execution]) -> Vec<Execution> {
    let named = |name: &str| {
        let is_named = |execution: &&Execution| {
            let mut aliases = execution.aliases.iter();
            *execution.key.id == *name || aliases.any(|alias| **alias == *name)
        };
        Ok::<_, Infallible>(executions.iter().filter(is_named).cloned().collect())
    };
    let Ok(united) = store::unite(id, named);
    united
}

impl Reader {
    /// The store may wait for the disk, so it is asked where waiting harms nobody: what is to be read one after another
    /// is read by one [`Look`].
    ///
    /// # Errors
    ///
    /// Those of `ask`, or if it has panicked.
    pub async fn look<T, E>(
        &self,
        ask: impl FnOnce(&Look) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let look = Look(self.clone());
        let answer = tokio::task::spawn_blocking(move || ask(&look)).await;
        answer.unwrap_or_else(|error| {
            let error = store::Error::Read(error.to_string());
            Err(Error::Store(error).into())
        })
    }
}
