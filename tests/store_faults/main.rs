//! What a disk can do to a history: calls that fail, ends that are cut off, bits that flip; and clocks that jump.
//!
//! Each test runs a sample within seconds, from a seed that it prints. `THOROUGH_FAULTS=1` runs all; `make io-faults`
//! sets it, and shows the counts.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

mod calls;
mod clock;
mod cuts;
mod dice;
mod flips;
mod ground;
#[expect(dead_code, reason = "the other tests of the binary use more of it")]
#[path = "../process/server.rs"]
mod server;
mod told;

use dagtrail::model::{Clock, SystemClock};

/// Opening and closing a store is mostly waiting.
const THREADS: usize = 6;

/// Whether all is run, not a sample.
fn is_thorough() -> bool {
    std::env::var_os("THOROUGH_FAULTS").is_some_and(|set| set == "1")
}

/// The seed that is asked for, or one that never was.
fn seed() -> u64 {
    let asked = std::env::var("SEED").ok();
    let seed = asked.and_then(|seed| seed.parse().ok());
    seed.unwrap_or_else(|| SystemClock.now().0.cast_unsigned() | 1)
}
