//! An operation, read from its rows in the order in which they were stored. Pure.

use std::collections::HashSet;

use super::convert;
use super::wire::{Event, EventType, Item, Kind};
use crate::model::{Row, RowId, Time};

/// The progress of the first of the events that Kubernetes tells of a spawn; each further one goes a third of the way
/// that is left to [`LAST_STEP`]: the original's rule.
const FIRST_STEP: u8 = 35;
const LAST_STEP: u8 = 75;

/// What is known of an operation so far.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    kind: Kind,
    /// The ordinal of the next row.
    pub(super) next: u64,
    /// The latest time that its rows tell.
    pub(super) latest: Time,
    /// Whether it has ended: what is told of it later is not shown.
    pub(super) over: bool,
    step: u8,
    shown: HashSet<RowId>,
}

impl Default for Operation {
    fn default() -> Self {
        Self {
            kind: Kind::Spawn,
            next: 0,
            latest: Time::MIN,
            over: false,
            step: FIRST_STEP,
            shown: HashSet::new(),
        }
    }
}

impl Operation {
    /// What it does.
    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Takes the next row in; what listeners see of it. A row of another dialect that repeats is seen once. `own`: it is
    /// the operation's, and not of another execution that an alias unites with it.
    pub(super) fn take(&mut self, row: &Row, own: bool) -> Option<Event> {
        self.latest = self.latest.max(row.first());
        let first_time = self.shown.insert(row.id);
        let item = convert::item(row).filter(|_| own);
        self.next += u64::from(item.is_some() && first_time);
        if self.over || !first_time {
            return None;
        }
        let event = match item {
            Some(Item::Open(kind)) => {
                self.kind = kind;
                return None;
            }
            Some(Item::Close) => {
                self.over = true;
                return None;
            }
            Some(Item::Tell(of, progress)) => Event {
                of,
                message: row.body().message.clone(),
                progress,
            },
            Some(Item::Step) => Event {
                of: EventType::Info,
                message: row.body().message.clone(),
                progress: Some(self.step()),
            },
            None => return Some(convert::foreign(row)),
        };
        self.over = ends(self.kind, &event);
        Some(event)
    }

    fn step(&mut self) -> u8 {
        let step = self.step;
        self.step += (LAST_STEP - step) / 3;
        step
    }
}

/// Whether an operation is over with this event: a deletion has no `complete`.
pub(super) fn ends(kind: Kind, event: &Event) -> bool {
    event.of.done()
        || (kind == Kind::Delete && event.of == EventType::Info && event.progress == Some(100))
}
