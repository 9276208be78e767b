//! Histories on the move: what is carried out of a store becomes lines of a file, and lines of a file are carried in.
//!
//! ```text
//! Store::snapshot ─► Part ─► convert ─► line ─► file        header, lines, end with counts and checksum
//!                      └───► view: seed array, CloudEvents, EventList
//! file ─► line ─► convert ─► Part ─► Store::restore
//! ```
//!
//! docs/moving.md describes the lines. Does I/O to what it is given.

mod convert;
mod error;
mod line;
mod read;
mod sum;
mod view;
mod write;

#[cfg(test)]
mod tests;

pub use self::error::Error;
pub use self::read::Reader;
pub use self::sum::Counts;
pub use self::view::{Shape, Viewer};
pub use self::write::Writer;

/// The format that this version writes, and the latest that it reads.
const FORMAT: u32 = 1;

/// The longest line that is read or written, in bytes. A row with more to say comes in several.
const MAX_LINE: usize = 32 << 20;
