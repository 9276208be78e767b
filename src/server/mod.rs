//! Everything about being a server that no dialect should have to know: the listener, who may ask what, limits, TLS, health, and the
//! one table from error codes to HTTP. Does I/O.

mod access;
mod admission;
mod asking;
pub mod assets;
mod connection;
mod gate;
pub mod guard;
mod health;
mod jwt;
mod kept;
pub mod listener;
mod quiet;
mod reload;
mod review;
mod seat;
mod speaking;
mod status;
mod tls;
mod tokens;
mod version;

pub use self::access::{Access, Denied, Peer};
pub use self::admission::Admission;
pub use self::asking::{Asking, Found, Places, Verb};
pub use self::gate::{Full, Gate, Limits, Room};
pub use self::guard::Admitted;
pub use self::health::Health;
pub use self::jwt::{Error as KeyError, Signer};
pub use self::listener::Listening;
pub use self::reload::{follow as follow_files, tokens as tokens_of_file};
pub use self::review::{Audiences, Reviewer};
pub use self::seat::Stay;
pub use self::status::status_of;
pub use self::tls::{Error as TlsError, Tls};
pub use self::tokens::{Error as TokenError, Grant, Tokens};
