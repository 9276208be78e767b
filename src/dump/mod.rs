//! The canonical dump: all that a store knows and that does not depend on when it was told, as NDJSON.
//!
//! Two stores that were told the same have the same dump, byte for byte, whatever the order, the number of times or
//! the engine. Hence neither a `Seq` nor a time of the store's own clock is in it. docs/recording.md describes the
//! lines. Does I/O through the store.

mod line;

use std::io::{self, Write};

use crate::model::{ExecutionFilter, Filter, Page, Position};
use crate::store::{self, Store};

/// Why a dump is not complete.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The dump cannot be written.
    #[error("the dump cannot be written ({0}): it may be dumped again")]
    Write(#[from] io::Error),
}

/// How much was dumped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dumped {
    /// Executions.
    pub executions: u64,
    /// Rows.
    pub rows: u64,
    /// The sum of their counts.
    pub occurrences: u64,
}

/// Writes the dump: executions by tenant and id, after each its rows by first time, name and id,
/// and its samples.
///
/// # Errors
///
/// If the store cannot be read, or `to` takes no more.
pub fn write(store: &dyn Store, to: &mut dyn Write) -> Result<Dumped, Error> {
    let (mut all, _) = store.executions(&ExecutionFilter::default(), 0, usize::MAX)?;
    all.sort_by(|one, other| one.key.cmp(&other.key));
    let mut dumped = Dumped::default();
    for execution in &all {
        dumped.executions += 1;
        put(to, &line::execution(execution))?;
        let key = std::slice::from_ref(&execution.key);
        let mut rows = store.list(key, &Filter::default(), &Page::default())?.rows;
        rows.sort_by(|one, other| Position::compare(one, other));
        for row in rows {
            dumped.rows += 1;
            dumped.occurrences += row.count();
            put(to, &line::row(&row))?;
        }
        for sample in store.samples(key)? {
            put(to, &line::sample(&sample))?;
        }
    }
    to.flush()?;
    Ok(dumped)
}

fn put(to: &mut dyn Write, line: &line::Line<'_>) -> Result<(), Error> {
    serde_json::to_writer(&mut *to, line).map_err(io::Error::from)?;
    Ok(to.write_all(b"\n")?)
}

#[cfg(test)]
mod tests;
