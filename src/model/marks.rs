//! What the rows of one history say of each other: whose count is too low by what others tell, and which end is told
//! from one side only. Stored nowhere: a function of the rows, so it keeps their law. Pure.

use std::collections::HashMap;

use super::event::{MessageKey, Row};
use super::execution::Phase;

/// Events about one object that client-go's recorder lets pass before it drops most of them.
const BURST: u64 = 25;

/// Codes of Events that tell the end of what they are about, by its kind.
const ENDS: [(&str, &[&str]); 5] = [
    (
        "Job",
        &[
            "Completed",
            "BackoffLimitExceeded",
            "DeadlineExceeded",
            "FailedIndexes",
            "MaxFailedIndexesExceeded",
            "PodFailurePolicy",
        ],
    ),
    (
        "Workflow",
        &["WorkflowSucceeded", "WorkflowFailed", "WorkflowTimedOut"],
    ),
    ("PipelineRun", &["Succeeded", "Completed", "Failed"]),
    ("TaskRun", &["Succeeded", "Failed"]),
    ("CustomRun", &["Succeeded", "Failed"]),
];

/// What is to be said of a row because of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its count may be too low: it says so itself, or a status tells a higher number, or its reporter has told so
    /// much of the object that its client library drops repeats.
    pub at_least: bool,
    /// It tells, from a status, the end of an element of which no Event was seen.
    pub status_only: bool,
    /// It tells, by an Event, the end of an element whose status tells of none.
    pub event_only: bool,
}

#[derive(Debug, Default)]
struct Element<'a> {
    has_events: bool,
    has_ended: bool,
    /// Restarts by field path.
    retries: HashMap<&'a str, u64>,
    /// Pods that a Job's status has counted, and that its Events tell of.
    pods: (u64, u64),
}

/// The marks of a history.
#[derive(Debug, Default)]
pub struct Marks<'a> {
    elements: HashMap<&'a str, Element<'a>>,
    told: HashMap<(&'a str, &'a str), u64>,
}

impl<'a> Marks<'a> {
    /// Of all the rows of a history, in any order.
    pub fn of(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut marks = Self::default();
        for row in rows {
            let (key, count) = (&row.key, row.count());
            let element = marks.elements.entry(&key.element).or_default();
            if row.is_of_event() {
                element.has_events = true;
                if &*key.code == "SuccessfulCreate" {
                    element.pods.1 = element.pods.1.saturating_add(count);
                }
                let told = marks.told.entry(reporter_of(row)).or_default();
                *told = told.saturating_add(count);
            } else if row.is_derived() {
                element.has_ended |= is_end(row);
                match &*key.code {
                    "Retrying" => {
                        let retries = element.retries.entry(&key.field_path).or_default();
                        *retries = count.max(*retries);
                    }
                    "PodsCreated" => element.pods.0 = count.max(element.pods.0),
                    _ => {}
                }
            }
        }
        marks
    }

    /// The marks of one of the rows.
    #[must_use]
    pub fn on(&self, row: &Row) -> Mark {
        let itself = row.series.total().diagnosis.at_least;
        let Some(element) = self.elements.get(&*row.key.element) else {
            return Mark {
                at_least: itself,
                ..Mark::default()
            };
        };
        let of_event = row.is_of_event();
        Mark {
            at_least: itself || (of_event && (element.knows_more(row) || self.is_cut_off(row))),
            status_only: row.is_derived() && is_end(row) && !element.has_events,
            event_only: of_event && tells_end(row) && !element.has_ended,
        }
    }

    /// A row that repeats, of a reporter that has told so much that the rest of it may have been dropped.
    fn is_cut_off(&self, row: &Row) -> bool {
        let repeats = row.count() > 1 || row.is_combined();
        repeats
            && self
                .told
                .get(&reporter_of(row))
                .is_some_and(|told| *told >= BURST)
    }
}

impl Element<'_> {
    fn knows_more(&self, row: &Row) -> bool {
        let retries = self.retries.get(&*row.key.field_path).copied();
        match (&*row.key.code, retries) {
            ("BackOff", Some(retries)) => retries > row.count(),
            ("Created" | "Started", Some(retries)) => retries >= row.count(),
            ("SuccessfulCreate", _) => row.is_combined() && self.pods.0 > self.pods.1,
            _ => false,
        }
    }
}

fn reporter_of(row: &Row) -> (&str, &str) {
    (&row.body().reporter, &row.key.involved_uid)
}

fn is_end(row: &Row) -> bool {
    let code = &*row.key.code;
    code == "Skipped" || Phase::of_code(code).is_some_and(Phase::is_terminal)
}

fn tells_end(row: &Row) -> bool {
    let kind = &*row.body().involved.kind;
    let codes = ENDS.iter().find(|(of, _)| *of == kind);
    codes.is_some_and(|(_, codes)| codes.contains(&&*row.key.code))
}

impl Row {
    /// Whether it is client-go's combination of Events that differ.
    #[must_use]
    pub fn is_combined(&self) -> bool {
        self.key.message == MessageKey::Aggregate
    }
}

#[cfg(test)]
mod tests;
