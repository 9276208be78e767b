//! Everything about being a server that no dialect should have to know: the listener, who may ask, health, and the
//! one table from error codes to HTTP. Does I/O.

pub mod guard;
mod health;
pub mod listener;
mod status;

pub use self::health::Health;
pub use self::status::status_of;
