//! What a JobFlow's status says has happened to it. Pure.
//!
//! It says in which phase it is, but not since when: the Jobs that it lists say when they started and ended.

use super::wire::{FlowJob, JobFlow};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// The transitions up to this state.
pub(super) fn transitions(seat: &Seat, flow: &JobFlow, gone: bool) -> Vec<Transition> {
    let (meta, status) = (&flow.metadata, &flow.status);
    let action = seat.action();
    let created = meta.creation_timestamp.0;
    let mut found = Vec::new();
    if let Some(at) = created.filter(|_| seat.is_execution()) {
        found.push(Transition::new("Created", "create", at));
    }
    let jobs = &status.job_status_list;
    let started = jobs.iter().filter_map(|job| job.start_timestamp.0).min();
    let end = end(flow, action, gone);
    let has_run = !matches!(&*status.state.phase, "" | "Pending");
    let start = started
        .or_else(|| end.as_ref().map(Transition::at))
        .or(created)
        .filter(|_| has_run || started.is_some() || end.is_some());
    if let Some(at) = start {
        found.push(Transition::new("ActionStart", action, at));
        let done = status.completed_jobs.len() as u64;
        if done > 0 {
            let last = last_end(jobs, |job| status.completed_jobs.contains(&job.name));
            let total = flow.spec.flows.len().max(jobs.len());
            let progress = Transition::new("Progress", action, at)
                .times(done, last.unwrap_or(at))
                .param("done", &done.to_string())
                .param("total", &total.to_string());
            found.push(progress);
        }
    }
    found.extend(end);
    found
}

fn end(flow: &JobFlow, action: &str, gone: bool) -> Option<Transition> {
    let (meta, status) = (&flow.metadata, &flow.status);
    let written = || meta.status_written().or(meta.creation_timestamp.0);
    let at = || last_end(&status.job_status_list, |_| true).or_else(written);
    match &*status.state.phase {
        "Succeed" => Some(Transition::new("SuccessfulFinish", action, at()?)),
        "Failed" => Some(Transition::new("FailedFinish", action, at()?).warning()),
        _ if gone => {
            let at = meta.deletion_asked().or_else(at)?;
            Some(Transition::new("Cancelled", "cancel", at))
        }
        _ => None,
    }
}

fn last_end(jobs: &[FlowJob], of: impl Fn(&FlowJob) -> bool) -> Option<Time> {
    let jobs = jobs.iter().filter(|job| of(job));
    jobs.filter_map(|job| job.end_timestamp.0).max()
}
