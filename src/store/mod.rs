//! Where history is kept: one trait, several engines, one conformance suite that all pass.
//!
//! The log is the truth, rows are a view of it, and the change feed is the log (docs/adr/0003). What every
//! engine promises:
//!
//! * when [`Store::append`] returns, the whole batch is durable and readable, or none of it is;
//! * changes are numbered in one sequence, and when a [`Seq`] is readable, so are all lower ones;
//! * appending the same observations again changes nothing.
//!
//! Calls may block on the disk; async callers go through `spawn_blocking` or a thread of their own. Does I/O.

mod bounds;
mod carrying;
mod embedded;
mod error;
mod ledger;
pub mod memory;
mod open;
mod verify;

#[cfg(test)]
mod conformance;
#[cfg(test)]
pub(crate) mod samples;
mod versions;

use std::sync::Arc;

use tokio::sync::watch;

pub use self::bounds::Bounds;
pub use self::carrying::{Restored, Snapshot, commits};
pub use self::embedded::{Formats, formats};
pub use self::error::Error;
pub(crate) use self::ledger::unite;
pub use self::open::{Options, Reserve, open};
pub use self::verify::{Check, Checked, verify};
use crate::model::{
    Correlation, Dialect, Execution, ExecutionFilter, ExecutionKey, Extent, Filter, Observation,
    Outcome, Page, Part, Position, Row, Sample, Seq, Sight, Time,
};

/// What is appended together: all or nothing.
#[derive(Clone, Debug)]
pub struct Batch {
    /// In order.
    pub observations: Vec<Observation>,
    /// The time now, by the caller's clock.
    pub now: Time,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// One for each observation, in order.
    pub outcomes: Vec<Outcome>,
    /// The highest `Seq` after the batch.
    pub seq: Seq,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Listed {
    /// In the order that was asked for.
    pub rows: Vec<Arc<Row>>,
    /// Every change up to here is in what the listing saw. Read before the rows: a row may be later.
    pub seq: Seq,
    /// Whether more rows follow.
    pub more: bool,
}

/// What was shown of a page of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Every change up to here is in what was shown. Read before the rows: a row may be later.
    pub seq: Seq,
    /// The last row.
    pub last: Option<Position>,
    /// Whether more rows follow.
    pub more: bool,
}

impl From<Listed> for Shown {
    fn from(listed: Listed) -> Self {
        Self {
            seq: listed.seq,
            last: listed.rows.last().map(|row| Position::of(row)),
            more: listed.more,
        }
    }
}

/// Whose changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everybody's. Kept for a while only: see [`Error::TooOld`].
    All,
    /// Those of some executions. Kept as long as their rows.
    Executions(Vec<ExecutionKey>),
}

/// A stretch of changes.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Each row once, at its latest state, ascending by `Seq`.
    pub rows: Vec<Arc<Row>>,
    /// Executions that were deleted, or of which rows were removed, in this stretch.
    pub removed: Vec<ExecutionKey>,
    /// The stretch reaches up to here; go on from it.
    pub upto: Seq,
    /// Whether more changes follow at once.
    pub more: bool,
}

/// What rows are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountBy {
    /// `type`.
    Type,
    /// The reason's code.
    Code,
    /// The element's name.
    Element,
}

/// How many rows and occurrences share a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The value.
    pub value: Box<str>,
    /// Rows.
    pub rows: u64,
    /// The sum of their counts.
    pub occurrences: u64,
}

/// What retention leaves of the rows of an execution that it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Rows that were last seen before this go.
    pub since: Time,
    /// At most so many rows stay, and at least one.
    pub rows: usize,
}

/// How much there is of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes of the rows that are kept, as they are packed. Rows in memory that are not packed yet do not count, nor what was
    /// removed, also if its place on disk is not free yet, nor indexes and remembered ids.
    pub kept: u64,
    /// Bytes of the log of changes that are kept for followers and for opening again.
    pub log: u64,
    /// Bytes that the database has in memory, not in files yet.
    pub buffered: u64,
    /// Rows in memory, and about how many bytes they take.
    pub memory: (u64, u64),
    /// Tombstones of deleted executions; all of them are in memory.
    pub tombstones: u64,
    /// Bytes that the files take on disk; 0 for a store in memory.
    pub files: u64,
    /// Bytes that are free on that disk; `None` for a store in memory.
    pub free: Option<u64>,
    /// Bytes of that disk that are never filled by taking in: retention and deletions work in them.
    pub reserve: u64,
    /// How often the database was opened again after a write had failed, since this process began.
    pub reopened: u64,
}

impl Size {
    /// Whether the disk is so full that nothing is taken in.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.free.is_some_and(|free| free < self.reserve)
    }
}

