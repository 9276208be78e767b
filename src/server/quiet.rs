//! When nothing was asked on a connection for too long. Pure, but for the clock.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};

use super::connection::Patience;

/// The requests of a connection that are open, each from its headers to the end of its answer; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests(Arc<Mutex<Now>>);

#[derive(Debug, Default)]
struct Now {
    open: usize,
    /// When the last one ended, if any has.
    ended: Option<Instant>,
}

/// A request that is open.
#[derive(Debug)]
pub(super) struct Open(Requests);

impl Requests {
    pub(super) fn open(&self) -> Open {
        self.0.lock().open += 1;
        Open(self.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut now = self.0.0.lock();
        now.open -= 1;
        now.ended = Some(Instant::now());
    }
}

/// Waits until nothing was asked for too long. It is not told of requests, which are many: it looks when it could be
/// too long.
pub(super) async fn quiet(requests: Requests, patience: Patience) {
    let begin = Instant::now();
    let mut now = begin;
    loop {
        let end = {
            let requests = requests.0.lock();
            match requests.ended {
                // From its end on, which is still to come.
                _ if requests.open > 0 => now + patience.idle,
                Some(ended) => ended + patience.idle,
                None => begin + patience.first,
            }
        };
        if end <= now {
            return;
        }
        // What is asked meanwhile may end it earlier than that.
        sleep_until(end.min(now + patience.idle)).await;
        now = Instant::now();
    }
}
