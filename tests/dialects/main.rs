//! The dialects, spoken to by their real clients.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

#[expect(dead_code, reason = "no client here runs on Node.js")]
mod clients;
#[path = "../api_v1/server.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod inside;
mod nublado;
#[path = "../process/server.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod server;
