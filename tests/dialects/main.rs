//! The dialects, spoken to by their real clients and by what speaks like them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[expect(dead_code, reason = "not every dialect has clients of every kind")]
mod clients;
mod prefect;
#[expect(dead_code, reason = "not every test needs all that a server can do")]
#[path = "../process/server.rs"]
mod server;
