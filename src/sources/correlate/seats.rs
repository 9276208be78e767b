//! The seats that are remembered in memory; the stored index has them all. Pure.

use std::time::Duration;

use super::super::recent::Recent;
use super::super::seat::Seat;
use crate::model::{Digest, Digester, Observation, Time};

/// An entry of the index that was told so long ago is told again when its object is seen, or it would be forgotten
/// while the object lives.
const TELL_AGAIN: Duration = Duration::from_secs(12 * 3600);

/// A decision; `None` for an object that belongs to no execution.
#[derive(Debug)]
pub(super) struct Known {
    seat: Option<Box<Seat>>,
    told: Time,
}

impl Known {
    pub(super) fn seat(&self) -> Option<Seat> {
        self.seat.as_deref().cloned()
    }

    /// Tells the index again, if it is time.
    pub(super) fn keep_alive(&mut self, uid: &str, now: Time) -> Vec<Observation> {
        let due = now.since(self.told) >= TELL_AGAIN;
        let Some(seat) = self.seat.as_ref().filter(|_| due) else {
            return Vec::new();
        };
        self.told = now;
        vec![Observation::Correlation(seat.correlation(uid, now))]
    }
}

/// Decisions by uid. Strangers are most of a cluster's Pods, so an entry is small.
#[derive(Debug)]
pub(super) struct Seats {
    known: Recent<Digest, Known>,
}

impl Seats {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            known: Recent::new(bound),
        }
    }

    pub(super) fn get(&mut self, uid: &str) -> Option<&mut Known> {
        self.known.get(&name(uid))
    }

    /// The index may lack any of them: each is told again when its object is seen.
    pub(super) fn doubt(&mut self) {
        for known in self.known.values_mut() {
            known.told = Time::MIN;
        }
    }

    pub(super) fn put(&mut self, uid: &str, seat: Option<Seat>, told: Time) {
        let seat = seat.map(Box::new);
        self.known.insert(name(uid), Known { seat, told });
    }
}

fn name(uid: &str) -> Digest {
    Digester::new("uid").text(uid).finish()
}
