//! The dagtrail binary: reads the command line and hands over.

fn main() {}
