//! Looking through a whole directory. Does I/O.

use std::path::Path;

use super::{Error, embedded};

/// What is looked at, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The format is one that this version can use.
    Format,
    /// Nobody has it open.
    Lock,
    /// The engine's files are whole.
    Files,
    /// The log reaches as far as was acknowledged, and all of it can be read.
    Log,
    /// Every record can be read, and they fit together.
    Records,
}

/// What one look has found.
#[derive(Debug)]
pub struct Checked {
    /// At what.
    pub check: Check,
    /// What is there, in words; or what is wrong with it.
    pub found: Result<String, Error>,
}

/// Reads all that is in a directory, every checksum with it; ends at the first thing that is wrong. Nobody else may have
/// it open. What a process left unfinished when it was killed is put in order, as when the store is opened.
#[must_use]
pub fn verify(directory: &Path) -> Vec<Checked> {
    embedded::verify(directory)
}
