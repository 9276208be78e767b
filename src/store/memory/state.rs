//! What the reference engine holds, and what changes it. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::Arc;

use crate::model::{
    Correlation, Dialect, Digest, Execution, ExecutionFact, ExecutionKey, Origin, Outcome, Policy,
    Row, RowId, Sample, Samples, Seq, Telling, Time, Trail,
};
use crate::store::Keep;
use crate::store::bounds::Bounds;
use crate::store::ledger::{self, Taken, Tombstone, Touched};
use crate::store::versions::Versions;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) seq: Seq,
    pub(super) executions: BTreeMap<ExecutionKey, (Execution, Trail)>,
    pub(super) names: HashMap<Box<str>, BTreeSet<ExecutionKey>>,
    pub(super) feed: BTreeMap<Seq, Fed>,
    pub(super) tombstones: HashMap<ExecutionKey, Tombstone>,
    pub(super) once: HashMap<(ExecutionKey, Digest), Time>,
    pub(super) correlations: HashMap<Box<str>, Correlation>,
    pub(super) samples: HashMap<ExecutionKey, Samples>,
}

#[derive(Clone, Debug)]
pub(super) enum Fed {
    Row(ExecutionKey, RowId),
    Removed(ExecutionKey),
}

impl State {
    pub(super) fn rows(&self, executions: &[ExecutionKey]) -> Vec<Arc<Row>> {
        let found = executions.iter().filter_map(|key| self.executions.get(key));
        found.flat_map(|(_, trail)| trail.rows().cloned()).collect()
    }

    pub(super) fn is_buried(&mut self, key: &ExecutionKey, last: Option<Time>, now: Time) -> bool {
        let exists = self.executions.contains_key(key);
        let Some(tombstone) = self.tombstones.get_mut(key) else {
            return false;
        };
        let buried = last.map_or(!exists, |last| last <= tombstone.at);
        if buried {
            tombstone.needed(now);
        }
        buried
    }

    pub(super) fn execution(&mut self, key: &ExecutionKey, now: Time) -> &mut (Execution, Trail) {
        self.executions.entry(key.clone()).or_insert_with(|| {
            self.names
                .entry(Box::from(&*key.id))
                .or_default()
                .insert(key.clone());
            let mut execution = Execution::new(key.clone(), now);
            execution.pruned = self
                .tombstones
                .get(key)
                .map_or(Seq::ZERO, |tombstone| tombstone.seq);
            (execution, Trail::default())
        })
    }

    pub(super) fn take(
        &mut self,
        telling: &Telling,
        now: Time,
        bounds: Bounds,
        touched: &mut Touched,
    ) -> Taken {
        let key = &telling.execution;
        if self.is_buried(key, Some(telling.last), now) {
            return Taken::Buried;
        }
        let (execution, trail) = self.execution(key, now);
        let Ok(taken): Result<_, Infallible> =
            ledger::take(execution, trail, telling, now, bounds.origins);
        let news = touched.take(key, taken, trail.take_gone());
        if let (true, Origin::Once(origin), Policy::Fold) = (news, telling.origin, telling.policy) {
            self.once.insert((key.clone(), origin), now);
        }
        taken
    }

    pub(super) fn learn(
        &mut self,
        fact: &ExecutionFact,
        now: Time,
        touched: &mut Touched,
    ) -> Outcome {
        if self.is_buried(&fact.key, None, now) {
            return Outcome::Buried;
        }
        let (execution, _) = self.execution(&fact.key, now);
        ledger::learn(execution, fact, now, touched);
        for alias in &fact.aliases {
            self.names
                .entry(alias.clone())
                .or_default()
                .insert(fact.key.clone());
        }
        Outcome::Noted
    }

