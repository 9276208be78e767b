//! How much may be asked: requests a second of a user, requests at a time, streams at a time. Pure.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use parking_lot::{Mutex, RwLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::asking::Verb;
use crate::telemetry::{Labelled, Metrics};

/// Users of whom is kept how much they asked, before those are dropped who have not asked for long.
const USERS: usize = 10_000;
/// How long a request waits for its turn.
const TURN: Duration = Duration::from_millis(50);
/// After what time to come again, where nothing says when there will be room.
const LATER: Duration = Duration::from_secs(1);
/// The same for streams, which last.
const MUCH_LATER: Duration = Duration::from_secs(10);

/// The limits; `None` and zero: none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Reads a second of a user; three times as many at once.
    pub reads: Option<NonZeroU32>,
    /// Writes a second of a user; five times as many at once.
    pub writes: Option<NonZeroU32>,
    /// Requests at a time that are not answered yet: so many reads, and so many writes.
    pub requests: usize,
    /// Open streams, and sockets on which events go out.
    pub streams: usize,
    /// Of one user.
    pub streams_each: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reads: NonZeroU32::new(50),
            writes: NonZeroU32::new(20),
            requests: 400,
            streams: 1000,
            streams_each: 50,
        }
    }
}

/// There is no room, or it is not yet somebody's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// When to come again.
    pub after: Duration,
    /// Which limit that is.
    pub of: Limit,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests a second of a user.
    Rate,
    /// Requests at a time.
    Requests,
    /// Streams at a time.
    Streams,
    /// Streams of a user.
    StreamsEach,
    /// Connections at a time.
    Connections,
}

impl Limit {
    /// Whether it is about one user and not about all of them.
    pub(super) const fn is_own(self) -> bool {
        matches!(self, Self::Rate | Self::StreamsEach)
    }

    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Rate => "too many requests a second with these credentials",
            Self::Requests => "too many requests at this time",
            Self::Streams => "too many streams are open at this time",
            Self::StreamsEach => "too many streams are open with these credentials",
            Self::Connections => "too many connections are open at this time",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Requests => "requests",
            Self::Streams => "streams",
            Self::StreamsEach => "streams_of_user",
            Self::Connections => "connections",
        }
    }
}

/// Room that is taken; given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    of: Option<(Arc<Gates>, Option<Arc<str>>)>,
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some((gates, user)) = &self.of {
            gates.open.lock().leave(user.as_ref());
        }
    }
}

/// Streams that are open.
#[derive(Debug, Default)]
struct Open {
    all: usize,
    each: HashMap<Arc<str>, usize>,
}

impl Open {
    /// Counts one more, if the limits have room for it.
    fn enter(&mut self, user: Option<&Arc<str>>, limits: &Limits) -> Result<(), Limit> {
        if limits.streams > 0 && self.all >= limits.streams {
            return Err(Limit::Streams);
        }
        if let Some(user) = user {
            let count = self.each.get(user).copied().unwrap_or_default();
            if limits.streams_each > 0 && count >= limits.streams_each {
                return Err(Limit::StreamsEach);
            }
            self.each.insert(user.clone(), count + 1);
        }
        self.all += 1;
        Ok(())
    }

    fn leave(&mut self, user: Option<&Arc<str>>) {
        self.all -= 1;
        if let Some(user) = user
            && let Some(count) = self.each.get_mut(user)
        {
            *count -= 1;
            if *count == 0 {
                self.each.remove(user);
            }
        }
    }
}

/// Keeps the limits; cheap to clone, every clone counts the same. By default there are none.
#[derive(Clone, Debug, Default)]
pub struct Gate(Option<Arc<Gates>>);

#[derive(Debug)]
struct Gates {
    rules: RwLock<Rules>,
    reading: Arc<Semaphore>,
    writing: Arc<Semaphore>,
    open: Mutex<Open>,
    metrics: Metrics,
}

/// The limits, and what counts by them.
#[derive(Clone, Debug)]
struct Rules {
    limits: Limits,
    reads: Option<Arc<Rate>>,
    writes: Option<Arc<Rate>>,
}

