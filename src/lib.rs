//! dagtrail
