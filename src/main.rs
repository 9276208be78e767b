//! The dagtrail binary.

fn main() {}
