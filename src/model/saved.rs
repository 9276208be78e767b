//! What a history knows, in a form that does not depend on the history: so it can be carried from one to another, and
//! joined there with what is known already. Pure.
//!
//! No [`Seq`](super::Seq) is in it: those number the changes of one history. What was told once is a sum in its row, and
//! who has told it is forgotten after a window. So that two histories can be joined, and joined again, the sum of each is
//! carried as one more origin ([`Origin::of_sum`]), whose count only grows.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::correlation::Correlation;
use super::digest::Digest;
use super::event::{Key, RowId};
use super::execution::{Execution, ExecutionKey};
use super::fold::Place;
use super::observation::{Origin, Policy};
use super::sample::Sample;
use super::series::{OriginShare, Share};
use super::tenants::Tenants;
use super::time::Time;

/// One piece of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// An execution, or some of its rows.
    Execution(Saved),
    /// What a deletion has left.
    Grave(Grave),
    /// To which execution and element an object belongs.
    Correlation(Correlation),
}

impl Part {
    /// Whose history it is about.
    #[must_use]
    pub const fn execution(&self) -> &ExecutionKey {
        match self {
            Self::Execution(saved) => &saved.execution.key,
            Self::Grave(grave) => &grave.key,
            Self::Correlation(correlation) => &correlation.execution,
        }
    }
}

/// An execution, with all or some of what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What is known of it; its numbers say nothing.
    pub execution: Execution,
    /// Rows.
    pub rows: Vec<SavedRow>,
    /// Ids of what was told once and folded, and when that was, by the store's clock.
    pub ids: Vec<(Digest, Time)>,
    /// Samples.
    pub samples: Vec<Arc<Sample>>,
}

/// A row, with all or some of its origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRow {
    /// The row.
    pub id: RowId,
    /// What it is keyed by.
    pub key: Arc<Key>,
    /// Whether tellings fold into it.
    pub policy: Policy,
    /// The sum of what was told once. Only inside of the history whose sum it is; else it is one of the origins.
    pub settled: Option<Share>,
    /// Who has told it, by digest.
    pub origins: Vec<OriginShare>,
}

impl SavedRow {
    /// The same for any history: the own sum of `history` is one of the origins.
    #[must_use]
    pub fn away_from(mut self, history: &str) -> Self {
        if let Some(share) = self.settled.take() {
            self.origins.push(OriginShare {
                origin: Origin::of_sum(history, self.id),
                // No telling has a count of zero: so it stays in its row.
                lowest: (0, self.id),
                share,
            });
        }
        self.origins.sort_unstable_by_key(|known| known.origin);
        self
    }

    /// The same for this history: its own sum is that again.
    #[must_use]
    pub fn home_in(mut self, history: &str) -> Self {
        let own = Origin::of_sum(history, self.id);
        if let Some(at) = self.origins.iter().position(|known| known.origin == own) {
            self.settled = Some(self.origins.remove(at).share);
        }
        self
    }

    /// What it shows, if all its origins are there; `None` if none is.
    #[must_use]
    pub fn total(&self) -> Option<Share> {
        let shares = self.origins.iter().map(|known| &known.share);
        Share::sum(self.settled.iter().chain(shares))
    }

    /// Where what it says goes.
    #[must_use]
    pub const fn place<'a>(&'a self, execution: &'a ExecutionKey) -> Place<'a> {
        Place {
            execution,
            row: self.id,
            key: &self.key,
            policy: self.policy,
        }
    }
}

impl Saved {
    /// Leaves out what tells of a time up to this; answers how many origins those were.
    pub fn bury(&mut self, until: Time) -> u64 {
        let mut buried = 0;
        self.rows.retain_mut(|row| {
            let before = row.origins.len() + usize::from(row.settled.is_some());
            row.origins.retain(|known| known.share.last > until);
            row.settled = row.settled.take().filter(|share| share.last > until);
            let left = row.origins.len() + usize::from(row.settled.is_some());
            buried += (before - left) as u64;
            left > 0
        });
        self.samples.retain(|sample| sample.at > until);
        buried
    }
}

/// What a deletion has left: what tells of its time or earlier is buried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grave {
    /// The execution that was deleted.
    pub key: ExecutionKey,
    /// What tells of this time or earlier is buried.
    pub at: Time,
    /// When it was last needed, by the store's clock.
    pub last_told: Time,
    /// Whether something later was told of the execution, so that it is there.
    pub risen: bool,
}

/// How much of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Only of these tenants.
    pub within: Tenants,
    /// Only of this tenant.
    pub tenant: Option<Box<str>>,
    /// Only these executions.
    pub executions: Option<BTreeSet<ExecutionKey>>,
    /// Only executions that were told of at this time or later, by the store's clock; of each the whole history.
    pub since: Option<Time>,
}

impl Extent {
    /// Whether it has what belongs to an execution and was last told of then.
    #[must_use]
    pub fn holds(&self, key: &ExecutionKey, last_told: Time) -> bool {
        self.within.hold(&key.tenant)
            && self
                .tenant
                .as_deref()
                .is_none_or(|tenant| tenant == &*key.tenant)
            && self
                .executions
                .as_ref()
                .is_none_or(|wanted| wanted.contains(key))
            && self.since.is_none_or(|since| last_told >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extent_holds_what_all_its_bounds_hold() {
        let key = ExecutionKey::new("team", "a");
        let (all, told) = (Extent::default(), Time(5));
        assert!(all.holds(&key, told));
        let one = Extent {
            executions: Some([key.clone()].into()),
            ..all.clone()
        };
        assert!(one.holds(&key, told) && !one.holds(&ExecutionKey::new("team", "b"), told));
        let late = Extent {
            since: Some(Time(6)),
            ..one
        };
        assert!(!late.holds(&key, told) && late.holds(&key, Time(6)));
        let other = Extent {
            tenant: Some("other".into()),
            ..all.clone()
        };
        let none = Extent {
            within: Tenants::none(),
            ..all
        };
        assert!(!other.holds(&key, told) && !none.holds(&key, told));
    }
}
