//! What the cluster has delivered, kept in a file, so that a run can be told again without a cluster.
//!
//! ```text
//! watch ──► reception ──► tape: one line for each delivery, in order          file ──► player ──► reception
//!             takes it in when it is written, and nobody else meanwhile       with the clock of that time
//! ```
//!
//! While a tape runs, deliveries and looks at the clock take turns: what is taken in is then a function of the file
//! alone, and a replay comes to the very same history. docs/recording.md describes the file. Does I/O: the file.

mod clock;
mod error;
mod line;
mod player;
mod reader;
mod tape;

#[cfg(test)]
mod tests;

pub use self::clock::RecordedClock;
pub use self::error::Error;
pub use self::line::Header;
pub(super) use self::line::What;
pub use self::player::{Replayed, replay};
pub use self::reader::Recording;
pub use self::tape::Tape;
pub(super) use self::tape::Turn;
