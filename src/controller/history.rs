//! The rows of one Execution, followed from change to change. Does I/O through the reader.

use std::collections::{BTreeSet, HashMap};

use crate::model::{self, ExecutionKey, RowId, Seq};
use crate::query::{Error, Reader, Tail, United};

use super::fact::Fact;

/// What is known of one Execution, its aliases included.
#[derive(Debug)]
pub(super) struct History {
    reader: Reader,
    own: ExecutionKey,
    tail: Tail,
    /// `None`: to be read from the beginning.
    view: Option<View>,
}

/// The rows so far, and for which state of the executions they hold.
#[derive(Debug)]
struct View {
    of: Extent,
    facts: HashMap<RowId, Fact>,
}

/// As long as this does not change, rows are only added or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Extent {
    executions: BTreeSet<ExecutionKey>,
    pruned: Seq,
}

impl History {
    /// Of the execution with this key, whether anything of it was told or not.
    pub(super) fn new(reader: Reader, own: ExecutionKey) -> Self {
        Self {
            tail: reader.tail(vec![own.clone()], Seq::ZERO),
            reader,
            own,
            view: None,
        }
    }

    /// Catches up with the store. Answers where the execution stands by its own rows; `None` if it is not known.
    ///
    /// # Errors
    ///
    /// If the store does not answer; a retry is safe.
    pub(super) async fn refresh(&mut self) -> Result<Option<model::Status>, Error> {
        loop {
            if self.view.is_none() {
                let (of, _) = self.ask().await?;
                let executions = of.executions.iter().cloned().collect();
                self.tail = self.reader.tail(executions, Seq::ZERO);
                self.view = Some(View {
                    of,
                    facts: HashMap::new(),
                });
            }
            // A failure in between loses nothing: the tail stands where the view does.
            if let Some(view) = &mut self.view {
                loop {
                    let rows = self.tail.read().await?;
                    if rows.is_empty() {
                        break;
                    }
                    let facts = rows.iter().map(|row| (row.id, Fact::of(row)));
                    view.facts.extend(facts);
                }
            }
            // Asked after the rows were read: a removal before or during that shows.
            let (of, status) = self.ask().await?;
            if self.view.as_ref().is_some_and(|view| view.of == of) {
                return Ok(status);
            }
            self.view = None;
        }
    }

    /// All rows, in no order.
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.view.iter().flat_map(|view| view.facts.values())
    }

    /// Lets go of the rows: of an execution that has ended, hardly anything more is told.
    pub(super) fn forget(&mut self) {
        self.view = None;
    }

    /// Returns when something may have changed.
    pub(super) async fn changed(&self) {
        self.tail.changed().await;
    }

    async fn ask(&self) -> Result<(Extent, Option<model::Status>), Error> {
        let united = match self.reader.get(&self.own.id).await {
            Err(Error::Unknown(_)) => None,
            united => Some(united?),
        };
        let status = united.as_ref().and_then(|united| {
            let statuses = united.executions.iter().map(|execution| execution.status);
            statuses.max()
        });
        // One that is not known yet is followed all the same, or its first row would wake nobody.
        let keys = united.as_ref().map(United::keys).unwrap_or_default();
        let executions = keys.into_iter().chain([self.own.clone()]).collect();
        let pruned = united.map_or(Seq::ZERO, |united| united.pruned());
        Ok((Extent { executions, pruned }, status))
    }
}
