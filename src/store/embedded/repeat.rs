//! A telling of a row that is there: the log need not hold again what the row says already. Pure.

use std::sync::Arc;

use crate::model::observation::Digests;
use crate::model::{Body, ExecutionKey, Origin, Policy, Row, RowId, Share, Telling, Time};

/// What a row said of a telling before it took it in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// The row's place among the changes of the commit.
    pub(super) change: u32,
    /// Whether its name is the row's.
    pub(super) name: bool,
    /// Whether its text is the row's.
    pub(super) body: bool,
}

impl Known {
    /// Of a row and what is told of it; the change is numbered later.
    pub(super) fn of(row: &Row, told: &Share) -> Self {
        let total = row.series.total();
        Self {
            change: 0,
            name: total.name == told.name,
            body: total.body_digest == told.body_digest,
        }
    }
}

/// A telling without what the row says that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    pub(super) execution: ExecutionKey,
    pub(super) row: RowId,
    pub(super) origin: Origin,
    pub(super) count: u64,
    pub(super) first: Time,
    pub(super) last: Time,
    /// `None`: the row's.
    pub(super) name: Option<Arc<str>>,
    /// `None`: the row's.
    pub(super) body: Option<Arc<Body>>,
}

impl Repeat {
    /// The whole telling, beside the row as it was when it was told.
    pub(super) fn beside(&self, row: &Row) -> Telling {
        let total = row.series.total();
        let own = self.body.as_ref();
        let digests = Digests {
            row: row.id,
            body: own.map_or(total.body_digest, |body| body.digest()),
        };
        Telling {
            execution: self.execution.clone(),
            key: row.key.clone(),
            policy: Policy::Fold,
            origin: self.origin,
            count: self.count,
            first: self.first,
            last: self.last,
            name: self.name.as_ref().unwrap_or(&total.name).clone(),
            body: own.unwrap_or(&total.body).clone(),
            digests: Some(digests),
        }
    }
}