/// A durable history.
pub trait Store: Send + Sync + 'static {
    /// The store's own id, made once: positions in another store's sequence mean nothing here.
    fn id(&self) -> &str;

    /// A secret of this store, made once: pages' cursors are signed with it.
    fn secret(&self) -> [u8; 32];

    /// Takes a batch in. When it returns, the batch is on disk and can be read.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] if the disk has no more room than its reserve, [`Error::Unavailable`] if it did not take it:
    /// nothing of the batch is kept, and a retry is safe.
    fn append(&self, batch: &Batch) -> Result<Appended, Error>;

    /// The highest `Seq` that can be read; changes after each append.
    fn passed(&self) -> watch::Receiver<Seq>;

    /// A number that is another one when something has changed of the executions that have this name as their id or an
    /// alias: rows, names, or that there is one. Read before rows are, it stands for these rows: as long as it is the same,
    /// so are they. Another name may move it, too. Never waits.
    fn version(&self, name: &str) -> u64;

    /// Rows of some executions, as one history.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn list(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed, Error>;

    /// Shows what [`Store::list`] would give, row by row, in that order. What is on disk is shown where it was read.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read; `see` may have seen some rows by then.
    fn show(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
        see: &mut dyn FnMut(&Sight<'_>),
    ) -> Result<Shown, Error> {
        Ok(ledger::show(self.list(executions, filter, page)?, see))
    }

    /// Counts rows of some executions.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn count(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error>;

    /// Shows the rows of every execution that is `wanted`, execution after execution, in no order. Memory holds one
    /// execution at a time. Answers a `Seq`: every change up to it was in what was shown.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn walk(
        &self,
        wanted: &dyn Fn(&Execution) -> bool,
        see: &mut dyn FnMut(&[Arc<Row>]),
    ) -> Result<Seq, Error>;

    /// Changes whose `Seq` is above `after`, at most about `limit` of them.
    ///
    /// # Errors
    ///
    /// [`Error::TooOld`] if [`Scope::All`] no longer reaches back so far.
    fn changes(&self, scope: &Scope, after: Seq, limit: usize) -> Result<Changes, Error>;

    /// The executions that an id names, itself or by alias, united in both directions. Empty: unknown, or deleted.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn united(&self, id: &str) -> Result<Vec<Execution>, Error>;

    /// Executions that pass, the newest first, and how many there are in all.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn executions(
        &self,
        filter: &ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error>;

    /// To which execution the object of this uid belongs.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error>;

    /// The samples of some executions, as of one: of each element and name the latest, by element and name.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn samples(&self, executions: &[ExecutionKey]) -> Result<Vec<Arc<Sample>>, Error>;

    /// Deletes an execution with its rows and samples and leaves a tombstone: what is told later of this time or earlier is
    /// buried. False if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] as for [`Store::append`].
    fn delete(&self, execution: &ExecutionKey, now: Time) -> Result<bool, Error> {
        Ok(self.forget(std::slice::from_ref(execution), now)? > 0)
    }

    /// Deletes several executions as [`Store::delete`] does, many in one commit; answers how many there were. The cost is
    /// that of their rows.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] as for [`Store::append`], but that some may be gone already.
    fn forget(&self, executions: &[ExecutionKey], now: Time) -> Result<usize, Error>;

    /// Takes old rows of an execution away, the longest unseen first, and notes up to which time: what is told of that
    /// time or earlier is buried from then on. One row that tells of an end always stays, the execution's own if there
    /// is one; where there is none, the latest row stays. Answers how many rows went.
    ///
    /// Followers of the execution begin anew if rows went.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] as for [`Store::append`].
    fn prune(&self, execution: &ExecutionKey, keep: Keep, now: Time) -> Result<usize, Error>;

    /// How many rows an execution has; 0 for one that is not known.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn rows(&self, execution: &ExecutionKey) -> Result<usize, Error>;

    /// Whether an execution has more rows than this; of most it is known without counting.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn has_more(&self, execution: &ExecutionKey, rows: usize) -> Result<bool, Error> {
        Ok(self.rows(execution)? > rows)
    }

    /// How much there is of it, and how much room is left.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn size(&self) -> Result<Size, Error>;

    /// Takes the rows of some executions away that came by a dialect and keep their identity ([`Policy::ById`]), all
    /// in one commit; answers how many. Rows that fold stay, and so do those of every other dialect.
    ///
    /// Unlike [`Store::delete`] it leaves no tombstone and forgets the ids: who tells them again brings the rows back.
    /// The executions stay, with what is known of them. Followers of an execution that has lost rows begin anew.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] as for [`Store::append`].
    ///
    /// [`Policy::ById`]: crate::model::Policy::ById
    fn remove(
        &self,
        executions: &[ExecutionKey],
        dialect: Dialect,
        now: Time,
    ) -> Result<usize, Error>;

    /// All that is known at this moment, or some of it, to be carried elsewhere. Taking it is short; who writes goes on
    /// while it is read.
    ///
    /// # Errors
    ///
    /// If the disk cannot be read.
    fn snapshot(&self, extent: &Extent) -> Result<Snapshot, Error>;

    /// Joins what another history, or this one, has kept: all in one commit, or nothing. Doing it again changes nothing.
    ///
    /// Of an origin the higher count stands, as always. What was told once is known by its id within the window of ids,
    /// and by the sum of the history that took it in: an item that two histories took in apart counts in both.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] as for [`Store::append`].
    fn restore(&self, parts: &[Part], now: Time) -> Result<Restored, Error>;

    /// Forgets what has passed its window: ids of items told once (7 days), tombstones (24 h after they were last
    /// told of), correlations.
    ///
    /// # Errors
    ///
    /// If the disk cannot be written.
    fn sweep(&self, now: Time) -> Result<(), Error>;

    /// Writes out what can be written out and lets go of the disk. Nothing may be called afterwards.
    ///
    /// # Errors
    ///
    /// If the disk cannot be written; what was acknowledged is on disk all the same.
    fn close(&self) -> Result<(), Error>;
}
