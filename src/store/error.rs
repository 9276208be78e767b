//! What a store can answer instead. Pure.

use crate::model::{Code, Seq};

/// A store's failure.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The change feed of all executions no longer reaches back so far.
    #[error(
        "changes after {after} are no longer kept, the oldest kept is {oldest}: list, then follow from there"
    )]
    TooOld {
        /// What was asked for.
        after: Seq,
        /// What there is.
        oldest: Seq,
    },
    /// The disk did not do it, nothing of it is kept.
    #[error("the store cannot write now ({0}): nothing of it was kept, a retry is safe")]
    Unavailable(String),
    /// The disk has no more room than its reserve.
    #[error(
        "the disk is full: {free} bytes are free and {reserve} stay so for retention and deletions; nothing of it was \
         kept, a retry is safe and works once there is room"
    )]
    Full {
        /// What is free.
        free: u64,
        /// What is never filled by taking in.
        reserve: u64,
    },
    /// The directory is somebody else's.
    #[error("the data directory {0} is in use by another process: one store, one process")]
    Locked(String),
    /// The data was written by a version that this one cannot read.
    #[error(
        "the data directory has format {found}, which needs a reader of version {needed}, and this one is {own}: \
         start a newer dagtrail on it"
    )]
    Format {
        /// The format that is there.
        found: u32,
        /// The reader that it asks for.
        needed: u32,
        /// This reader.
        own: u32,
    },
    /// What is on disk is not what was written.
    #[error("the data directory is damaged ({0}): restore it from a copy, dagtrail does not guess")]
    Damaged(String),
    /// The URL names no engine.
    #[error("{0:?} is not a store: give a directory, or memory:")]
    Unknown(String),
    /// Reading failed.
    #[error("the store cannot be read ({0}): a retry may work")]
    Read(String),
}

impl Error {
    /// The code that callers branch on.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::TooOld { .. } | Self::Unknown(_) => Code::InvalidArgument,
            Self::Unavailable(_) | Self::Locked(_) | Self::Read(_) => Code::Unavailable,
            Self::Full { .. } => Code::ResourceExhausted,
            Self::Format { .. } | Self::Damaged(_) => Code::Internal,
        }
    }
}
