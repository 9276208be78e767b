//! dagtrail

pub mod crd;
