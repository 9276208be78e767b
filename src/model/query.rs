//! What is asked of the history: filters, order, pages. Pure.

use super::event::{EventType, Row, RowId};
use super::execution::{Execution, Phase};
use super::sight::Sight;
use super::tenants::Tenants;
use super::time::Time;

/// Which rows. What is `None` does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// `type`.
    pub event_type: Option<EventType>,
    /// `elemType`.
    pub elem_type: Option<Box<str>>,
    /// `elemId`, as shown.
    pub elem_id: Option<Box<str>>,
    /// `actionName`.
    pub action: Option<Box<str>>,
    /// The reason's code.
    pub code: Option<Box<str>>,
    /// Rows that were seen at this time or later.
    pub since: Option<Time>,
    /// Rows that were seen at this time or earlier.
    pub until: Option<Time>,
}

impl Filter {
    /// Whether a row passes. Since and until keep rows whose [first, last] overlaps theirs.
    #[must_use]
    pub fn matches(&self, row: &Row) -> bool {
        self.passes(&Sight::of(row, &[]))
    }

    /// Whether a row passes, by what it shows.
    #[must_use]
    pub fn passes(&self, row: &Sight<'_>) -> bool {
        let is = |wanted: &Option<Box<str>>, found: &str| {
            wanted.as_deref().is_none_or(|text| text == found)
        };
        self.event_type
            .as_ref()
            .is_none_or(|wanted| wanted.as_str() == row.event_type)
            && is(&self.elem_type, row.elem_type)
            && is(&self.elem_id, row.elem_id)
            && is(&self.action, row.action)
            && is(&self.code, row.code)
            && self.since.is_none_or(|since| row.last >= since)
            && self.until.is_none_or(|until| row.first <= until)
    }
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The earliest first.
    #[default]
    Ascending,
    /// The latest first.
    Descending,
}

/// Where a row stands in the one order of all rows: (first in nanoseconds, name, row id).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When it was first seen.
    pub first: Time,
    /// Its name.
    pub name: Box<str>,
    /// Its id.
    pub row: RowId,
}

impl Position {
    /// Of a row.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self {
            first: row.first(),
            name: row.name().into(),
            row: row.id,
        }
    }

    /// Compares where two rows stand, without building positions.
    #[must_use]
    pub fn compare(a: &Row, b: &Row) -> std::cmp::Ordering {
        (a.first(), a.name(), a.id).cmp(&(b.first(), b.name(), b.id))
    }
}

/// Which part of the rows that pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// From which end.
    pub order: Order,
    /// Behind this position, in that order.
    pub after: Option<Position>,
    /// At most so many; `None`: all.
    pub limit: Option<usize>,
}

/// Which executions. What is `None` does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// The tenant.
    pub tenant: Option<Box<str>>,
    /// Whose histories the reader may see.
    pub within: Tenants,
    /// Part of the name.
    pub name_contains: Option<Box<str>>,
    /// The whole name.
    pub name: Option<Box<str>>,
    /// The kind, in lower case.
    pub kind: Option<Box<str>>,
    /// The kind's API group.
    pub group: Option<Box<str>>,
    /// The phase. [`Phase::Failed`] takes in [`Phase::Error`]: an error is a failure whose fault is the engine's.
    pub phase: Option<Phase>,
    /// Executions that were last told of at this time or later.
    pub since: Option<Time>,
    /// Executions that began at this time or earlier.
    pub until: Option<Time>,
}

impl ExecutionFilter {
    /// Whether an execution passes.
    #[must_use]
    pub fn matches(&self, execution: &Execution) -> bool {
        let identity = &execution.identity;
        self.passes(&ExecutionSight {
            tenant: &execution.key.tenant,
            name: &identity.name,
            kind: &identity.kind,
            group: &identity.group,
            phase: execution.status.phase,
            made: execution.created.unwrap_or(execution.told),
            last_told: execution.last_told,
        })
    }

    /// Whether an execution passes, by what is asked of it.
    #[must_use]
    pub fn passes(&self, execution: &ExecutionSight<'_>) -> bool {
        let is = |wanted: &Option<Box<str>>, found: &str| {
            wanted.as_deref().is_none_or(|text| text == found)
        };
        let kind = self.kind.as_deref();
        let part = self.name_contains.as_deref();
        is(&self.tenant, execution.tenant)
            && self.within.hold(execution.tenant)
            && part.is_none_or(|part| execution.name.contains(part))
            && is(&self.name, execution.name)
            && kind.is_none_or(|kind| execution.kind.eq_ignore_ascii_case(kind))
            && is(&self.group, execution.group)
            && self.phase.is_none_or(|phase| {
                let found = execution.phase;
                phase == found || (phase == Phase::Failed && found == Phase::Error)
            })
            && self.since.is_none_or(|since| execution.last_told >= since)
            && self.until.is_none_or(|until| execution.made <= until)
    }
}

/// What of an execution is filtered by, borrowed from wherever it is kept.
#[derive(Clone, Copy, Debug)]
pub struct ExecutionSight<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its kind's API group.
    pub group: &'a str,
    /// Its phase.
    pub phase: Phase,
    /// When it was created, else when it was first told of.
    pub made: Time,
    /// When it was last told of.
    pub last_told: Time,
}
