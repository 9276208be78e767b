//! What a Job's counts of Pods say has happened to its tasks. Pure.

use super::job::Life;
use super::task;
use super::wire::{Counts, Job, Task};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// The transitions of each task, with its seat.
pub(super) fn transitions(job_seat: &Seat, job: &Job, life: &Life) -> Vec<(Seat, Transition)> {
    let Some(started) = life.started else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for of in job.spec.tasks.iter().filter(|task| !task.name.is_empty()) {
        let none = Counts::default();
        let counts = job.status.task_status_count.get(&*of.name);
        let seat = task(job_seat, &of.name);
        let counts = counts.unwrap_or(&none);
        // When a Job has ended, Volcano may count its Pods no longer.
        let all_have_run = life.completed && job.spec.min_success.is_none();
        let waited = of.depends_on.is_some() && !all_have_run;
        let must_have_run = life.has_run && life.end.is_some() && !waited;
        if !counts.has_run() && !must_have_run {
            continue;
        }
        let start = Transition::new("ActionStart", "run", started);
        let end = life.end.as_ref().map(|end| ended(of, counts, end));
        for one in [Some(start), end].into_iter().flatten() {
            found.push((seat.clone(), one.of_attempt(life.attempt)));
        }
        let last = life.end.as_ref().map(Transition::at);
        let last = last.or_else(|| job.metadata.status_written());
        let progress = progress(of, counts, started, last.unwrap_or(started));
        found.extend(progress.map(|one| (seat, one)));
    }
    found
}

/// A task ends with its Job, and like it unless it was done by then. How many of its Pods have failed says nothing:
/// that number changes while the rest of the Job is cleared away.
fn ended(task: &Task, counts: &Counts, job_end: &Transition) -> Transition {
    if counts.succeeded() >= task.replicas.unwrap_or(1).max(1) {
        Transition::new("SuccessfulFinish", "run", job_end.at())
    } else {
        job_end.clone()
    }
}

fn progress(task: &Task, counts: &Counts, started: Time, last: Time) -> Option<Transition> {
    let done = counts.succeeded();
    let total = task.replicas.unwrap_or(1);
    (total > 1 && done > 0).then(|| {
        Transition::new("Progress", "run", started)
            .times(done, last)
            .param("done", &done.to_string())
            .param("total", &total.to_string())
    })
}
