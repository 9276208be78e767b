//! The native dialect over TCP: the real router, listener, writer thread and store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod access;
mod bad_input;
mod executions;
mod follower;
mod full_view;
mod kept;
mod operations;
mod paging;
mod seed;
mod server;
mod stream;
mod tenants;
