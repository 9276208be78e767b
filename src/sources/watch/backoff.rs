//! Waiting: longer after each failure, and never too many watches in a while. Does I/O: it sleeps.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use super::Pace;

/// Doubles with each failure. Waits between half and all of it, so that many do not come back at once.
#[derive(Debug)]
pub(in crate::sources) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub(in crate::sources) fn new(pace: &Pace) -> Self {
        Self {
            first: pace.first_wait,
            longest: pace.longest_wait,
            next: pace.first_wait,
        }
    }

    pub(in crate::sources) async fn wait(&mut self) {
        self.wait_at_most(self.longest).await;
    }

    /// As [`Backoff::wait`], but never longer than that.
    pub(super) async fn wait_at_most(&mut self, most: Duration) {
        let wait = self.next.min(most);
        self.next = (self.next * 2).min(self.longest);
        tokio::time::sleep(wait.mul_f64(0.5 + 0.5 * chance())).await;
    }

    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// From 0 to 1. The standard library seeds each hasher at random; that is random enough to spread waits.
fn chance() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0) >> 32);
    f64::from(bits.unwrap_or_default()) / f64::from(u32::MAX)
}

/// A token bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    most: u32,
    tokens: u32,
    every: Duration,
    refilled: Instant,
}

impl Bucket {
    pub(super) fn new(most: u32, every: Duration) -> Self {
        Self {
            most: most.max(1),
            tokens: most.max(1),
            every,
            refilled: Instant::now(),
        }
    }

    /// Takes a token; waits for one if there is none.
    pub(super) async fn take(&mut self) {
        loop {
            self.refill();
            if self.tokens > 0 {
                self.tokens -= 1;
                return;
            }
            tokio::time::sleep_until(self.refilled + self.every).await;
        }
    }

    fn refill(&mut self) {
        let now = Instant::now();
        while self.tokens < self.most && self.refilled + self.every <= now {
            self.refilled += self.every;
            self.tokens += 1;
        }
        if self.tokens == self.most {
            self.refilled = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn after_the_burst_tokens_come_one_by_one() {
        let every = Duration::from_millis(20);
        let mut bucket = Bucket::new(3, every);
        let start = Instant::now();
        for _ in 0..3 {
            bucket.take().await;
        }
        assert!(start.elapsed() < every);
        for _ in 0..3 {
            bucket.take().await;
        }
        assert!(start.elapsed() >= every * 3);
    }

    #[tokio::test]
    async fn a_wait_is_between_half_and_all_and_doubles_up_to_the_longest() {
        let pace = Pace {
            first_wait: Duration::from_millis(4),
            longest_wait: Duration::from_millis(8),
            ..Pace::default()
        };
        let mut backoff = Backoff::new(&pace);
        let start = Instant::now();
        backoff.wait().await;
        assert!(start.elapsed() >= Duration::from_millis(2));
        backoff.wait().await;
        assert_eq!(backoff.next, pace.longest_wait);
        let most = Duration::from_millis(1);
        let start = Instant::now();
        backoff.wait_at_most(most).await;
        assert!(start.elapsed() >= most / 2);
        assert_eq!(backoff.next, pace.longest_wait);
        backoff.reset();
        assert_eq!(backoff.next, pace.first_wait);
    }
}
