//! dagtrail

pub mod text;
