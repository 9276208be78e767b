//! When retention works: on the write path, behind every batch, and by a timer. Does I/O through the store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::clock::{Guard, Look};
use super::{pass, squeeze};
use crate::model::{Clock, ExecutionKey, Rules, Time};
use crate::store::{self, Keep, Size, Store};
use crate::telemetry::{Labelled, Metrics};

/// Between two looks at how much there is, by the timer and on the write path.
const LOOK: Duration = Duration::from_secs(1);
/// Between two passes over all executions at most; more often where something is kept for a short time only.
const PASS: Duration = Duration::from_secs(15 * 60);
/// Between two passes over all executions on a disk that is short.
const PASS_IF_SHORT: Duration = Duration::from_secs(5);
/// Between two looks at the rows of all executions: of those that are written each is looked at then, but not those of before
/// there was such a rule, and not what was imported.
const COUNT: Duration = Duration::from_secs(3600);
/// Of an execution with too many rows one part in so many goes as well: followers begin anew at each loss, so there are
/// to be few.
const SLACK: usize = 8;
/// By how much the clock may be off from where it should be. What the store itself forgets by time is forgotten after a day at
/// the earliest: half of that.
const MAY_BE_OFF: Duration = Duration::from_secs(12 * 3600);

/// Keeps a store to its rules.
pub struct Keeper {
    pub(super) store: Arc<dyn Store>,
    pub(super) rules: Arc<Rules>,
    pub(super) metrics: Metrics,
    clock: Arc<dyn Clock>,
    started: Instant,
    turn: Mutex<Turn>,
}

/// What only one has at a time.
#[derive(Default)]
struct Turn {
    ages: Guard,
    sweeps: Guard,
    looked: Option<Instant>,
    passed: Option<Instant>,
    halved: Option<Instant>,
    counted: Option<Instant>,
    is_short: bool,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

impl Keeper {
    /// For this store.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        rules: Arc<Rules>,
        metrics: Metrics,
    ) -> Self {
        Self {
            store,
            rules,
            metrics,
            clock,
            started: Instant::now(),
            turn: Mutex::default(),
        }
    }

    /// Looks after the executions to which rows were added. Blocks; called by the writer, between two batches.
    pub fn touched(&self, executions: &[ExecutionKey]) {
        if let Some(fewest) = self.rules.fewest() {
            for key in executions {
                if let Err(error) = self.limit(key, fewest) {
                    tracing::warn!(%error, "too many rows stay for now");
                }
            }
        }
        if let Some(mut turn) = self.turn.try_lock()
            && turn.looked.is_none_or(|at| at.elapsed() >= LOOK)
        {
            self.look(&mut turn);
        }
    }

