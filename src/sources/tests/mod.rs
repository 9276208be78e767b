//! The desk and a store together: what is in a history after what the cluster has shown. Pure.

mod belonging;
mod histories;
pub(super) mod scene;
