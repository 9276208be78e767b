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
    /// What the executions were when the view was let go: until that changes, there is nothing to read.
    rested: Option<Asked>,
}

/// The rows so far, and for which state of the executions they hold.
#[derive(Debug)]
struct View {
    asked: Asked,
    facts: HashMap<RowId, Fact>,
}

/// What the store says of the executions.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    extent: Extent,
    /// Of the latest change to any of their rows.
    seq: Seq,
    status: Option<model::Status>,
}

/// As long as this does not change, rows are only added or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Extent {
    /// Those that are known under the id; none before the first is told of, and after its deletion.
    known: BTreeSet<ExecutionKey>,
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
            rested: None,
        }
    }

    /// Whether nothing has changed since the rows were let go.
    ///
    /// # Errors
    ///
    /// If the store does not answer; a retry is safe.
    pub(super) async fn rests(&self) -> Result<bool, Error> {
        Ok(match &self.rested {
            Some(rested) => *rested == self.ask().await?,
            None => false,
        })
    }

    /// Catches up with the store. Answers where the execution stands by its own rows; `None` if it is not known.
    ///
    /// # Errors
    ///
    /// If the store does not answer; a retry is safe.
    pub(super) async fn refresh(&mut self) -> Result<Option<model::Status>, Error> {
        self.rested = None;
        loop {
            if self.view.is_none() {
                let asked = self.ask().await?;
                // One that is not known yet is followed all the same, or its first row would wake nobody.
                let mut followed = asked.extent.known.clone();
                followed.insert(self.own.clone());
                self.tail = (self.reader).tail(followed.into_iter().collect(), Seq::ZERO);
                let facts = HashMap::new();
                self.view = Some(View { asked, facts });
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
            let asked = self.ask().await?;
            match &mut self.view {
                Some(view) if view.asked.extent == asked.extent => {
                    view.asked = asked;
                    return Ok(view.asked.status);
                }
                _ => self.view = None,
            }
        }
    }

    /// All rows, in no order.
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.view.iter().flat_map(|view| view.facts.values())
    }

    /// Lets go of the rows: of an execution that has ended, hardly anything more is told.
    pub(super) fn rest(&mut self) {
        // What changed between reading and asking is still to be read.
        let read = self.tail.after();
        if let Some(view) = self.view.take_if(|view| view.asked.seq <= read) {
            self.rested = Some(view.asked);
        }
    }

    /// Returns when something may have changed.
    pub(super) async fn changed(&self) {
        self.tail.changed().await;
    }

    async fn ask(&self) -> Result<Asked, Error> {
        let united = match self.reader.get(&self.own.id).await {
            Err(Error::Unknown(_)) => United::from(Vec::new()),
            united => united?,
        };
        let statuses = united.executions.iter().map(|execution| execution.status);
        Ok(Asked {
            status: statuses.max(),
            extent: Extent {
                known: united.keys().into_iter().collect(),
                pruned: united.pruned(),
            },
            seq: united.seq(),
        })
    }
}
