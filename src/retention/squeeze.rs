//! More bytes than are to be kept: the oldest goes, whole executions before parts of such as go on. Does I/O through
//! the store.

use std::time::{Duration, Instant};

use super::keeper::Keeper;
use super::pass::first;
use crate::model::{Execution, ExecutionKey, Time};
use crate::store::{Error, Keep};

/// Of what is to be kept one part in so many goes as well, so that it is not one execution at a time.
const SLACK: u64 = 16;
/// Executions that are looked for together, and that are deleted at most between two looks at how much is left.
const TOGETHER: usize = 1024;
const AT_ONCE: usize = 64;
/// An execution that nobody has told of for so long is as good as finished.
const SILENT: Duration = Duration::from_secs(24 * 3600);
/// Rows that go from an execution are still on disk until the next checkpoint: before that nobody knows what it was worth.
const SETTLES: Duration = Duration::from_secs(60);

/// Whether parts may be taken away again.
pub(super) fn may_halve(halved: Option<Instant>) -> bool {
    halved.is_none_or(|at| at.elapsed() >= SETTLES)
}

/// Takes away until no more is kept than this, and some less. True if parts of executions went.
pub(super) fn to(keeper: &Keeper, most: u64, may_halve: bool, now: Time) -> Result<bool, Error> {
    let enough = most - most / SLACK;
    while keeper.store.size()?.kept > enough {
        let over = |execution: &Execution| {
            let is_over =
                execution.status.phase.is_terminal() || now.since(execution.last_told) >= SILENT;
            is_over.then_some((execution.last_told, execution.key.clone()))
        };
        let found = first(&*keeper.store, TOGETHER, over)?;
        if found.is_empty() {
            return if may_halve {
                halve(keeper, now)
            } else {
                Ok(false)
            };
        }
        let (mut keys, mut many) = (found.into_iter().map(|(_, key)| key), 1);
        while keeper.store.size()?.kept > enough {
            let some: Vec<ExecutionKey> = keys.by_ref().take(many).collect();
            if some.is_empty() {
                break;
            }
            let gone = keeper.store.forget(&some, now)?;
            keeper.count_executions("bytes", gone);
            many = (many * 2).min(AT_ONCE);
        }
    }
    Ok(false)
}

/// Takes away the older half of the rows of those that go on; of such as have no rows to give, the one that was told of
/// longest ago.
fn halve(keeper: &Keeper, now: Time) -> Result<bool, Error> {
    let all = |execution: &Execution| Some((execution.last_told, execution.key.clone()));
    let found = first(&*keeper.store, TOGETHER, all)?;
    let mut went = 0;
    for (_, key) in &found {
        let keep = Keep {
            since: Time::MIN,
            rows: keeper.store.rows(key)?.div_ceil(2),
        };
        went += keeper.store.prune(key, keep, now)?;
    }
    keeper.count_rows("bytes", went);
    if went == 0
        && let Some((_, oldest)) = found.into_iter().next()
    {
        let gone = keeper.store.forget(&[oldest], now)?;
        keeper.count_executions("bytes", gone);
    }
    Ok(true)
}