    /// Works by the timer until cancelled.
    pub async fn run(self: Arc<Self>, cancelled: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = cancelled.cancelled() => return,
            }
            let this = self.clone();
            let tick = move || this.tick();
            if let Err(error) = tokio::task::spawn_blocking(tick).await {
                tracing::error!(%error, "retention has failed");
            }
        }
    }

    /// One turn of the timer.
    pub(super) fn tick(&self) {
        let mut turn = self.turn.lock();
        self.look(&mut turn);
        if self.is_due(&turn) {
            self.pass(&mut turn);
        }
    }

    fn is_due(&self, turn: &Turn) -> bool {
        let shortest = self.rules.shortest().unwrap_or(PASS);
        let period = if turn.is_short {
            PASS_IF_SHORT
        } else {
            PASS.min(shortest / 8).max(LOOK)
        };
        turn.passed.is_none_or(|at| at.elapsed() >= period)
    }

    /// How much there is, and whether that is too much.
    fn look(&self, turn: &mut Turn) {
        turn.looked = Some(Instant::now());
        let size = match self.store.size() {
            Ok(size) => size,
            Err(error) => {
                tracing::warn!(%error, "how much there is, is not known");
                return;
            }
        };
        self.tell(&size);
        if turn.is_short != size.is_short() {
            turn.is_short = size.is_short();
            if turn.is_short {
                tracing::warn!(
                    free = size.free,
                    reserve = size.reserve,
                    "the disk is full: nothing is taken in until there is room, reads go on"
                );
            } else {
                tracing::info!(free = size.free, "there is room on the disk again");
            }
        }
        if let Some(most) = self.rules.bytes.filter(|most| size.kept > *most) {
            let may_halve = squeeze::may_halve(turn.halved);
            match squeeze::to(self, most, may_halve, self.clock.now()) {
                Ok(true) => turn.halved = Some(Instant::now()),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "more than is to be kept stays for now"),
            }
        }
    }

    fn tell(&self, size: &Size) {
        let gauge = |of, bytes: u64| {
            let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
            self.metrics
                .store_bytes
                .get_or_create(&Labelled { of })
                .set(bytes);
        };
        gauge("kept", size.kept);
        gauge("log", size.log);
        gauge("buffered", size.buffered);
        gauge("files", size.files);
        gauge("free", size.free.unwrap_or(0));
        gauge("reserve", size.reserve);
        let told = &self.metrics.store_reopens;
        told.inc_by(size.reopened.saturating_sub(told.get()));
        let gauge = |of, number: u64| {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let gauge = self.metrics.store_memory.get_or_create(&Labelled { of });
            gauge.set(number);
        };
        let (rows, bytes) = size.memory;
        gauge("rows", rows);
        gauge("bytes", bytes);
        gauge("tombstones", size.tombstones);
    }

    /// Goes over all executions, and sweeps; not while the clock cannot be believed.
    fn pass(&self, turn: &mut Turn) {
        turn.passed = Some(Instant::now());
        self.pass_after(turn, self.started.elapsed());
    }

    /// A pass, so long after the start.
    #[cfg(test)]
    pub(super) fn pass_at(&self, running: Duration) {
        self.pass_after(&mut self.turn.lock(), running);
    }

    fn pass_after(&self, turn: &mut Turn, running: Duration) {
        let now = self.clock.now();
        let newest = || pass::newest(&*self.store);
        if self.believes(&mut turn.sweeps, now, running, MAY_BE_OFF, newest)
            && let Err(error) = self.store.sweep(now)
            && !matches!(error, store::Error::Full { .. })
        {
            tracing::warn!(%error, "the sweep failed, the next one will try again");
        }
        if let Some(shortest) = self.rules.shortest()
            && let off = MAY_BE_OFF.min(shortest / 2)
            && self.believes(&mut turn.ages, now, running, off, newest)
            && let Err(error) = pass::over(self, shortest, now)
        {
            tracing::warn!(%error, "what is too old stays for now");
        }
        if let Some(fewest) = self.rules.fewest()
            && turn.counted.is_none_or(|at| at.elapsed() >= COUNT)
        {
            turn.counted = Some(Instant::now());
            if let Err(error) = pass::count(self, fewest) {
                tracing::warn!(%error, "too many rows stay for now");
            }
        }
    }

    fn believes(
        &self,
        guard: &mut Guard,
        now: Time,
        running: Duration,
        allowed: Duration,
        newest: impl FnOnce() -> Option<Time>,
    ) -> bool {
        match guard.look(now, running, allowed, newest) {
            Look::Steady => true,
            Look::Held => false,
            Look::Jumped(by) => {
                self.metrics.clock_jumps.inc();
                tracing::warn!(
                    clock = %now,
                    "the clock is {} h from where it should be: is it right? For a while nothing is pruned by age",
                    by.as_secs() / 3600
                );
                false
            }
        }
    }

    /// Takes rows of an execution away if it has too many.
    pub(super) fn limit(&self, key: &ExecutionKey, fewest: usize) -> Result<(), store::Error> {
        if !self.store.has_more(key, fewest)? {
            return Ok(());
        }
        let united = self.store.united(&key.id)?;
        let Some(execution) = united.iter().find(|execution| execution.key == *key) else {
            return Ok(());
        };
        let Some(most) = pass::verdict(self, execution)?.rows else {
            return Ok(());
        };
        if !self.store.has_more(key, most)? {
            return Ok(());
        }
        let keep = Keep {
            since: Time::MIN,
            rows: (most - most / SLACK).max(1),
        };
        let rows = self.store.prune(key, keep, self.clock.now())?;
        self.count_rows("rows", rows);
        Ok(())
    }

    pub(super) fn count_rows(&self, of: &'static str, rows: usize) {
        let counter = self.metrics.pruned_rows.get_or_create(&Labelled { of });
        counter.inc_by(rows as u64);
    }

    pub(super) fn count_executions(&self, of: &'static str, executions: usize) {
        let counter = self
            .metrics
            .pruned_executions
            .get_or_create(&Labelled { of });
        counter.inc_by(executions as u64);
    }
}
