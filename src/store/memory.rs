//! The reference engine: everything in memory, nothing on disk, as plain as it can be. Other engines are held
//! against it. Pure, but for its random id.

mod carried;
mod state;

use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::watch;
use uuid::Uuid;

use self::state::{Fed, State};
use super::bounds::{Bounds, CORRELATION_WINDOW};
use super::ledger::{self, Tombstone, Touched};
use super::versions::Versions;
use super::{
    Appended, Batch, Changes, CountBy, Counted, Error, Keep, Listed, Restored, Scope, Size,
    Snapshot, Store,
};
use crate::model::{
    Correlation, Dialect, Execution, ExecutionFilter, ExecutionKey, Extent, Filter, Observation,
    Outcome, Page, Part, Row, Sample, Seq, Time,
};

/// Keeps a history as long as the process lives.
#[derive(Debug)]
pub struct Memory {
    id: String,
    secret: [u8; 32],
    bounds: Bounds,
    state: RwLock<State>,
    passed: watch::Sender<Seq>,
    versions: Versions,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

impl Memory {
    /// An empty history.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(Uuid::new_v4().as_bytes());
        secret[16..].copy_from_slice(Uuid::new_v4().as_bytes());
        Self {
            id: Uuid::new_v4().simple().to_string(),
            secret,
            bounds,
            state: RwLock::default(),
            passed: watch::Sender::new(Seq::ZERO),
            versions: Versions::default(),
        }
    }
}

impl Store for Memory {
    fn id(&self) -> &str {
        &self.id
    }

    fn secret(&self) -> [u8; 32] {
        self.secret
    }

    fn append(&self, batch: &Batch) -> Result<Appended, Error> {
        let mut state = self.state.write();
        let mut touched = Touched::default();
        let mut taken = Vec::with_capacity(batch.observations.len());
        for observation in &batch.observations {
            taken.push(match observation {
                Observation::Event(telling) => {
                    Ok(state.take(telling, batch.now, self.bounds, &mut touched))
                }
                Observation::Execution(fact) => {
                    let outcome = state.learn(fact, batch.now, &mut touched);
                    state.moved(&fact.key, &self.versions);
                    Err(outcome)
                }
                Observation::Correlation(correlation) => {
                    state
                        .correlations
                        .insert(correlation.uid.clone(), correlation.clone());
                    Err(Outcome::Noted)
                }
                Observation::Sample(sample) => {
                    let outcome = state.measure(sample, batch.now, self.bounds);
                    state.moved(&sample.execution, &self.versions);
                    Err(outcome)
                }
            });
        }
        let first = state.seq.next();
        for (key, row) in touched.order() {
            state.number(key, *row, &self.versions);
        }
        let seq_of = |row| touched.seq(row, first);
        let outcomes = taken
            .into_iter()
            .map(|taken| taken.map_or_else(|outcome| outcome, |taken| taken.outcome(seq_of)));
        let appended = Appended {
            outcomes: outcomes.collect(),
            seq: state.seq,
        };
        drop(state);
        self.passed.send_replace(appended.seq);
        Ok(appended)
    }

    fn passed(&self) -> watch::Receiver<Seq> {
        self.passed.subscribe()
    }

    fn version(&self, name: &str) -> u64 {
        self.versions.of(name)
    }

