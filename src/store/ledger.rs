//! What every engine does with an observation and with the rows of an execution, once. Pure.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rapidhash::RapidHashMap;

use crate::model::fold::{self, Applied, Shelf};
use crate::model::{
    Dialect, Digest, Execution, ExecutionFact, ExecutionKey, Filter, Order, Outcome, Page, Phase,
    Policy, Row, RowId, Sample, Samples, Seq, Sight, Telling, Time,
};

use super::bounds::{TOMBSTONE_GRAIN, TOMBSTONE_WINDOW};
use super::{CountBy, Counted, Keep, Listed, Shown};

/// What a deletion leaves, so that a relist does not bring back what was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tombstone {
    /// What tells of this time or earlier is buried.
    pub(crate) at: Time,
    /// When it was last needed: it is kept for 24 h after that.
    pub(crate) last_told: Time,
    /// Of the deletion: who has followed the execution from before it begins anew.
    pub(crate) seq: Seq,
}

impl Tombstone {
    /// Notes that it was needed; true if that is to be remembered.
    pub(crate) fn needed(&mut self, now: Time) -> bool {
        let later = now.since(self.last_told) >= TOMBSTONE_GRAIN;
        if later {
            self.last_told = now;
        }
        later
    }

    /// Tombstones that were last needed before this are dropped.
    pub(crate) fn horizon(now: Time) -> Time {
        now.before(TOMBSTONE_WINDOW + TOMBSTONE_GRAIN)
    }
}

/// The rows that a batch has changed, in the order of their first change: so they are numbered.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    order: Vec<(ExecutionKey, RowId)>,
    places: RapidHashMap<RowId, u32>,
}

impl Touched {
    pub(crate) fn row(&mut self, execution: &ExecutionKey, row: RowId) {
        let next = self.order.len() as u32;
        if *self.places.entry(row).or_insert(next) == next {
            self.order.push((execution.clone(), row));
        }
    }

    /// The place of a row in the order.
    pub(crate) fn place(&self, row: RowId) -> Option<u32> {
        self.places.get(&row).copied()
    }

    /// The number of a row, if the first has this one.
    pub(crate) fn seq(&self, row: RowId, first: Seq) -> Seq {
        let place = self.place(row);
        place.map_or(Seq::ZERO, |place| Seq(first.0 + u64::from(place)))
    }

    /// In the order in which they are numbered.
    pub(crate) fn order(&self) -> &[(ExecutionKey, RowId)] {
        &self.order
    }

    /// What followers have is no longer what there is, and no row's number says so: this is numbered like the loss of
    /// a row, and they begin anew.
    ///
    /// Another id names the execution from now on: who follows one of the two has missed the rows of the other, which
    /// have numbers from before. Or a row has another name: who applies rows by their names has it twice.
    pub(crate) fn anew(&mut self, execution: &ExecutionKey) {
        self.row(execution, RowId::of_id(execution, Digest::default()));
    }

    /// The rows that a telling has changed, and those that have `lost` an origin by it; true if it was news.
    pub(crate) fn take(
        &mut self,
        execution: &ExecutionKey,
        taken: Taken,
        lost: Vec<RowId>,
    ) -> bool {
        for row in lost {
            self.row(execution, row);
        }
        match taken {
            Taken::Applied(Applied::Created(row) | Applied::Merged(row)) => {
                self.row(execution, row);
            }
            Taken::Applied(Applied::Renamed(row)) => {
                self.row(execution, row);
                self.anew(execution);
            }
            Taken::Applied(Applied::Duplicate(_)) | Taken::Buried => return false,
        }
        true
    }
}

/// What became of a telling, before the batch is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Applied(Applied),
    Buried,
}

impl Taken {
    /// The row that it went to.
    pub(crate) const fn row(self) -> Option<RowId> {
        match self {
            Self::Applied(
                Applied::Created(row)
                | Applied::Merged(row)
                | Applied::Renamed(row)
                | Applied::Duplicate(row),
            ) => Some(row),
            Self::Buried => None,
        }
    }

    /// The outcome, once the rows have their numbers.
    pub(crate) fn outcome(self, seq_of: impl Fn(RowId) -> Seq) -> Outcome {
        match self {
            Self::Applied(Applied::Created(row)) => Outcome::Created(row, seq_of(row)),
            Self::Applied(Applied::Merged(row) | Applied::Renamed(row)) => {
                Outcome::Merged(row, seq_of(row))
            }
            Self::Applied(Applied::Duplicate(row)) => Outcome::Duplicate(row),
            Self::Buried => Outcome::Buried,
        }
    }
}

