//! The dialects, spoken to by their real clients.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

mod clients;
#[path = "../api_v1/server.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod inside;
#[path = "../process/server.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod server;

mod dataflow;
mod genomcore;
mod nublado;
mod pairs;
mod prefect;
