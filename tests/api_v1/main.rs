//! The native dialect over TCP: the real router, listener and writer thread, over the reference engine.

mod bad_input;
mod executions;
mod operations;
mod paging;
mod seed;
mod server;
mod stream;
