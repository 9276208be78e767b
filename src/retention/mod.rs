//! Forgets what has passed its window, and what is more than is to be kept: by age, by bytes, by rows of an execution, and
//! by policies. A client of the store like any other. Does I/O through the store.
//!
//! Whole executions go at once, with a tombstone: those that were last told of longest ago, and of those that are
//! finished first. Of an execution that stays only old rows go, never the last that tells of an end.

mod clock;
mod file;
mod keeper;
mod pass;
mod squeeze;
#[cfg(test)]
mod tests;

pub use self::file::{Age, Bytes, Most, parse};
pub use self::keeper::Keeper;