/// Takes a telling into an execution that is there, or was just made for it.
pub(crate) fn take<S: Shelf>(
    execution: &mut Execution,
    shelf: &mut S,
    telling: &Telling,
    now: Time,
    bound: usize,
) -> Result<Taken, S::Error> {
    if telling.last <= execution.pruned_before {
        return Ok(Taken::Buried);
    }
    let applied = fold::apply(shelf, telling, bound)?;
    if !matches!(applied, Applied::Duplicate(_)) {
        execution.follow(&telling.key, telling.last);
        execution.last_told = execution.last_told.max(now);
    }
    Ok(Taken::Applied(applied))
}

/// Joins a fact into an execution that is there, or was just made for it; true if it was news.
pub(crate) fn learn(
    execution: &mut Execution,
    fact: &ExecutionFact,
    now: Time,
    touched: &mut Touched,
) -> bool {
    let names = execution.aliases.len();
    let news = execution.learn(fact);
    if execution.aliases.len() > names {
        touched.anew(&execution.key);
    }
    if news {
        execution.last_told = execution.last_told.max(now);
    }
    news
}

/// Whether [`Store::remove`](super::Store::remove) takes a row away.
pub(crate) fn is_removed(row: &Row, dialect: Dialect) -> bool {
    row.policy == Policy::ById && row.dialect() == Some(dialect)
}

/// Which rows [`Store::prune`](super::Store::prune) takes away, the longest unseen first.
pub(crate) fn is_pruned<'a>(
    execution: &ExecutionKey,
    rows: impl Iterator<Item = &'a Arc<Row>>,
    keep: Keep,
) -> Vec<&'a Arc<Row>> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by_key(|row| (row.last(), row.seq, row.id));
    // What tells of an end, of the execution before that of an element, else the latest.
    let rank = |row: &Row| {
        let ends = Phase::of_code(&row.key.code).is_some_and(Phase::is_terminal);
        (ends && row.key.is_of(execution), ends)
    };
    let Some(spared) = (0..rows.len()).max_by_key(|at| (rank(rows[*at]), *at)) else {
        return rows;
    };
    let excess = rows.len().saturating_sub(keep.rows.max(1));
    rows.remove(spared);
    let old = rows.partition_point(|row| row.last() < keep.since);
    rows.truncate(old.max(excess));
    rows
}

/// Whether a sample is news to an execution that is there, or was just made for it; `None` if it is buried. The
/// execution is told that it is under way.
pub(crate) fn measure(
    execution: &mut Execution,
    known: &Samples,
    sample: &Sample,
    now: Time,
    bound: usize,
) -> Option<bool> {
    if sample.at <= execution.pruned_before {
        return None;
    }
    let news = known.lacks(sample, bound);
    if news {
        execution.underway();
        execution.last_told = execution.last_told.max(now);
    }
    Some(news)
}

/// The samples of several executions as those of one, by element and name.
pub(crate) fn united_samples<'a>(of: impl Iterator<Item = &'a Samples>) -> Vec<Arc<Sample>> {
    let mut all = Samples::default();
    for sample in of.flat_map(Samples::iter) {
        all.tell(sample, usize::MAX);
    }
    let mut all: Vec<_> = all.iter().cloned().collect();
    all.sort_unstable_by(|a, b| (&a.element, &a.name).cmp(&(&b.element, &b.name)));
    all
}

/// A page of rows, and whether more follow.
pub(crate) fn page(mut rows: Vec<Arc<Row>>, filter: &Filter, page: &Page) -> (Vec<Arc<Row>>, bool) {
    if *filter != Filter::default() {
        rows.retain(|row| filter.matches(row));
    }
    cut(rows, |row| (row.first(), row.name(), row.id), page)
}

/// A page of what stands at a place in the one order of all rows, and whether more follow.
pub(crate) fn cut<T>(
    mut all: Vec<T>,
    stands: impl Fn(&T) -> (Time, &str, RowId),
    page: &Page,
) -> (Vec<T>, bool) {
    let order = |a: &T, b: &T| match page.order {
        Order::Ascending => stands(a).cmp(&stands(b)),
        Order::Descending => stands(b).cmp(&stands(a)),
    };
    if let Some(after) = &page.after {
        let there = (after.first, &*after.name, after.row);
        all.retain(|one| match page.order {
            Order::Ascending => stands(one) > there,
            Order::Descending => stands(one) < there,
        });
    }
    let limit = page.limit.unwrap_or(usize::MAX);
    let more = all.len() > limit;
    if more {
        // What is not shown need not be in order.
        all.select_nth_unstable_by(limit, order);
        all.truncate(limit);
    }
    // As they were told, so they stand, mostly.
    if !all.is_sorted_by(|a, b| order(a, b).is_le()) {
        all.sort_unstable_by(order);
    }
    (all, more)
}

