//! Prefect: the real clients, what speaks like them, and the original.

mod access;
mod frames;
mod killed;
mod original;
mod own_server;
mod real;
mod socket;
mod stage;
