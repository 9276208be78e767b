//! The clock of a recording. Pure.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::model::{Clock, Time};

/// Stands where the recording stands.
#[derive(Debug, Default)]
pub struct RecordedClock(AtomicI64);

impl RecordedClock {
    pub(super) fn set(&self, now: Time) {
        self.0.store(now.0, Ordering::Relaxed);
    }
}

impl Clock for RecordedClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::Relaxed))
    }
}
