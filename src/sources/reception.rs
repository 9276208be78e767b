//! Where a watch delivers: parses, asks the stored index, lets the desk decide, and waits until it is on disk.
//! Does I/O through the delivery.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio::sync::watch as channel;

use super::delivery::{Delivery, Stopped};
use super::desk::{Desk, Incoming};
use super::recent::Recent;
use super::recording::{Tape, Turn, What};
use super::vigil::{self, Vigil};
use super::watch::{Change, Sink};
use super::watched::Watched;
use crate::model::{Clock, Observation, Time};
use crate::telemetry::{Labelled, Loss, Metrics, OfKind};

/// Objects that did not parse, remembered so that each is reported once.
const REMEMBERED_GARBAGE: usize = 1024;

/// Which kinds have been listed once.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    listed: Arc<channel::Sender<HashSet<Watched>>>,
    seen: channel::Receiver<HashSet<Watched>>,
}

impl Default for Progress {
    fn default() -> Self {
        let (listed, seen) = channel::channel(HashSet::new());
        Self {
            listed: Arc::new(listed),
            seen,
        }
    }
}

impl Progress {
    pub(super) fn note(&self, watched: Watched) {
        self.listed.send_if_modified(|all| all.insert(watched));
    }

    fn has(&self, watched: &[Watched]) -> bool {
        let listed = self.seen.borrow();
        watched.iter().all(|one| listed.contains(one))
    }

    /// Waits until all of these have been listed.
    pub(super) async fn all(&mut self, watched: &[Watched]) {
        let has = |listed: &HashSet<Watched>| watched.iter().all(|one| listed.contains(one));
        // The sender lives as long as this.
        let _ = self.seen.wait_for(has).await;
    }
}

/// What all receptions share.
pub(super) struct Room {
    desk: Mutex<Desk>,
    delivery: Delivery,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
    progress: Progress,
    tape: Option<Tape>,
}

impl Room {
    pub(super) fn new(
        desk: Desk,
        delivery: Delivery,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
        progress: Progress,
        tape: Option<Tape>,
    ) -> Self {
        Self {
            desk: Mutex::new(desk),
            delivery,
            metrics,
            clock,
            progress,
            tape,
        }
    }

    /// While a tape runs, who takes in something waits for its turn, so that the tape has the order.
    async fn turn(&self) -> Option<Turn> {
        match &self.tape {
            Some(tape) => Some(tape.turn().await),
            None => None,
        }
    }

    /// Looks who has waited long enough.
    pub(super) async fn tick(&self) -> Result<(), Stopped> {
        let mut turn = self.turn().await;
        let now = self.clock.now();
        if !self.desk.lock().is_due(now, self.owners_listed()) {
            return Ok(());
        }
        if let Some(turn) = &mut turn {
            turn.write::<()>(now, What::Ticked).await?;
        }
        self.tick_at(now).await
    }

    /// The same, at a time that is given.
    pub(super) async fn tick_at(&self, now: Time) -> Result<(), Stopped> {
        let found = self.desk.lock().tick(now, self.owners_listed());
        self.count();
        self.delivery.submit(found).await
    }

    fn owners_listed(&self) -> bool {
        self.progress.has(Watched::Workloads.before())
    }

    /// A watch has ended by a defect: what it has taken last may not be on disk.
    pub(super) fn doubt(&self) {
        self.desk.lock().doubt();
    }

    /// Asks the stored index for whom the desk does not know.
    async fn look_up(&self, incoming: &Incoming, asked: &mut HashSet<Box<str>>) {
        let unknown = self.desk.lock().unknown(incoming);
        for uid in unknown {
            if !asked.insert((*uid).into()) {
                continue;
            }
            let Some(stored) = self.delivery.correlation(&uid).await else {
                continue;
            };
            let of = if *stored.execution.id == *uid {
                None
            } else {
                self.delivery.correlation(&stored.execution.id).await
            };
            let of = of.as_ref().or(Some(&stored));
            self.desk.lock().correlator().learn(&stored, of);
        }
    }

    fn count(&self) {
        let mut desk = self.desk.lock();
        let tally = desk.take_tally();
        self.metrics.unrelated.inc_by(tally.unrelated);
        let lost = self.metrics.events_lost.get_or_create(&Loss::UNRESOLVED);
        lost.inc_by(tally.dropped);
        self.metrics
            .unresolved
            .set(i64::try_from(desk.parked()).unwrap_or(i64::MAX));
    }
}

/// Where the watch of one kind delivers.
pub(super) struct Reception {
    watched: Watched,
    room: Arc<Room>,
    garbage: Recent<u64, ()>,
    hasher: RandomState,
    /// The uids of the objects that the list under way has brought so far.
    listing: Option<HashSet<Box<str>>>,
    /// Of the watch of Events; `true` when it knows what was noted before.
    vigil: Option<(Vigil, bool)>,
}

impl Reception {
    pub(super) fn new(watched: Watched, room: Arc<Room>, vigil: Option<Vigil>) -> Self {
        Self {
            watched,
            room,
            garbage: Recent::new(REMEMBERED_GARBAGE),
            hasher: RandomState::new(),
            listing: None,
            vigil: vigil.map(|vigil| (vigil, false)),
        }
    }

