//! What is the embedded engine's own: what it leaves on disk, and what it makes of what it finds there. Does I/O.

mod carried;
mod differential;
mod disk;
mod format;
mod full;
mod intact;
mod kept;
mod killed;
mod opening;
mod rest;
mod space;
mod together;

use std::path::Path;

use super::Embedded;
use crate::store::samples::BOUNDS;
use crate::store::{Error, Options, Reserve};

/// Nothing of the disk is kept back.
const NO_RESERVE: Reserve = Reserve {
    bytes: 0,
    percent: 0,
};

fn options() -> Options {
    Options {
        bounds: BOUNDS,
        cached_rows: 6,
        cached_bytes: 100_000,
        checkpoint_every: None,
        // Also where these tests run the disk may be nearly full.
        reserve: NO_RESERVE,
        ..Options::default()
    }
}

/// Nothing is kept of the log behind a checkpoint.
fn forgetful() -> Options {
    Options {
        log_bytes: 0,
        log_age: std::time::Duration::ZERO,
        ..options()
    }
}

fn open(directory: &Path) -> Embedded {
    open_with(directory, options())
}

fn open_with(directory: &Path, options: Options) -> Embedded {
    Embedded::open(directory, options).unwrap()
}

fn refused(directory: &Path) -> Error {
    match Embedded::open(directory, options()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}
