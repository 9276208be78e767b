//! What every engine does with a history that is carried out of it, or into it, once. Pure.

use std::sync::Arc;

use super::Error;
use super::ledger::{Taken, Tombstone, Touched};
use crate::model::fold::{self, Applied, Shelf};
use crate::model::{
    Correlation, Digest, Execution, Grave, OriginShare, Part, Position, Row, RowId, Sample,
    Samples, Saved, SavedRow, Seq, Time,
};

/// All that a history knows at one moment.
pub struct Snapshot {
    /// Every change up to here is in it, and no later one.
    pub seq: Seq,
    /// How many executions are in it.
    pub executions: usize,
    /// Executions by tenant and id, each whole; then graves by tenant and id; then correlations by uid.
    ///
    /// It ends with the first error. As long as it is held, what it shows stays on disk.
    pub parts: Box<dyn Iterator<Item = Result<Part, Error>> + Send>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

/// What became of parts that were carried in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Rows that are new, or have changed.
    pub changed: u64,
    /// Rows that said nothing new.
    pub known: u64,
    /// Origins whose execution was deleted or pruned here, at or after the time that they tell of.
    pub buried: u64,
}

impl std::ops::AddAssign for Restored {
    fn add_assign(&mut self, other: Self) {
        self.changed += other.changed;
        self.known += other.known;
        self.buried += other.buried;
    }
}

/// About how many rows are restored in one commit.
const ROWS: usize = 1000;

/// Parts in stretches that make good commits: not many, and none so large that all others wait for it.
pub fn commits(mut parts: &[Part]) -> impl Iterator<Item = &[Part]> {
    std::iter::from_fn(move || {
        let mut rows = 0;
        let full = parts.iter().position(|part| {
            rows += match part {
                Part::Execution(saved) => 1 + saved.rows.len() + saved.ids.len() / 16,
                Part::Grave(_) | Part::Correlation(_) => 1,
            };
            rows >= ROWS
        });
        let (some, rest) = parts.split_at(full.map_or(parts.len(), |at| at + 1));
        parts = rest;
        (!some.is_empty()).then_some(some)
    })
}

/// An execution as it is carried; everything in an order of its own.
pub(super) fn saved<'a>(
    history: &str,
    execution: &Execution,
    rows: impl Iterator<Item = (&'a Arc<Row>, Vec<OriginShare>)>,
    mut ids: Vec<(Digest, Time)>,
    samples: &Samples,
) -> Saved {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by(|one, other| Position::compare(one.0, other.0));
    let rows = rows.into_iter().map(|(row, outside)| {
        let (settled, origins) = row.series.told();
        let saved = SavedRow {
            id: row.id,
            key: row.key.clone(),
            policy: row.policy,
            settled,
            origins: origins.into_iter().chain(outside).collect(),
        };
        saved.away_from(history)
    });
    let rows = rows.collect();
    ids.sort_unstable();
    let mut samples: Vec<Arc<Sample>> = samples.iter().cloned().collect();
    samples.sort_unstable_by(|a, b| (&a.element, &a.name).cmp(&(&b.element, &b.name)));
    let mut execution = execution.clone();
    (execution.seq, execution.pruned) = (Seq::ZERO, Seq::ZERO);
    Saved {
        execution,
        rows,
        ids,
        samples,
    }
}

/// What of an execution this history takes in, and how many origins it does not: what was deleted or pruned here stays
/// away. What the other history has kept though it pruned as far is kept.
pub(super) fn admitted(
    history: &str,
    saved: &Saved,
    here: Option<&Execution>,
    tombstone: Option<&Tombstone>,
) -> (Option<Saved>, u64) {
    let pruned = here.map_or(Time::MIN, |here| here.pruned_before);
    let pruned = Some(pruned).filter(|until| *until > saved.execution.pruned_before);
    let until = pruned.max(tombstone.map(|tombstone| tombstone.at));
    let mut admitted = saved.clone();
    let buried = until.map_or(0, |until| admitted.bury(until));
    let is_nothing = admitted.rows.is_empty() && admitted.samples.is_empty();
    if is_nothing && here.is_none() && tombstone.is_some() {
        return (None, buried);
    }
    let rows = std::mem::take(&mut admitted.rows).into_iter();
    admitted.rows = rows.map(|row| row.home_in(history)).collect();
    (Some(admitted), buried)
}

/// Joins an execution into one that is there, or was just made for it; true if it was news.
pub(super) fn join(execution: &mut Execution, saved: &Saved, touched: &mut Touched) -> bool {
    let names = execution.aliases.len();
    let news = execution.join(&saved.execution);
    if execution.aliases.len() > names {
        touched.anew(&execution.key);
    }
    news
}

/// Joins a row; true if it was news. `lost` takes the rows that have lost an origin off the shelf.
pub(super) fn join_row<S: Shelf>(
    shelf: &mut S,
    lost: fn(&mut S) -> Vec<RowId>,
    saved: &Saved,
    row: &SavedRow,
    bound: usize,
    touched: &mut Touched,
) -> Result<bool, S::Error> {
    let key = &saved.execution.key;
    let place = row.place(key);
    let mut news = false;
    let mut note = |shelf: &mut S, applied: Applied| {
        let lost = lost(shelf);
        news |= touched.take(key, Taken::Applied(applied), lost);
    };
    if let Some(share) = &row.settled {
        let applied = fold::resettle(shelf, place, share)?;
        note(shelf, applied);
    }
    for said in &row.origins {
        let applied = fold::join(shelf, place, said, bound)?;
        note(shelf, applied);
    }
    Ok(news)
}

/// The tombstone that a carried grave leaves, if it is news. What is here and did not come with the grave stays as it is.
pub(super) fn entombed(
    grave: &Grave,
    exists: bool,
    known: Option<&Tombstone>,
) -> Option<Tombstone> {
    if exists && !grave.risen {
        return None;
    }
    let mut tombstone = known.copied().unwrap_or(Tombstone {
        at: grave.at,
        last_told: grave.last_told,
        seq: Seq::ZERO,
    });
    tombstone.at = tombstone.at.max(grave.at);
    tombstone.last_told = tombstone.last_told.max(grave.last_told);
    Some(tombstone).filter(|tombstone| Some(tombstone) != known)
}

/// Whether a carried correlation takes the place of the known one: the object was seen later.
pub(super) fn is_later(told: &Correlation, known: Option<&Correlation>) -> bool {
    let rank = |one: &Correlation| {
        let texts = [&one.element, &one.elem_id, &one.elem_type].map(Box::clone);
        (one.seen, one.execution.clone(), texts)
    };
    known.is_none_or(|known| rank(told) > rank(known))
}
