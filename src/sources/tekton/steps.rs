//! What has happened to the steps of an attempt. Pure.

use super::wire::{Attempt, Step, Terminated};
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// The transitions of each step, with its seat beside that of the run. `run_end`: how the attempt has ended.
pub(super) fn transitions(
    run: &Seat,
    attempt: &Attempt,
    number: u64,
    run_end: Option<&Transition>,
) -> Vec<(Seat, Transition)> {
    let mut found = Vec::new();
    for step in attempt.steps.iter().filter(|step| !step.name.is_empty()) {
        // Steps of several tasks often have one name.
        let shown = if run.is_execution() {
            step.name.to_string()
        } else {
            format!("{}/{}", run.elem_id, step.name)
        };
        let seat = run.part(&step.name, &shown, "Tekton.Step");
        for transition in of_step(step, seat.action(), run_end) {
            found.push((seat.clone(), transition.of_attempt(number)));
        }
    }
    found
}

fn of_step(step: &Step, action: &str, run_end: Option<&Transition>) -> Vec<Transition> {
    let ended = step.terminated.as_ref();
    if &*step.termination_reason == "Skipped" {
        let at = ended
            .and_then(|ended| ended.finished_at.0.or(ended.started_at.0))
            .or(run_end.map(Transition::at));
        let skipped = at.map(|at| Transition::new("Skipped", "skip", at));
        return skipped.into_iter().collect();
    }
    let end = ended.and_then(|ended| end(step, ended, action, run_end));
    let running = step.running.as_ref().and_then(|run| run.started_at.0);
    let started = ended.and_then(|ended| ended.started_at.0).or(running);
    // One that ran when its run ended, and was seen no more, ended with it.
    let end = end.or_else(|| run_end.filter(|_| running.is_some()).cloned());
    let started = started.or(end.as_ref().map(Transition::at));
    let start = started.map(|at| Transition::new("ActionStart", action, at));
    start.into_iter().chain(end).collect()
}

fn end(
    step: &Step,
    ended: &Terminated,
    action: &str,
    run_end: Option<&Transition>,
) -> Option<Transition> {
    let at = ended
        .finished_at
        .0
        .or(run_end.map(Transition::at))
        .or(ended.started_at.0)?;
    let why = [&*step.termination_reason, &*ended.reason];
    let (code, action, warning) = match why.into_iter().find(|text| !text.is_empty()) {
        Some("TimeoutExceeded" | "TaskRunTimeout") => ("TimedOut", "timeout", true),
        Some("TaskRunCancelled") => ("Cancelled", "cancel", false),
        _ if ended.exit_code == 0 => ("SuccessfulFinish", action, false),
        _ => ("FailedFinish", action, true),
    };
    let mut end = Transition::new(code, action, at);
    if code != "SuccessfulFinish" {
        let reason = why.into_iter().find(|text| !text.is_empty());
        end = end.because(reason.unwrap_or_default(), &sentence(ended));
    }
    Some(if warning { end.warning() } else { end })
}

/// How it ended; Tekton puts the results of the step where a message would be, so that is left out.
fn sentence(ended: &Terminated) -> String {
    let Terminated {
        exit_code, reason, ..
    } = ended;
    if ended.message.is_empty() || ended.message.starts_with('[') {
        format!("exit {exit_code}: {reason}")
    } else {
        format!("exit {exit_code}: {}", ended.message)
    }
}
