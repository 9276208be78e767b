//! The desk and a store together: what is in a history after what the cluster has shown. Does I/O with a scripted API server.

mod belonging;
mod counts;
mod flaky;
mod flow;
mod histories;
mod relist;
pub(super) mod scene;
