//! The position of a change in the one sequence that a store numbers. Pure.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// The number of one change to one row, unique and ascending within a store.
///
/// A row carries the `Seq` of its latest change (the rule of CouchDB's `_changes`). When a `Seq` is
/// readable, so are all lower ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

impl Seq {
    /// Before the first change.
    pub const ZERO: Self = Self(0);

    /// The position after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Seq {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
