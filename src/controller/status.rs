//! `Execution.status`, from the declaration, the rows and what is known of the execution. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
use k8s_openapi::jiff::Timestamp;

use crate::crd::{Execution, ExecutionStatus, LastEvent, Phase};
use crate::model::{self, Time};

use super::condition::{self, Conditions};
use super::elements::Elements;
use super::fact::{Fact, phase_of};

/// What the status is computed from, besides the rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    /// The declaration, and the status that is there.
    pub(super) declared: &'a Execution,
    /// Where the execution stands by its own rows; `None` if the store does not know it.
    pub(super) own: Option<model::Status>,
    /// The time now.
    pub(super) now: Time,
}

/// The status that the committed rows tell, whatever order they come in.
pub(super) fn compute<'a>(
    known: &Known<'_>,
    facts: impl Iterator<Item = &'a Fact>,
) -> ExecutionStatus {
    let declared = known.declared;
    let mut elements = Elements::new(&declared.spec.elements);
    let mut totals = Totals::default();
    for fact in facts {
        totals.add(fact);
        if let Some(entered) = &fact.entered {
            elements.tell(fact, entered);
        }
    }
    let whole = match elements.together() {
        Some(together) => of_elements(together, &elements, known.own),
        None => of_own_rows(known.own, &totals),
    };
    let created = declared.metadata.creation_timestamp.as_ref();
    let conditions = Conditions {
        previous: declared.status.as_ref().map_or(&[], |it| &it.conditions),
        generation: declared.metadata.generation,
        created: created.map(|time| time.0),
        now: instant(known.now),
    };
    ExecutionStatus {
        phase: Some(whole.phase),
        elements: elements.show(),
        events: i64::try_from(totals.events).unwrap_or(i64::MAX),
        warnings: i64::try_from(totals.warnings).unwrap_or(i64::MAX),
        last_event: totals.last.map(|fact| LastEvent {
            code: fact.code.to_string(),
            time: timestamp(fact.last),
        }),
        started_at: whole.started.map(timestamp),
        finished_at: whole.finished.map(timestamp),
        observed_generation: declared.metadata.generation,
        conditions: vec![
            conditions.succeeded(
                whole.phase,
                whole.started.map(instant),
                whole.finished.map(instant),
            ),
            conditions.recording(known.own.is_some()),
        ],
    }
}

/// Whether the status that is there has to be written anew. What others have put into it does not count.
pub(super) fn differs(there: Option<&ExecutionStatus>, computed: &ExecutionStatus) -> bool {
    let Some(there) = there else {
        return true;
    };
    let mut there = there.clone();
    there
        .conditions
        .retain(|condition| condition::is_ours(&condition.type_));
    there
        .conditions
        .sort_by_key(|condition| condition::place(&condition.type_));
    there != *computed
}

/// The execution as a whole.
struct Whole {
    phase: Phase,
    started: Option<Time>,
    finished: Option<Time>,
}

/// Of an execution whose elements are declared: they decide, unless the execution itself was ended after all that
/// is told of them.
fn of_elements(together: Phase, elements: &Elements<'_>, own: Option<model::Status>) -> Whole {
    let (started, latest) = (elements.started(), elements.latest());
    if together.is_terminal() {
        return Whole {
            phase: together,
            started,
            finished: latest,
        };
    }
    // A status of the earliest time is only the model's conclusion that something happens in it.
    let own = own.filter(|own| own.at > Time::MIN && latest.is_none_or(|latest| own.at >= latest));
    match own {
        Some(own) if own.phase.is_terminal() => Whole {
            phase: phase_of(own.phase),
            started,
            finished: Some(own.at),
        },
        Some(own) if own.phase == model::Phase::Running => Whole {
            phase: Phase::Running,
            started,
            finished: None,
        },
        _ => Whole {
            phase: together,
            started,
            finished: None,
        },
    }
}

/// Of an execution without declared elements.
fn of_own_rows(own: Option<model::Status>, totals: &Totals<'_>) -> Whole {
    let Some(own) = own else {
        return Whole {
            phase: Phase::Pending,
            started: None,
            finished: None,
        };
    };
    let begun = own.phase != model::Phase::Pending;
    let ended = own.phase.is_terminal();
    Whole {
        phase: phase_of(own.phase),
        started: totals.started.or(totals.first).filter(|_| begun),
        finished: Some(own.at).filter(|_| ended),
    }
}

/// What all rows say together.
#[derive(Default)]
struct Totals<'a> {
    events: u64,
    warnings: u64,
    first: Option<Time>,
    /// The first time that anything in it is told to run.
    started: Option<Time>,
    last: Option<&'a Fact>,
}

impl<'a> Totals<'a> {
    fn add(&mut self, fact: &'a Fact) {
        self.events = self.events.saturating_add(fact.count);
        if fact.warning {
            self.warnings = self.warnings.saturating_add(fact.count);
        }
        let earlier =
            |known: Option<Time>| Some(known.map_or(fact.first, |known| known.min(fact.first)));
        self.first = earlier(self.first);
        if fact
            .entered
            .as_ref()
            .is_some_and(|entered| entered.phase == Phase::Running)
        {
            self.started = earlier(self.started);
        }
        if self
            .last
            .is_none_or(|known| fact.lateness() > known.lateness())
        {
            self.last = Some(fact);
        }
    }
}

/// A time in the precision of `status`: whole seconds, truncated, so that what is written reads back equal.
pub(super) fn timestamp(time: Time) -> meta::Time {
    meta::Time(instant(time))
}

fn instant(time: Time) -> Timestamp {
    Timestamp::from_second(time.0.div_euclid(1_000_000_000))
        .expect("64 bits of nanoseconds are within the years that a timestamp can hold")
}

#[cfg(test)]
mod tests;
