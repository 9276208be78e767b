//! Everything about being a server that no dialect should have to know: the listener, who may ask, health, and the
//! one table from error codes to HTTP. Does I/O.

mod access;
pub mod assets;
pub mod guard;
mod health;
mod jwt;
pub mod listener;
mod status;
mod tokens;

pub use self::access::{Access, Denied, Peer};
pub use self::guard::Admitted;
pub use self::health::Health;
pub use self::jwt::{Error as KeyError, Signer};
pub use self::listener::Stay;
pub use self::status::status_of;
pub use self::tokens::{Error as TokenError, Grant, Tokens};