/// Shows rows that were listed.
pub(crate) fn show(listed: Listed, see: &mut dyn FnMut(&Sight<'_>)) -> Shown {
    for row in &listed.rows {
        see(&Sight::of(row, &row.params()));
    }
    listed.into()
}

/// The rows behind a position in the sequence, ascending, and whether more follow.
pub(crate) fn later(mut rows: Vec<Arc<Row>>, after: Seq, limit: usize) -> (Vec<Arc<Row>>, bool) {
    rows.retain(|row| row.seq > after);
    rows.sort_unstable_by_key(|row| row.seq);
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

/// Counts rows by a value, in the order of the values.
pub(crate) fn count(rows: &[Arc<Row>], filter: &Filter, by: CountBy) -> Vec<Counted> {
    let mut found: BTreeMap<Box<str>, (u64, u64)> = BTreeMap::new();
    for row in rows.iter().filter(|row| filter.matches(row)) {
        let value = match by {
            CountBy::Type => row.key.event_type.as_str(),
            CountBy::Code => &row.key.code,
            CountBy::Element => &row.body().elem_id,
        };
        let entry = found.entry(value.into()).or_default();
        entry.0 += 1;
        entry.1 = entry.1.saturating_add(row.count());
    }
    let counted = |(value, (rows, occurrences))| Counted {
        value,
        rows,
        occurrences,
    };
    found.into_iter().map(counted).collect()
}

/// All executions that an id names, itself or by alias, followed in both directions.
///
/// `named` gives the executions whose id or one of whose aliases is the given text.
pub(crate) fn unite<E>(
    id: &str,
    mut named: impl FnMut(&str) -> Result<Vec<Execution>, E>,
) -> Result<Vec<Execution>, E> {
    let mut asked: HashSet<Box<str>> = HashSet::from([id.into()]);
    let mut open: Vec<Box<str>> = vec![id.into()];
    let mut found: BTreeMap<ExecutionKey, Execution> = BTreeMap::new();
    while let Some(id) = open.pop() {
        for execution in named(&id)? {
            let names = execution
                .aliases
                .iter()
                .cloned()
                .chain([Box::from(&*execution.key.id)]);
            for name in names {
                if asked.insert(name.clone()) {
                    open.push(name);
                }
            }
            found.insert(execution.key.clone(), execution);
        }
    }
    Ok(found.into_values().collect())
}

/// The newest first: by creation, else by when they were first told of; then by key, so that pages are stable.
pub(crate) fn newest_first(executions: &mut [Execution]) {
    executions.sort_unstable_by(|a, b| {
        let made = |execution: &Execution| execution.created.unwrap_or(execution.told);
        made(b).cmp(&made(a)).then_with(|| a.key.cmp(&b.key))
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Position;

    /// Of few times and names, so that many rows share them.
    fn places() -> impl Strategy<Value = (Time, &'static str, RowId)> {
        let name = prop::sample::select(vec!["", "pod", "pod.17", "pod.18"]);
        (0..4_i64, name, any::<u128>())
            .prop_map(|(first, name, row)| (Time(first), name, RowId(Digest(row))))
    }

    proptest! {
        #[test]
        fn a_page_is_a_part_of_all_rows_in_order(
            mut all in prop::collection::hash_set(places(), 0..60),
            behind in prop::option::of(places()),
            limit in prop::option::of(0_usize..70),
            descending: bool,
        ) {
            let unordered: Vec<_> = all.drain().collect();
            let mut ordered = unordered.clone();
            ordered.sort_unstable();
            if descending {
                ordered.reverse();
            }
            let page = Page {
                order: if descending { Order::Descending } else { Order::Ascending },
                after: behind.map(|(first, name, row)| Position { first, name: name.into(), row }),
                limit,
            };
            let behind = ordered.iter().filter(|place| match behind {
                Some(behind) if descending => **place < behind,
                Some(behind) => **place > behind,
                None => true,
            });
            let left: Vec<_> = behind.copied().collect();
            let shown = left.len().min(limit.unwrap_or(usize::MAX));
            let expected = (left[..shown].to_vec(), shown < left.len());
            prop_assert_eq!(cut(unordered, |place| *place, &page), expected);
        }
    }
}
