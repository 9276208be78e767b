//! One pass over all executions: what is too old goes. Does I/O through the store.

use std::cell::RefCell;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::keeper::Keeper;
use crate::model::{Execution, ExecutionKey, Filter, Page, Time, Verdict};
use crate::store::{Error, Keep, Store};

/// Executions that are looked at together: memory is bounded, however many there are.
const TOGETHER: usize = 4096;

/// Followers begin anew at each loss of rows, so there are to be few: rows may be older than they should by one part in so
/// many of their time.
const SLACK: u32 = 16;

/// When the store was last told of anything.
pub(super) fn newest(store: &dyn Store) -> Option<Time> {
    let newest = RefCell::new(None);
    let see = |execution: &Execution| {
        let mut newest = newest.borrow_mut();
        *newest = (*newest).max(Some(execution.last_told));
        false
    };
    store.walk(&see, &mut |_| {}).ok()?;
    newest.into_inner()
}

/// Those of all executions that come first by some rank, a bounded number of them, in that order.
pub(super) fn first<R: Ord>(
    store: &dyn Store,
    most: usize,
    rank: impl Fn(&Execution) -> Option<R>,
) -> Result<Vec<(R, ExecutionKey)>, Error> {
    let found = RefCell::new(BinaryHeap::new());
    let see = |execution: &Execution| {
        if let Some(rank) = rank(execution) {
            let mut found = found.borrow_mut();
            let is_first = found
                .peek()
                .is_none_or(|last: &(R, ExecutionKey)| rank < last.0);
            if found.len() < most || is_first {
                found.push((rank, execution.key.clone()));
            }
            if found.len() > most {
                found.pop();
            }
        }
        false
    };
    store.walk(&see, &mut |_| {})?;
    Ok(found.into_inner().into_sorted_vec())
}

/// What the rules say of an execution; its rows are read only for a rule that speaks of labels.
pub(super) fn verdict<'a>(keeper: &'a Keeper, execution: &Execution) -> Result<Verdict<'a>, Error> {
    keeper.rules.of(execution, |rule| {
        let keys = [execution.key.clone()];
        let listed = keeper
            .store
            .list(&keys, &Filter::default(), &Page::default())?;
        Ok(rule.is_labelled(&listed.rows))
    })
}

/// Gives all executions that are wanted, some at a time, by when they were first told of.
fn each(
    store: &dyn Store,
    wanted: impl Fn(&Execution) -> bool,
    mut take: impl FnMut(&[ExecutionKey]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after: Option<(Time, ExecutionKey)> = None;
    loop {
        let next = |execution: &Execution| {
            let rank = (execution.told, execution.key.clone());
            (wanted(execution) && Some(&rank) > after.as_ref()).then_some(rank)
        };
        let found = first(store, TOGETHER, next)?;
        let Some((last, _)) = found.last().cloned() else {
            return Ok(());
        };
        let keys: Vec<ExecutionKey> = found.into_iter().map(|(_, key)| key).collect();
        take(&keys)?;
        after = Some(last);
    }
}

/// Takes rows away where there are too many. `fewest`: an execution with no more has not.
pub(super) fn count(keeper: &Keeper, fewest: usize) -> Result<(), Error> {
    each(
        &*keeper.store,
        |_| true,
        |keys| keys.iter().try_for_each(|key| keeper.limit(key, fewest)),
    )
}

/// Takes away what is too old. `shortest`: nothing that is younger can be.
pub(super) fn over(keeper: &Keeper, shortest: Duration, now: Time) -> Result<(), Error> {
    // By when it was first told of: an execution with old rows may have been told of just now.
    let is_old = |execution: &Execution| execution.told.after(shortest) <= now;
    each(&*keeper.store, is_old, |keys| {
        let mut gone = Vec::new();
        for key in keys {
            let united = keeper.store.united(&key.id)?;
            let Some(execution) = united.iter().find(|execution| execution.key == *key) else {
                continue;
            };
            let verdict = verdict(keeper, execution)?;
            if verdict.due(execution).is_some_and(|due| due <= now) {
                gone.push(key.clone());
                continue;
            }
            let since = verdict.since(execution, now);
            let slack = verdict.age.unwrap_or_default() / SLACK;
            if since > Time::MIN && since.since(execution.pruned_before) > slack {
                let rows = usize::MAX;
                let rows = keeper.store.prune(key, Keep { since, rows }, now)?;
                keeper.count_rows("age", rows);
            }
        }
        let gone = keeper.store.forget(&gone, now)?;
        keeper.count_executions("age", gone);
        Ok(())
    })
}
