//! Volcano: a JobFlow is an execution and its Jobs are elements; a Job that no JobFlow controls is an execution of
//! its own. Pure.
//!
//! A Job of a JobFlow is called as its template. The tasks of a Job are elements beside it, and their Pods sit on
//! them. A Job tells of its tasks how many Pods are in which phase, but not since when: so a task starts with its
//! Job and ends with it, and how far it is in between is a row of progress.

mod flow;
mod job;
mod tasks;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::wire::{Job, JobFlow};
use super::Source;
use super::derive::Transition;
use super::seat::Seat;
use crate::model::Observation;

/// Turns JobFlows into observations.
#[derive(Debug, Default)]
pub(super) struct JobFlows;

impl Source for JobFlows {
    type Object = JobFlow;

    fn observe(&mut self, seat: &Seat, flow: &JobFlow, gone: bool) -> Vec<Observation> {
        let uid = &flow.metadata.uid;
        let transitions = flow::transitions(seat, flow, gone).into_iter();
        transitions.map(|one| one.tell(seat, uid)).collect()
    }
}

/// Turns Jobs of Volcano into observations.
#[derive(Debug, Default)]
pub(super) struct Jobs;

impl Source for Jobs {
    type Object = Job;

    fn observe(&mut self, seat: &Seat, job: &Job, gone: bool) -> Vec<Observation> {
        let uid = &job.metadata.uid;
        let life = job::life(seat, job, gone);
        let of_tasks = tasks::transitions(seat, job, &life);
        let own = life.transitions.into_iter().map(|one| (seat.clone(), one));
        let all = own.chain(of_tasks);
        all.map(|(seat, one): (Seat, Transition)| one.tell(&seat, uid))
            .collect()
    }
}

/// The seat of a task of the Job that sits on `job`.
pub(super) fn task(job: &Seat, task: &str) -> Seat {
    // Jobs of one flow often have tasks of one name.
    let shown = if job.is_execution() {
        task.to_owned()
    } else {
        format!("{}/{task}", job.elem_id)
    };
    job.part(task, &shown, "Volcano.Task")
}
