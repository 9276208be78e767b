//! What a Job's status says has happened to it. Pure.
//!
//! Every transition is read off any state that comes after it, so a Job that is first seen at its end has the same
//! start and end as one that was followed. Times are those of the status; our own clock is never asked.

use super::Numbers;
use super::wire::{Condition, Job};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::kubegene;
use crate::sources::seat::Seat;

/// The reason of a Job that ran longer than it may.
const DEADLINE: &str = "DeadlineExceeded";

/// The transitions up to this state; `known` are the numbers that were told already.
pub(super) fn transitions(seat: &Seat, job: &Job, known: Numbers, gone: bool) -> Vec<Transition> {
    let (meta, status) = (&job.metadata, &job.status);
    let created = meta.creation_timestamp.0;
    let action = seat.action();
    let mut found = Vec::new();
    if let Some(at) = created.filter(|_| seat.is_execution()) {
        found.push(Transition::new("Created", "create", at));
    }
    let end = end(seat, job, gone);
    let ended = end.as_ref().map(Transition::at);
    let started = status.start_time.0.or(ended);
    if let Some(at) = started {
        found.push(Transition::new("ActionStart", action, at));
    }
    found.extend(suspension(job));
    if let Some(start) = started {
        let written = meta.status_written().unwrap_or(start);
        let (failed, succeeded) = (status.failed, status.succeeded);
        // The last failures are no retries when there is nothing left to retry.
        let retries = failed.min(job.spec.backoff_limit.unwrap_or(u64::MAX));
        if retries > 0 && failed != known.failed {
            // Of a Job that has ended it is not known when it was retried last.
            let last = if ended.is_some() { start } else { written };
            let retrying = Transition::new("Retrying", "retry", start).warning();
            found.push(retrying.times(retries, last));
        }
        let created = status.created();
        if job.has_many() && created > known.created {
            // Of a Job that has ended it is not known when its last Pod was created. Suspending one removes its Pods.
            let last = if ended.is_some() { start } else { written };
            let pods = Transition::new("PodsCreated", "create", start).times(created, last);
            found.push(pods.at_least(status.was_suspended()));
        }
        let total = job.spec.completions.unwrap_or(1);
        if total > 1 && succeeded > 0 && succeeded != known.succeeded {
            let progress = Transition::new("Progress", action, start)
                .times(succeeded, ended.unwrap_or(written))
                .param("done", &succeeded.to_string())
                .param("total", &total.to_string());
            found.push(progress);
        }
    }
    found.extend(end);
    found
}

/// The one terminal transition, if there is one.
fn end(seat: &Seat, job: &Job, gone: bool) -> Option<Transition> {
    let (meta, status) = (&job.metadata, &job.status);
    let action = seat.action();
    let at = |condition: &Condition| {
        let created = meta.creation_timestamp.0;
        condition
            .last_transition_time
            .0
            .or(status.start_time.0)
            .or(created)
    };
    if let Some(complete) = status.condition("Complete", "True") {
        let at = status.completion_time.0.or_else(|| at(complete))?;
        let finish = Transition::new("SuccessfulFinish", action, at);
        return Some(finish.param("engine_reason", &complete.reason));
    }
    if let Some(failed) = status.condition("Failed", "True") {
        // An engine that only says that the same element has failed would give it a second end.
        let alone = kubegene::teller(seat, meta).is_none();
        let (code, action) = if &*failed.reason == DEADLINE && alone {
            ("TimedOut", "timeout")
        } else {
            ("FailedFinish", action)
        };
        let finish = Transition::new(code, action, at(failed)?).warning();
        return Some(finish.because(&failed.reason, &failed.message));
    }
    if gone {
        // Deleted before its end: when that was asked for, else its last sign of life.
        let at = meta.deletion_asked().or_else(|| last_sign(job))?;
        return Some(Transition::new("Cancelled", "cancel", at));
    }
    None
}

fn suspension(job: &Job) -> Option<Transition> {
    let conditions = &job.status.conditions;
    let suspended = conditions.iter().find(|one| &*one.of == "Suspended")?;
    let at = suspended.last_transition_time.0?;
    match &*suspended.status {
        "True" => Some(Transition::new("Suspended", "suspend", at)),
        "False" => Some(Transition::new("Resumed", "resume", at)),
        _ => None,
    }
}

fn last_sign(job: &Job) -> Option<Time> {
    let meta = &job.metadata;
    let conditions = &job.status.conditions;
    let transitions = conditions.iter().map(|one| one.last_transition_time.0);
    let others = [
        meta.creation_timestamp.0,
        job.status.start_time.0,
        meta.status_written(),
    ];
    transitions.chain(others).flatten().max()
}
