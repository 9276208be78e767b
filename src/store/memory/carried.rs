//! The reference engine's history carried out, and others' carried in. Pure.

use std::collections::HashMap;
use std::convert::Infallible;

use super::state::State;
use crate::model::fold::Shelf;
use crate::model::{Digest, ExecutionKey, Extent, Grave, Part, RowId, Samples, Saved, Time, Trail};
use crate::store::ledger::Touched;
use crate::store::{Bounds, Restored, Snapshot, carrying};

impl State {
    pub(super) fn snapshot(&self, history: &str, extent: &Extent) -> Snapshot {
        let held = self.executions.values();
        let held = held.filter(|(it, _)| extent.holds(&it.key, it.last_told));
        let none = Samples::default();
        let mut ids: HashMap<&ExecutionKey, Vec<(Digest, Time)>> = HashMap::new();
        for ((owner, id), told) in &self.once {
            ids.entry(owner).or_default().push((*id, *told));
        }
        let mut parts: Vec<Part> = held
            .map(|(execution, trail)| {
                let key = &execution.key;
                let rows = trail.rows();
                let rows = rows.map(|row| (row, trail.outside_of(row.id).cloned().collect()));
                let ids = ids.remove(key).unwrap_or_default();
                let samples = self.samples.get(key).unwrap_or(&none);
                Part::Execution(carrying::saved(history, execution, rows, ids, samples))
            })
            .collect();
        let executions = parts.len();
        let graves = self.tombstones.iter().map(|(key, found)| Grave {
            key: key.clone(),
            at: found.at,
            last_told: found.last_told,
            risen: self.executions.contains_key(key),
        });
        let mut graves: Vec<_> = graves
            .filter(|grave| extent.holds(&grave.key, grave.last_told))
            .collect();
        graves.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        parts.extend(graves.into_iter().map(Part::Grave));
        let correlations = self.correlations.values();
        let mut correlations: Vec<_> = correlations
            .filter(|found| extent.holds(&found.execution, found.seen))
            .cloned()
            .collect();
        correlations.sort_unstable_by(|one, other| one.uid.cmp(&other.uid));
        parts.extend(correlations.into_iter().map(Part::Correlation));
        Snapshot {
            seq: self.seq,
            executions,
            parts: Box::new(parts.into_iter().map(Ok)),
        }
    }

    pub(super) fn restore(
        &mut self,
        history: &str,
        part: &Part,
        bounds: Bounds,
        touched: &mut Touched,
    ) -> Restored {
        match part {
            Part::Execution(saved) => return self.join(history, saved, bounds, touched),
            Part::Grave(grave) => {
                let exists = self.executions.contains_key(&grave.key);
                let known = self.tombstones.get(&grave.key);
                if let Some(tombstone) = carrying::entombed(grave, exists, known) {
                    self.tombstones.insert(grave.key.clone(), tombstone);
                }
            }
            Part::Correlation(told) => {
                if carrying::is_later(told, self.correlations.get(&told.uid)) {
                    self.correlations.insert(told.uid.clone(), told.clone());
                }
            }
        }
        Restored::default()
    }

    fn join(
        &mut self,
        history: &str,
        saved: &Saved,
        bounds: Bounds,
        touched: &mut Touched,
    ) -> Restored {
        let key = &saved.execution.key;
        let here = self.executions.get(key).map(|(execution, _)| execution);
        let (admitted, buried) = carrying::admitted(history, saved, here, self.tombstones.get(key));
        let mut done = Restored {
            buried,
            ..Restored::default()
        };
        let Some(saved) = admitted else {
            return done;
        };
        let (execution, trail) = self.execution(key, saved.execution.told);
        carrying::join(execution, &saved, touched);
        for row in &saved.rows {
            let lost = Trail::take_gone;
            let Ok(news): Result<_, Infallible> =
                carrying::join_row(trail, lost, &saved, row, bounds.origins, touched);
            done.changed += u64::from(news);
            done.known += u64::from(!news);
        }
        for (id, _) in &saved.ids {
            let Ok(_) = trail.remember(*id, RowId::default());
        }
        for (id, told) in &saved.ids {
            let place = self.once.entry((key.clone(), *id));
            place.or_insert(*told);
        }
        let samples = self.samples.entry(key.clone()).or_default();
        for sample in &saved.samples {
            samples.tell(sample, bounds.samples);
        }
        for alias in &saved.execution.aliases {
            let keys = self.names.entry(alias.clone()).or_default();
            keys.insert(key.clone());
        }
        done
    }
}
