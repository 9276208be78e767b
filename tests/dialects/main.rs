//! The dialects, spoken to by clients of theirs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[expect(dead_code, reason = "not every kind of client is needed yet")]
mod clients;
mod genomcore;
#[expect(dead_code, reason = "the native dialect's tests need more of it")]
#[path = "../api_v1/server.rs"]
mod inside;
#[expect(dead_code, reason = "the process's tests need more of it")]
#[path = "../process/server.rs"]
mod server;
