//! Why a file cannot be carried in, or out. Pure.

use std::io;

use super::FORMAT;
use crate::store;

/// Why a file cannot be carried in, or out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes cannot be read.
    #[error("it cannot be read after line {after}: {problem}")]
    Unreadable {
        /// The last line that was read.
        after: u64,
        /// Why.
        problem: io::Error,
    },
    /// It cannot be written.
    #[error("it cannot be written ({0}): it may be written again")]
    Write(#[from] io::Error),
    /// It is something else.
    #[error("it is no export of dagtrail: its first line is no header ({0})")]
    Foreign(String),
    /// A newer version has written it.
    #[error(
        "it has format {0}, and this dagtrail reads formats up to {FORMAT}: take a newer dagtrail"
    )]
    Newer(u32),
    /// A line is not what it should be.
    #[error("line {number}: {problem}")]
    Line {
        /// Which, from 1.
        number: u64,
        /// What is wrong.
        problem: String,
    },
    /// The end is missing.
    #[error("it ends with line {0}, and that is not its end: it was cut off; take a whole copy")]
    CutOff(u64),
    /// It does not end with its end.
    #[error("it goes on behind its end, line {0}")]
    GoesOn(u64),
    /// What is there is not what was written.
    #[error(
        "its checksum is {found}, and its end says {told}: it was damaged or changed; take another copy"
    )]
    Sum {
        /// Of what is there.
        found: String,
        /// What the end says.
        told: String,
    },
    /// Lines are missing, or too many.
    #[error(
        "its end tells of {told} {what}, and there are {found}: it was damaged or changed; take another copy"
    )]
    Count {
        /// Of what.
        what: &'static str,
        /// How many the end tells of.
        told: u64,
        /// How many there are.
        found: u64,
    },
    /// The store does not show or take it.
    #[error(transparent)]
    Store(#[from] store::Error),
}
