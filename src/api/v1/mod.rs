//! The native dialect: the events call of the Gene Container Service's API, and what a history needs besides.
//!
//! ```text
//! POST  items ─► convert::telling ─► ingest           one result per item
//! GET   ask, accept ─► resolve ─► Reader ─► convert::event ─► JSON, lines, or a stream
//! ```
//!
//! Answers have the documented shapes (`wire`, `gcs`), errors the documented envelope (`error`). Does I/O through
//! axum only.

mod accept;
mod answers;
mod ask;
mod beside;
pub(super) mod carry;
mod convert;
mod cursor;
mod error;
mod etag;
pub(super) mod executions;
mod gcs;
pub(super) mod ingest;
mod items;
mod marked;
mod object;
mod params;
mod path;
mod posted;
pub(super) mod read;
mod resolve;
pub(super) mod retention;
pub(super) mod samples;
mod stream;
mod summary;
mod view;
mod whole;
mod wire;
mod write;

#[cfg(test)]
mod tests;

pub(super) use self::accept::wants_stream;
pub use self::answers::Answers;
pub(super) use self::error::{Error, no_method, no_route, panicked, refuse};
pub(super) use self::wire::ErrorBody;
