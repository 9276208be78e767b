//! The places of connections: who has none is sent away, or waits. Pure.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::telemetry::Metrics;

/// A connection's place among those that are counted, as an extension of its requests. Who goes on with a connection
/// after its request, on a socket for instance, holds it: the server waits for them when it stops.
#[derive(Clone, Debug)]
pub struct Stay {
    _seat: Arc<Seat>,
}

#[derive(Debug)]
pub(super) struct Seat {
    room: Arc<Semaphore>,
    taken: Mutex<Option<OwnedSemaphorePermit>>,
    _entered: Option<OwnedSemaphorePermit>,
    _token: TaskTrackerToken,
    metrics: Metrics,
}

impl Seat {
    pub(super) fn new(
        room: &Arc<Semaphore>,
        entered: Option<OwnedSemaphorePermit>,
        token: TaskTrackerToken,
        metrics: &Metrics,
    ) -> Arc<Self> {
        metrics.connections.inc();
        Arc::new(Self {
            room: room.clone(),
            taken: Mutex::default(),
            _entered: entered,
            _token: token,
            metrics: metrics.clone(),
        })
    }

    /// Takes the place, if there is one.
    pub(super) fn take(&self) -> bool {
        let mut taken = self.taken.lock();
        if taken.is_none() {
            *taken = self.room.clone().try_acquire_owned().ok();
        }
        taken.is_some()
    }

    /// Waits until there is one.
    pub(super) async fn wait(&self) {
        if !self.take() {
            // The semaphore is never closed.
            let place = self.room.clone().acquire_owned().await.ok();
            *self.taken.lock() = place;
        }
    }

    pub(super) fn stay(self: &Arc<Self>) -> Stay {
        Stay {
            _seat: self.clone(),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.metrics.connections.dec();
    }
}
