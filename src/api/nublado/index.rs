//! Where each user's newest operation is: read from the store once, then kept by following it. Does I/O through the
//! reader.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::convert::{self, ENGINE, KIND};
use super::wire::Item;
use crate::model::{Execution, ExecutionFilter, ExecutionKey, Row, Tenants, Time};
use crate::query::{self, Reader, Tail};

/// Who is further behind reads the executions anew: that is less than all changes since.
const FAR: u64 = 100_000;

/// The newest operation of each user, by tenant.
#[derive(Debug)]
pub(super) struct Index {
    tail: Tail,
    newest: HashMap<Box<str>, BTreeMap<Arc<str>, Newest>>,
}

/// An operation, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Newest {
    pub(super) key: ExecutionKey,
    pub(super) created: Time,
}

impl Index {
    /// Reads it from the executions of the store.
    pub(super) async fn read(reader: &Reader) -> Result<Self, query::Error> {
        let passed = *reader.passed().borrow();
        let filter = ExecutionFilter {
            kind: Some(KIND.to_lowercase().into()),
            ..ExecutionFilter::default()
        };
        let (mut found, _) = reader.executions(filter, 0, usize::MAX).await?;
        found.retain(|execution| &*execution.identity.engine == ENGINE);
        found.sort_by_cached_key(rank);
        let mut index = Self {
            tail: reader.tail_all(passed),
            newest: HashMap::new(),
        };
        for execution in found {
            let created = execution.created.unwrap_or(execution.told);
            index.note(&execution.identity.name, &execution.key, created);
        }
        Ok(index)
    }

    /// Takes in what has changed up to now.
    pub(super) async fn catch_up(&mut self, reader: &Reader) -> Result<(), query::Error> {
        let passed = *reader.passed().borrow();
        if passed.0.saturating_sub(self.tail.after().0) > FAR {
            *self = Self::read(reader).await?;
        }
        while self.tail.after() < passed {
            match self.tail.read().await {
                Ok(rows) => rows.iter().for_each(|row| self.see(row)),
                // The changes since then are not kept any more.
                Err(_) => *self = Self::read(reader).await?,
            }
        }
        Ok(())
    }

    /// The newest operation of a user among these tenants.
    pub(super) fn newest(&self, user: &str, may: &Tenants) -> Option<&Newest> {
        let known = self.newest.get(user)?.values();
        known
            .filter(|one| may.hold(&one.key.tenant))
            .max_by_key(|one| one.created)
    }

    fn see(&mut self, row: &Row) {
        if let Some(Item::Open(_)) = convert::item(row) {
            self.note(&row.body().involved.name, &row.execution, row.first());
        }
    }

    /// Of two that were opened at one time, the one that was told later is the newer.
    fn note(&mut self, user: &str, key: &ExecutionKey, created: Time) {
        let known = self.newest.entry(user.into()).or_default();
        let newest = known.get(&key.tenant);
        if newest.is_none_or(|newest| newest.created <= created) {
            let key = key.clone();
            known.insert(key.tenant.clone(), Newest { key, created });
        }
    }
}

/// The order of operations. Objects of a cluster tell their times in whole seconds; a deletion that was told together
/// with its spawn comes after it.
fn rank(execution: &Execution) -> (Time, Time, bool) {
    let created = execution.created.unwrap_or(execution.told);
    (
        created,
        execution.told,
        execution.key.id.ends_with(".delete"),
    )
}
