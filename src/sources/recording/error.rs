//! What can be wrong with a recording. Pure.

use std::io;

use super::line::FORMAT;

/// Why a file cannot be written, read or continued as a recording.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened, read or written.
    #[error("the recording {file} cannot be {what} ({error}): what was written before is good")]
    File {
        /// Its path.
        file: String,
        /// What was done.
        what: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// It is something else.
    #[error("{file} is no recording of dagtrail: {problem}")]
    Foreign {
        /// Its path.
        file: String,
        /// What its first line is.
        problem: String,
    },
    /// It was written by a version that this one cannot read.
    #[error(
        "the recording {file} has format {found}, and this dagtrail reads {FORMAT}: replay it with the one that wrote it"
    )]
    Format {
        /// Its path.
        file: String,
        /// The format that it has.
        found: u64,
    },
    /// A line in the middle is not what was written.
    #[error("line {line} of the recording {file} cannot be read ({problem}): the file is damaged")]
    Damaged {
        /// Its path.
        file: String,
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// It is to be continued with something else.
    #[error("the recording {file} is of {what} {recorded}, not of {now}: record into another file")]
    Other {
        /// Its path.
        file: String,
        /// What differs.
        what: &'static str,
        /// As it was.
        recorded: String,
        /// As it is.
        now: String,
    },
    /// Another process writes it.
    #[error("the recording {0} is being written by another process")]
    Locked(String),
    /// The store takes nothing more.
    #[error("the replay ended early: the store takes nothing more; it may be replayed again")]
    Stopped,
}
