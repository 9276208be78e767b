//! The description of the HTTP surface: it is the one that was reviewed, and what it says is what the server does.
//!
//! schemathesis makes requests of the description, good ones and bad ones, for the real binary; `install.sh` gets it.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

#[path = "../process/server.rs"]
#[expect(dead_code, reason = "it is shared with tests that do more with it")]
mod server;

mod document;
mod schemathesis;
