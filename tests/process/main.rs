//! The binary as its users run it: started, talked to over HTTP, killed, started again.

mod commands;
mod crash;
mod server;
mod stream_across_restart;