impl Rules {
    /// Read three times as often, write five times as often at once as in a second.
    fn new(limits: Limits) -> Self {
        let rate = |second: Option<NonZeroU32>, burst| {
            second.map(|second| Arc::new(Rate::new(second, burst)))
        };
        Self {
            limits,
            reads: rate(limits.reads, 3),
            writes: rate(limits.writes, 5),
        }
    }
}

#[derive(Debug)]
struct Rate(DefaultKeyedRateLimiter<Arc<str>>);

impl Rate {
    fn new(second: NonZeroU32, burst: u32) -> Self {
        let burst = second.saturating_mul(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN));
        Self(RateLimiter::keyed(
            Quota::per_second(second).allow_burst(burst),
        ))
    }

    fn take(&self, user: &Arc<str>) -> Result<(), Duration> {
        if self.0.len() > USERS {
            self.0.retain_recent();
        }
        self.0
            .check_key(user)
            .map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

impl Gate {
    /// With these limits.
    #[must_use]
    pub fn new(limits: Limits, metrics: Metrics) -> Self {
        let room = |most: usize| {
            let most = if most == 0 {
                Semaphore::MAX_PERMITS
            } else {
                most
            };
            Arc::new(Semaphore::new(most))
        };
        Self(Some(Arc::new(Gates {
            rules: RwLock::new(Rules::new(limits)),
            reading: room(limits.requests),
            writing: room(limits.requests),
            open: Mutex::default(),
            metrics,
        })))
    }

    /// Keeps other limits from now on. What is open stays open; how often somebody has asked is forgotten only where the
    /// rate is another. Requests at a time stay as they are.
    pub fn keep(&self, limits: Limits) {
        let Some(gates) = &self.0 else { return };
        let mut rules = gates.rules.write();
        let before = rules.clone();
        *rules = Rules::new(limits);
        if before.limits.reads == limits.reads {
            rules.reads = before.reads;
        }
        if before.limits.writes == limits.writes {
            rules.writes = before.writes;
        }
    }

    /// Takes note of a request of a user.
    pub(super) fn count(&self, user: Option<&Arc<str>>, verb: Verb) -> Result<(), Full> {
        let (Some(gates), Some(user)) = (&self.0, user) else {
            return Ok(());
        };
        let rules = gates.rules.read();
        let rate = if verb.changes() {
            &rules.writes
        } else {
            &rules.reads
        };
        let Some(rate) = rate else { return Ok(()) };
        rate.take(user)
            .map_err(|after| gates.full(Limit::Rate, after))
    }

    /// Room for a request until it is answered.
    pub(super) async fn request(&self, verb: Verb) -> Result<Option<OwnedSemaphorePermit>, Full> {
        let Some(gates) = &self.0 else {
            return Ok(None);
        };
        let room = if verb.changes() {
            &gates.writing
        } else {
            &gates.reading
        };
        // Most find room, and need no clock. Who waits is served first: what they wait for is not to be had here.
        if let Ok(room) = room.clone().try_acquire_owned() {
            return Ok(Some(room));
        }
        match tokio::time::timeout(TURN, room.clone().acquire_owned()).await {
            // The semaphore is never closed.
            Ok(room) => Ok(room.ok()),
            Err(_) => Err(gates.full(Limit::Requests, LATER)),
        }
    }

    /// Room for a stream of a user.
    pub(super) fn stream(&self, user: Option<Arc<str>>) -> Result<Room, Full> {
        let Some(gates) = &self.0 else {
            return Ok(Room { of: None });
        };
        let limits = gates.rules.read().limits;
        let entered = gates.open.lock().enter(user.as_ref(), &limits);
        match entered {
            Ok(()) => Ok(Room {
                of: Some((gates.clone(), user)),
            }),
            Err(limit) => Err(gates.full(limit, MUCH_LATER)),
        }
    }

    /// The same for who cannot be sent away: waits so long for it.
    ///
    /// # Errors
    ///
    /// If there was none in that time.
    pub async fn stream_within(
        &self,
        user: Option<Arc<str>>,
        patience: Duration,
    ) -> Result<Room, Full> {
        const EVERY: Duration = Duration::from_millis(100);
        let until = tokio::time::Instant::now() + patience;
        loop {
            match self.stream(user.clone()) {
                Err(_) if tokio::time::Instant::now() < until => tokio::time::sleep(EVERY).await,
                end => return end,
            }
        }
    }
}

impl Gates {
    fn full(&self, of: Limit, after: Duration) -> Full {
        let name = Labelled { of: of.name() };
        self.metrics.limited.get_or_create(&name).inc();
        Full { after, of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(limits: Limits) -> Gate {
        Gate::new(limits, Metrics::new())
    }

    fn user(name: &str) -> Arc<str> {
        name.into()
    }

    #[test]
    fn a_user_has_a_burst_and_then_a_rate_and_nobody_elses_is_touched() {
        let gate = gate(Limits::default());
        let (a, b) = (user("a"), user("b"));
        for _ in 0..150 {
            assert_eq!(gate.count(Some(&a), Verb::List), Ok(()));
        }
        let full = gate.count(Some(&a), Verb::Get).unwrap_err();
        assert_eq!(full.of, Limit::Rate);
        assert!(full.after <= Duration::from_millis(20), "{full:?}");
        assert_eq!(gate.count(Some(&b), Verb::Get), Ok(()));
        for _ in 0..100 {
            assert_eq!(gate.count(Some(&a), Verb::Create), Ok(()), "of its own");
        }
        assert!(gate.count(Some(&a), Verb::Delete).is_err());
        for _ in 0..1000 {
            assert_eq!(gate.count(None, Verb::Create), Ok(()), "nobody is asked");
        }
    }

    #[tokio::test]
    async fn requests_that_find_no_room_are_sent_away_at_once_and_reads_do_not_wait_for_writes() {
        let gate = gate(Limits {
            requests: 2,
            ..Limits::default()
        });
        let _held = [
            gate.request(Verb::Create).await.unwrap(),
            gate.request(Verb::Delete).await.unwrap(),
        ];
        let full = gate.request(Verb::Create).await.unwrap_err();
        assert_eq!(full.of, Limit::Requests);
        let read = gate.request(Verb::Get).await.unwrap();
        assert!(read.is_some());
        drop(_held);
        assert!(gate.request(Verb::Create).await.is_ok());
    }

    #[tokio::test]
    async fn streams_are_bounded_of_all_and_of_each_and_room_comes_back() {
        let gate = gate(Limits {
            streams: 3,
            streams_each: 2,
            ..Limits::default()
        });
        let mut held = vec![
            gate.stream(Some(user("a"))).unwrap(),
            gate.stream(Some(user("a"))).unwrap(),
        ];
        let full = gate.stream(Some(user("a"))).unwrap_err();
        assert_eq!(full.of, Limit::StreamsEach);
        held.push(gate.stream(None).unwrap());
        let full = gate.stream(Some(user("b"))).unwrap_err();
        assert_eq!(full.of, Limit::Streams);
        let waits = gate.stream_within(Some(user("b")), Duration::from_secs(5));
        let frees = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(held.remove(0));
        };
        let (waited, ()) = tokio::join!(waits, frees);
        assert!(waited.is_ok());
        drop((held, waited));
        let open = &gate.0.as_ref().unwrap().open;
        assert!(open.lock().each.is_empty() && open.lock().all == 0);
        assert!(Gate::default().stream(Some(user("a"))).is_ok());
    }

    #[test]
    fn other_limits_hold_at_once_and_what_is_open_stays() {
        let limits = Limits {
            streams: 1,
            ..Limits::default()
        };
        let gate = gate(limits);
        let a = user("a");
        let _open = gate.stream(Some(a.clone())).unwrap();
        assert_eq!(gate.stream(None).unwrap_err().of, Limit::Streams);
        for _ in 0..150 {
            assert_eq!(gate.count(Some(&a), Verb::Get), Ok(()));
        }
        gate.keep(Limits {
            streams: 2,
            ..limits
        });
        assert!(gate.stream(None).is_ok());
        assert!(
            gate.count(Some(&a), Verb::Get).is_err(),
            "the same rate goes on"
        );
        gate.keep(Limits {
            reads: NonZeroU32::new(1000),
            streams: 0,
            streams_each: 1,
            ..limits
        });
        assert_eq!(gate.count(Some(&a), Verb::Get), Ok(()));
        assert_eq!(gate.stream(Some(a)).unwrap_err().of, Limit::StreamsEach);
        let all: Vec<_> = (0..2000).map(|_| gate.stream(None)).collect();
        assert!(all.iter().all(Result::is_ok), "0 is no limit");
    }
}