    fn list(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed, Error> {
        let state = self.state.read();
        let (rows, more) = ledger::page(state.rows(executions), filter, page);
        Ok(Listed {
            rows,
            seq: state.seq,
            more,
        })
    }

    fn count(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error> {
        Ok(ledger::count(
            &self.state.read().rows(executions),
            filter,
            by,
        ))
    }

    fn changes(&self, scope: &Scope, after: Seq, limit: usize) -> Result<Changes, Error> {
        let state = self.state.read();
        if let Scope::Executions(executions) = scope {
            let (rows, more) = ledger::later(state.rows(executions), after, limit);
            let upto = if more {
                rows.last().map_or(after, |row| row.seq)
            } else {
                state.seq.max(after)
            };
            return Ok(Changes {
                rows,
                removed: Vec::new(),
                upto,
                more,
            });
        }
        let mut changes = Changes {
            rows: Vec::new(),
            removed: Vec::new(),
            upto: after,
            more: false,
        };
        for (seq, fed) in state.feed.range(after.next()..) {
            let row = match fed {
                Fed::Row(key, row) => {
                    let execution = state.executions.get(key);
                    let row = execution.and_then(|(_, trail)| trail.row(*row));
                    match row.filter(|row| row.seq == *seq) {
                        Some(row) => Ok(row.clone()),
                        // It went away, and that is told of further on.
                        None => continue,
                    }
                }
                Fed::Removed(key) => Err(key.clone()),
            };
            if changes.rows.len() + changes.removed.len() == limit {
                changes.more = true;
                return Ok(changes);
            }
            match row {
                Ok(row) => changes.rows.push(row),
                Err(removed) => changes.removed.push(removed),
            }
            changes.upto = *seq;
        }
        changes.upto = state.seq.max(after);
        Ok(changes)
    }

    fn united(&self, id: &str) -> Result<Vec<Execution>, Error> {
        let state = self.state.read();
        ledger::unite(id, |id| {
            let keys = state.names.get(id).into_iter().flatten();
            Ok(keys
                .filter_map(|key| state.executions.get(key))
                .map(|(execution, _)| execution.clone())
                .collect())
        })
    }

    fn executions(
        &self,
        filter: &ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error> {
        let state = self.state.read();
        let all = state.executions.values().map(|(execution, _)| execution);
        let mut found: Vec<Execution> = all
            .filter(|execution| filter.matches(execution))
            .cloned()
            .collect();
        ledger::newest_first(&mut found);
        let total = found.len();
        Ok((found.into_iter().skip(offset).take(limit).collect(), total))
    }

    fn walk(
        &self,
        wanted: &dyn Fn(&Execution) -> bool,
        see: &mut dyn FnMut(&[Arc<Row>]),
    ) -> Result<Seq, Error> {
        let state = self.state.read();
        for (_, trail) in state.executions.values().filter(|(it, _)| wanted(it)) {
            see(&trail.rows().cloned().collect::<Vec<_>>());
        }
        Ok(*self.passed.borrow())
    }

    fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error> {
        Ok(self.state.read().correlations.get(uid).cloned())
    }

    fn samples(&self, executions: &[ExecutionKey]) -> Result<Vec<Arc<Sample>>, Error> {
        let state = self.state.read();
        let found = executions.iter().filter_map(|key| state.samples.get(key));
        Ok(ledger::united_samples(found))
    }

    fn forget(&self, executions: &[ExecutionKey], now: Time) -> Result<usize, Error> {
        let mut state = self.state.write();
        let gone = executions
            .iter()
            .filter(|key| state.forget(key, now, &self.versions))
            .count();
        let seq = state.seq;
        drop(state);
        self.passed.send_replace(seq);
        Ok(gone)
    }

    fn prune(&self, key: &ExecutionKey, keep: Keep, _: Time) -> Result<usize, Error> {
        let mut state = self.state.write();
        let pruned = state.prune(key, keep, &self.versions);
        let seq = state.seq;
        drop(state);
        self.passed.send_replace(seq);
        Ok(pruned)
    }

    fn rows(&self, key: &ExecutionKey) -> Result<usize, Error> {
        let state = self.state.read();
        Ok(state
            .executions
            .get(key)
            .map_or(0, |(_, trail)| trail.rows().len()))
    }

    fn size(&self) -> Result<Size, Error> {
        let state = self.state.read();
        let rows = state
            .executions
            .values()
            .flat_map(|(_, trail)| trail.rows());
        let bytes = rows.map(|row| 600 + row.body().message.len() as u64);
        Ok(Size {
            kept: bytes.sum(),
            tombstones: state.tombstones.len() as u64,
            ..Size::default()
        })
    }

    fn remove(
        &self,
        executions: &[ExecutionKey],
        dialect: Dialect,
        _: Time,
    ) -> Result<usize, Error> {
        let mut state = self.state.write();
        let removed = state.remove(executions, dialect, &self.versions);
        let seq = state.seq;
        drop(state);
        self.passed.send_replace(seq);
        Ok(removed)
    }

    fn snapshot(&self, extent: &Extent) -> Result<Snapshot, Error> {
        Ok(self.state.read().snapshot(&self.id, extent))
    }

    fn restore(&self, parts: &[Part], _: Time) -> Result<Restored, Error> {
        let mut state = self.state.write();
        let (mut touched, mut done) = (Touched::default(), Restored::default());
        for part in parts {
            done += state.restore(&self.id, part, self.bounds, &mut touched);
            state.moved(part.execution(), &self.versions);
        }
        for (key, row) in touched.order() {
            state.number(key, *row, &self.versions);
        }
        let seq = state.seq;
        drop(state);
        self.passed.send_replace(seq);
        Ok(done)
    }

    fn sweep(&self, now: Time) -> Result<(), Error> {
        let mut state = self.state.write();
        let state = &mut *state;
        let ids_from = now.before(self.bounds.ids);
        state.once.retain(|(owner, origin), told| {
            let keep = *told >= ids_from;
            if !keep && let Some((_, trail)) = state.executions.get_mut(owner) {
                trail.forget(*origin);
            }
            keep
        });
        let tombstones_from = Tombstone::horizon(now);
        state
            .tombstones
            .retain(|_, tombstone| tombstone.last_told >= tombstones_from);
        let correlations_from = now.before(CORRELATION_WINDOW);
        state
            .correlations
            .retain(|_, correlation| correlation.seen >= correlations_from);
        Ok(())
    }

    fn close(&self) -> Result<(), Error> {
        Ok(())
    }
}