    fn parse(&mut self, object: &RawValue) -> Option<Incoming> {
        match self.watched.parse(object.get()) {
            Ok(incoming) => Some(incoming),
            Err(problem) => {
                let hash = self.hasher.hash_one(object.get());
                if self.garbage.get(&hash).is_none() {
                    self.garbage.insert(hash, ());
                    let of = self.watched.label();
                    self.room
                        .metrics
                        .unparsed
                        .get_or_create(&Labelled { of })
                        .inc();
                    if self.watched == Watched::Events {
                        let lost = &self.room.metrics.events_lost;
                        lost.get_or_create(&Loss::UNREADABLE).inc();
                    }
                    tracing::warn!(
                        kind = of,
                        problem,
                        "an object cannot be read and is left out"
                    );
                }
                None
            }
        }
    }

    /// All up to now is on disk, unless a list is under way. Tells who is concerned if that was not so for too long.
    async fn watched_on(&mut self, now: Time) -> Result<(), Stopped> {
        let Some((vigil, learned)) = self.vigil.as_mut().filter(|_| self.listing.is_none()) else {
            return Ok(());
        };
        let delivery = &self.room.delivery;
        if !*learned {
            vigil.learn(delivery.correlation(vigil.name()).await.as_ref());
            *learned = true;
        }
        let seen = vigil.seen(now);
        let mut found = Vec::new();
        if let Some((since, until)) = seen.gap {
            let all = delivery.executions().await;
            found.extend(all.iter().filter_map(|one| vigil::gap(one, since, until)));
            tracing::warn!(
                since = since.to_seconds(),
                concerned = found.len(),
                "Events were not watched for longer than they live"
            );
        }
        found.extend(seen.note.then(|| vigil.note(now)));
        delivery.submit(found).await
    }

    fn decide(&self, incoming: Incoming, gone: bool, now: Time) -> Vec<Observation> {
        let mut desk = self.room.desk.lock();
        if gone {
            desk.deleted(incoming, now)
        } else {
            desk.applied(incoming, now)
        }
    }
}

impl Reception {
    /// Takes in what was delivered, at a time that is given.
    pub(super) async fn take_at(&mut self, changes: Vec<Change>, now: Time) -> Result<(), Stopped> {
        let mut asked = HashSet::new();
        let mut found = Vec::new();
        let (mut listed, mut forbidden) = (false, false);
        let brings = |change: &Change| matches!(change, Change::Applied(_) | Change::Deleted(_));
        let brought = changes.iter().any(brings);
        for change in changes {
            let (object, gone) = match change {
                Change::Applied(object) => (object, false),
                // That an Event is gone says nothing: its age has come.
                Change::Deleted(_) if self.watched == Watched::Events => continue,
                Change::Deleted(object) => (object, true),
                Change::Listing => {
                    self.listing = Some(HashSet::new());
                    continue;
                }
                Change::Listed => {
                    listed = true;
                    continue;
                }
                Change::Forbidden => {
                    forbidden = true;
                    continue;
                }
                Change::Watched => continue,
            };
            let Some(incoming) = self.parse(&object) else {
                continue;
            };
            self.room.look_up(&incoming, &mut asked).await;
            if let (Incoming::Object(object), Some(listing)) = (&incoming, &mut self.listing) {
                listing.insert(object.meta().uid.clone());
            }
            found.extend(self.decide(incoming, gone, now));
        }
        self.room.count();
        self.room.delivery.submit(found).await?;
        if brought {
            let kind = self.watched.label();
            let last = &self.room.metrics.watch_last_event;
            last.get_or_create(&OfKind { kind })
                .set(now.to_chrono().timestamp());
        }
        let listing = if listed { self.listing.take() } else { None };
        if let (Some(kind), Some(there)) = (self.watched.kind(), listing) {
            self.room.desk.lock().listed(kind, &there);
            if self.watched == Watched::Pods && self.room.desk.lock().has_labs() {
                let all = self.room.delivery.executions().await;
                let found = self.room.desk.lock().vanished(&all, &there, now);
                self.room.delivery.submit(found).await?;
            }
        }
        if !forbidden {
            self.watched_on(now).await?;
        }
        if listed || forbidden {
            self.room.progress.note(self.watched);
        }
        Ok(())
    }
}

impl Sink for Reception {
    async fn take(&mut self, changes: Vec<Change>) -> Result<(), Stopped> {
        let mut turn = self.room.turn().await;
        let now = self.room.clock.now();
        if let Some(turn) = &mut turn {
            let (kind, changes) = (self.watched, &changes);
            turn.write(now, What::Told { kind, changes }).await?;
        }
        self.take_at(changes, now).await
    }

    async fn interrupted(&mut self, reason: &'static str) -> Result<(), Stopped> {
        let Some(mut turn) = self.room.turn().await else {
            return Ok(());
        };
        let (kind, reason) = (self.watched, reason.to_owned());
        let now = self.room.clock.now();
        turn.write::<()>(now, What::Interrupted { kind, reason })
            .await
    }
}
