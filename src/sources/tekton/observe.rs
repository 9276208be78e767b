//! What a run's status says has happened to it. Pure.
//!
//! Each attempt has one start and one end, whatever was seen of it: those before the present one are kept in the
//! status as they ended.

use super::outcome;
use super::steps;
use super::wire::{Attempt, Condition, Run};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// Reasons of a condition by which a run has started.
const STARTED: [&str; 2] = ["Started", "Running"];
/// Reasons of one that is held back before its start.
const HELD: &str = "PipelineRunPending";
/// A wait before the start that is told of, in nanoseconds: shorter ones are Tekton's own pace.
const WAIT: i64 = 2_000_000_000;

/// The transitions up to this state, each with its seat: that of the run, or of a step.
pub(super) fn transitions(seat: &Seat, run: &Run, gone: bool) -> Vec<(Seat, Transition)> {
    let (meta, status) = (&run.metadata, &run.status);
    let created = meta.creation_timestamp.0;
    let mut found = Vec::new();
    let mut own = |transition| found.push((seat.clone(), transition));
    if let Some(at) = created.filter(|_| seat.is_execution()) {
        own(Transition::new("Created", "create", at));
    }
    if let Some(queued) = queued(seat, run) {
        own(queued);
    }
    if let Some(retrying) = retrying(run) {
        own(retrying);
    }
    for (number, attempt) in (0u64..).zip(&status.before) {
        let end = end_of(attempt, seat.action()).or_else(|| gave_up(attempt, seat.action()));
        found.extend(life(seat, attempt, number, end));
    }
    let number = status.before.len() as u64;
    let present = &status.attempt;
    let end = end_of(present, seat.action()).or_else(|| gone.then(|| cancelled(run))?);
    found.extend(skipped(seat, run));
    found.extend(progress(run).map(|progress| (seat.clone(), progress)));
    found.extend(life(seat, present, number, end));
    found
}

/// The start, the steps and the end of an attempt.
fn life(
    seat: &Seat,
    attempt: &Attempt,
    number: u64,
    end: Option<Transition>,
) -> Vec<(Seat, Transition)> {
    let mut found = Vec::new();
    let started = started(attempt).or(end.as_ref().map(Transition::at));
    if let Some(at) = started {
        let start = Transition::new("ActionStart", seat.action(), at);
        found.push((seat.clone(), start.of_attempt(number)));
    }
    found.extend(steps::transitions(seat, attempt, number, end.as_ref()));
    found.extend(end.map(|end| (seat.clone(), end.of_attempt(number))));
    found
}

fn started(attempt: &Attempt) -> Option<Time> {
    let by_condition = || {
        let condition = attempt.succeeded()?;
        let has = STARTED.contains(&&*condition.reason);
        condition.last_transition_time.0.filter(|_| has)
    };
    attempt.start_time.0.or_else(by_condition)
}

fn ended_at(attempt: &Attempt, condition: &Condition) -> Option<Time> {
    attempt
        .completion_time
        .0
        .or(condition.last_transition_time.0)
        .or(attempt.start_time.0)
}

fn end_of(attempt: &Attempt, action: &str) -> Option<Transition> {
    let condition = attempt.succeeded()?;
    outcome::end(condition, action, ended_at(attempt, condition)?)
}

/// An attempt that was tried again has failed, whatever its condition says.
fn gave_up(attempt: &Attempt, action: &str) -> Option<Transition> {
    let at = attempt.completion_time.0.or(attempt.start_time.0)?;
    Some(Transition::new("FailedFinish", action, at).warning())
}

fn cancelled(run: &Run) -> Option<Transition> {
    let (meta, present) = (&run.metadata, &run.status.attempt);
    let last_sign = || {
        let condition = present.succeeded();
        let signs = [
            meta.creation_timestamp.0,
            present.start_time.0,
            condition.and_then(|one| one.last_transition_time.0),
        ];
        signs.into_iter().flatten().max()
    };
    let at = meta.deletion_asked().or_else(last_sign)?;
    Some(Transition::new("Cancelled", "cancel", at))
}

/// It waited before its first attempt: somebody holds it back, or it started much later than it was created. Runs of
/// one PipelineRun are created when it is their turn.
fn queued(seat: &Seat, run: &Run) -> Option<Transition> {
    let status = &run.status;
    let created = run.metadata.creation_timestamp.0?;
    let first = status.before.first().unwrap_or(&status.attempt);
    let condition = status.attempt.succeeded();
    let held = condition.is_some_and(|one| &*one.reason == HELD);
    let waited = first
        .start_time
        .0
        .is_some_and(|at| at.0 - created.0 >= WAIT);
    (held || waited && seat.is_execution()).then(|| Transition::new("Queued", "queue", created))
}

/// The tasks that have no run.
fn skipped(seat: &Seat, run: &Run) -> Vec<(Seat, Transition)> {
    let (meta, status) = (&run.metadata, &run.status);
    let at = status.attempt.start_time.0.or(meta.creation_timestamp.0);
    let tasks = at.map(|at| (at, &status.skipped)).into_iter();
    let tasks = tasks.flat_map(|(at, tasks)| tasks.iter().map(move |task| (at, task)));
    tasks
        .map(|(at, task)| {
            let skipped = Transition::new("Skipped", "skip", at);
            let seat = seat.part(&task.name, &task.name, "Tekton.TaskRun");
            (seat, skipped.because(&task.reason, ""))
        })
        .collect()
}

fn retrying(run: &Run) -> Option<Transition> {
    let before = &run.status.before;
    let ended = |attempt: &Attempt| {
        let condition = attempt.succeeded();
        condition.map_or(attempt.completion_time.0, |one| ended_at(attempt, one))
    };
    let first = before.iter().find_map(ended)?;
    let last = before.iter().rev().find_map(ended)?;
    let count = before.len() as u64;
    let retrying = Transition::new("Retrying", "retry", first)
        .warning()
        .times(count, last)
        .following_end()
        .param("attempt", &count.saturating_add(1).to_string());
    let why = before.last().and_then(Attempt::succeeded);
    Some(match why {
        Some(why) => retrying.because(&why.reason, &why.message),
        None => retrying,
    })
}

/// How many tasks of a PipelineRun are done. The one place where it says so is a sentence, the same in all versions:
/// `Tasks Completed: 3 (Failed: 0, Cancelled 0), Incomplete: 5, Skipped: 1`.
fn progress(run: &Run) -> Option<Transition> {
    let present = &run.status.attempt;
    let condition = present.succeeded()?;
    let (completed, rest) = condition
        .message
        .strip_prefix("Tasks Completed: ")?
        .split_once(" (")?;
    let number = |name: &str| -> u64 {
        let after = rest.split_once(name).map_or("", |(_, after)| after);
        let digits = after.split(|letter: char| !letter.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    };
    let done = completed
        .parse::<u64>()
        .ok()?
        .saturating_add(number("Skipped: "));
    let total = done.saturating_add(number("Incomplete: "));
    let start = present.start_time.0.or(condition.last_transition_time.0)?;
    let last = present
        .completion_time
        .0
        .or(condition.last_transition_time.0)
        .unwrap_or(start);
    (done > 0).then(|| {
        Transition::new("Progress", "run", start)
            .times(done, last)
            .param("done", &done.to_string())
            .param("total", &total.to_string())
    })
}
