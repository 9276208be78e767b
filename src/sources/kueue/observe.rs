//! What a Workload's conditions say has happened to it. Pure.
//!
//! A condition keeps its last change only, so each change is told by its time, and a Workload that is admitted twice
//! has two. How often it was evicted stands in newer statuses, and then that counts.

use super::wire::{Condition, Workload};
use crate::model::Time;
use crate::sources::derive::Transition;

/// Why it was evicted if another took its place.
const PREEMPTED: &str = "Preempted";
/// What Kueue puts before the message of a condition that is no longer true.
const PREVIOUSLY: &str = "Previously: ";

/// The transitions up to this state.
pub(super) fn transitions(workload: &Workload) -> Vec<Transition> {
    let queued = workload.metadata.creation_timestamp.0.map(|at| {
        let queue = &workload.spec.queue_name;
        Transition::new("Queued", "queue", at).param("detail", queue)
    });
    let admitted = change(workload, "Admitted").map(|(told, at)| {
        let admitted = Transition::new("Admitted", "admit", at);
        by_time(admitted.because(&told.reason, &told.message), at)
    });
    let requeued = change(workload, "Requeued").map(|(told, at)| {
        let requeued = Transition::new("Requeued", "queue", at);
        by_time(requeued.because(&told.reason, &told.message), at)
    });
    let mut found: Vec<_> = queued.into_iter().collect();
    found.extend(admitted);
    found.extend(evictions(workload));
    found.extend(requeued);
    found
}

/// A condition that is true, and since when.
fn change<'a>(workload: &'a Workload, of: &str) -> Option<(&'a Condition, Time)> {
    let conditions = &workload.status.conditions;
    let told = conditions.iter().find(|one| &*one.of == of)?;
    let at = told
        .last_transition_time
        .0
        .filter(|_| &*told.status == "True")?;
    Some((told, at))
}

fn by_time(transition: Transition, at: Time) -> Transition {
    transition.of_attempt(at.0.cast_unsigned())
}

/// Preempted, or evicted for another reason.
///
/// Older statuses have the condition only. Newer ones count, also when it is admitted again; then the condition is
/// false, and what comes nearest is when it was queued again, else until when it was out.
fn evictions(workload: &Workload) -> Vec<Transition> {
    let status = &workload.status;
    let evicted = status.conditions.iter().find(|one| &*one.of == "Evicted");
    let Some((evicted, at)) = evicted.and_then(|one| Some((one, one.last_transition_time.0?)))
    else {
        return Vec::new();
    };
    let is_out = &*evicted.status == "True";
    let requeued = change(workload, "Requeued").map(|(_, at)| at);
    let at = requeued.filter(|_| !is_out).unwrap_or(at);
    let counted = &status.scheduling_stats.evictions;
    let mut found = Vec::new();
    for preempted in [false, true] {
        let is = |reason: &str| (reason == PREEMPTED) == preempted;
        let mut counts = counted.iter().filter(|one| is(&one.reason));
        let count: u64 = counts.clone().map(|one| one.count).sum();
        let told = is_out && is(&evicted.reason);
        if !told && (is_out || count == 0) {
            continue;
        }
        let (code, action) = if preempted {
            ("Preempted", "preempt")
        } else {
            ("Evicted", "evict")
        };
        let reason = if told {
            &evicted.reason
        } else {
            counts
                .next_back()
                .map_or(&evicted.reason, |one| &one.reason)
        };
        let mut out = Transition::new(code, action, at).warning();
        out = if told || counted.len() == 1 {
            out.because(reason, evicted.message.trim_start_matches(PREVIOUSLY))
        } else {
            // The message is of the last one only.
            out.because(reason, "")
        };
        found.push(match count {
            0 => by_time(out, at),
            count => out.times(count, at),
        });
    }
    found
}
