//! From a URL to an engine. Does I/O.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::bounds::Bounds;
use super::embedded::Embedded;
use super::memory::Memory;
use super::{Error, Store};

/// How much of a disk is kept back from taking in, for retention, deletions, and the database's own work.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    /// So many bytes,
    pub bytes: u64,
    /// or so many hundredths of the disk, whichever is more.
    pub percent: u64,
}

impl Default for Reserve {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            percent: 5,
        }
    }
}

/// What can be set of an engine; the defaults are for production.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much is remembered of origins.
    pub bounds: Bounds,
    /// Changed rows in memory at which a checkpoint begins.
    pub fold_rows: usize,
    /// About how many bytes of changed rows in memory at which a checkpoint begins.
    pub fold_bytes: usize,
    /// Rows that may stay in memory after a checkpoint.
    pub cached_rows: usize,
    /// About how many bytes of rows may stay in memory after a checkpoint.
    pub cached_bytes: usize,
    /// How many bytes of the log are kept behind a checkpoint for followers of all changes.
    pub log_bytes: u64,
    /// For how long the log is kept behind a checkpoint for followers of all changes.
    pub log_age: Duration,
    /// How often changes are checkpointed at least, in the background; `None`: only on demand, at the end, and by
    /// who writes when the fold is twice full.
    pub checkpoint_every: Option<Duration>,
    /// How much of the disk is never filled by taking in.
    pub reserve: Reserve,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bounds: Bounds::default(),
            fold_rows: 80_000,
            fold_bytes: 24 << 20,
            cached_rows: 80_000,
            cached_bytes: 24 << 20,
            log_bytes: 64 << 20,
            log_age: Duration::from_secs(600),
            checkpoint_every: Some(Duration::from_secs(30)),
            reserve: Reserve::default(),
        }
    }
}

/// Opens a store: `memory:` keeps nothing, anything without a scheme is a directory, made if it is not there.
///
/// # Errors
///
/// [`Error::Unknown`] for another scheme; [`Error::Locked`], [`Error::Format`], [`Error::Damaged`] and
/// [`Error::Read`] for a directory that cannot be used.
pub fn open(url: &str, options: &Options) -> Result<Arc<dyn Store>, Error> {
    match url {
        "memory:" => Ok(Arc::new(Memory::new(options.bounds))),
        "" => Err(Error::Unknown(url.into())),
        _ if url.contains("://") => Err(Error::Unknown(url.into())),
        directory => Ok(Arc::new(Embedded::open(
            Path::new(directory),
            options.clone(),
        )?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_limits_says_what_stays_in_memory() {
        let page = include_str!("../../docs/limits.md");
        let options = Options::default();
        let about = |bytes: usize, rows: usize| {
            let thousands = rows / 1000;
            format!("about {} MiB or {thousands},000 rows", bytes >> 20)
        };
        for said in [
            about(options.fold_bytes * 2, options.fold_rows * 2),
            about(options.cached_bytes, options.cached_rows),
        ] {
            assert!(page.contains(&said), "{said}");
        }
    }
}
