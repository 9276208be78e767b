//! How long and how much every engine remembers. Pure.

use std::time::Duration;

use crate::model::fold::ORIGINS_IN_ROW;

/// How long the ids of items that are told once are remembered.
pub(super) const ID_WINDOW: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a tombstone is kept at least after it was last needed.
pub(super) const TOMBSTONE_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// How exactly it is known when a tombstone was last needed: a relist that is buried again and again costs one
/// write in this time, not one each.
pub(super) const TOMBSTONE_GRAIN: Duration = Duration::from_secs(3600);
/// How long a correlation is kept after it was last told: twice the longest usual Event TTL, and more.
pub(super) const CORRELATION_WINDOW: Duration = Duration::from_secs(48 * 3600);

/// How many samples of an execution are kept: five names each of some 800 elements.
pub(super) const SAMPLES: usize = 4096;

/// How much is kept; tests make it small.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Origins in a row.
    pub origins: usize,
    /// How long ids of items told once are remembered.
    pub ids: Duration,
    /// Samples of an execution.
    pub samples: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            origins: ORIGINS_IN_ROW,
            ids: ID_WINDOW,
            samples: SAMPLES,
        }
    }
}