    pub(super) fn measure(&mut self, sample: &Sample, now: Time, bounds: Bounds) -> Outcome {
        let key = &sample.execution;
        if self.is_buried(key, Some(sample.at), now) {
            return Outcome::Buried;
        }
        let mut known = self.samples.remove(key).unwrap_or_default();
        let (execution, _) = self.execution(key, now);
        let news = ledger::measure(execution, &known, sample, now, bounds.samples);
        if news == Some(true) {
            known.tell(&Arc::new(sample.clone()), bounds.samples);
        }
        self.samples.insert(key.clone(), known);
        news.map_or(Outcome::Buried, |_| Outcome::Noted)
    }

    /// Notes that something has changed of an execution which no row tells.
    pub(super) fn moved(&self, key: &ExecutionKey, versions: &Versions) {
        if let Some((execution, _)) = self.executions.get(key) {
            versions.moved_all(execution);
        }
    }

    /// Deletes an execution; false if there is none.
    pub(super) fn forget(&mut self, key: &ExecutionKey, now: Time, versions: &Versions) -> bool {
        let Some((execution, trail)) = self.executions.remove(key) else {
            return false;
        };
        versions.moved_all(&execution);
        for name in execution
            .aliases
            .iter()
            .map(|alias| &**alias)
            .chain([&*execution.key.id])
        {
            if let Some(keys) = self.names.get_mut(name) {
                keys.remove(key);
            }
        }
        for row in trail.rows() {
            self.feed.remove(&row.seq);
        }
        self.samples.remove(key);
        self.once.retain(|(owner, _), _| owner != key);
        self.seq = self.seq.next();
        let left = Tombstone {
            at: now,
            last_told: now,
            seq: self.seq,
        };
        self.tombstones.insert(key.clone(), left);
        self.feed.insert(self.seq, Fed::Removed(key.clone()));
        true
    }

    /// Numbers a changed row, or the loss of one.
    pub(super) fn number(&mut self, key: &ExecutionKey, id: RowId, versions: &Versions) {
        self.seq = self.seq.next();
        let Some((execution, trail)) = self.executions.get_mut(key) else {
            return;
        };
        versions.moved_all(execution);
        execution.seq = self.seq;
        let Some(row) = trail.row(id) else {
            execution.pruned = self.seq;
            self.feed.insert(self.seq, Fed::Removed(key.clone()));
            return;
        };
        let mut row = Row::clone(row);
        self.feed.remove(&row.seq);
        self.feed.insert(self.seq, Fed::Row(key.clone(), id));
        row.seq = self.seq;
        trail.place(Arc::new(row));
    }

    /// Takes away the rows that are not to be kept, and says how many they were.
    pub(super) fn prune(&mut self, key: &ExecutionKey, keep: Keep, versions: &Versions) -> usize {
        let Some((execution, trail)) = self.executions.get_mut(key) else {
            return 0;
        };
        let rows = ledger::is_pruned(key, trail.rows(), keep);
        let rows: Vec<(RowId, Time)> = rows.iter().map(|row| (row.id, row.last())).collect();
        let Some((_, upto)) = rows.last() else {
            return 0;
        };
        execution.pruned_before = execution.pruned_before.max(*upto);
        for row in rows.iter().filter_map(|(id, _)| trail.remove(*id)) {
            self.feed.remove(&row.seq);
        }
        let mark = RowId::of_id(key, Digest::default());
        self.number(key, mark, versions);
        rows.len()
    }

    /// Takes away the rows that came by a dialect, and says how many they were.
    pub(super) fn remove(
        &mut self,
        executions: &[ExecutionKey],
        dialect: Dialect,
        versions: &Versions,
    ) -> usize {
        let (mut touched, mut removed) = (Touched::default(), 0);
        for key in executions {
            let Some((_, trail)) = self.executions.get_mut(key) else {
                continue;
            };
            let rows = trail.rows().filter(|row| ledger::is_removed(row, dialect));
            let ids: Vec<RowId> = rows.map(|row| row.id).collect();
            for row in ids.into_iter().filter_map(|id| trail.remove(id)) {
                self.feed.remove(&row.seq);
                removed += 1;
                touched.anew(key);
            }
        }
        for (key, mark) in touched.order() {
            self.number(key, *mark, versions);
        }
        removed
    }
}
