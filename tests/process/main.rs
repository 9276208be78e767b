//! The binary as its users run it: started, talked to over HTTP, killed, started again.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

mod catalog;
mod cli;
mod commands;
mod config;
mod crash;
mod full_disk;
mod limits;
mod moving;
mod recordings;
mod retention;
mod revoked;
#[expect(dead_code, reason = "the cluster tests use more of it")]
mod server;
mod shutdown;
mod small_disk;
mod stream_across_restart;
mod tls;
mod traces;
