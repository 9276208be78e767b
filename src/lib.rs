//! dagtrail keeps the trail that every DAG execution leaves.

pub mod model;
pub mod store;
