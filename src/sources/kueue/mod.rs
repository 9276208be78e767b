//! Workloads of Kueue: elements of the execution that their Job, or whatever else Kueue holds back, belongs to. Pure.
//!
//! A Workload does not run, so it has no start and no end: its rows tell how it came through the queue. How its Job
//! fares, the Job tells.

mod observe;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::wire::Workload;
use super::Source;
use super::seat::Seat;
use crate::model::Observation;

/// Turns Workloads into observations.
#[derive(Debug, Default)]
pub(super) struct Workloads;

impl Source for Workloads {
    type Object = Workload;

    fn observe(&mut self, seat: &Seat, workload: &Workload, _gone: bool) -> Vec<Observation> {
        let uid = &workload.metadata.uid;
        let transitions = observe::transitions(workload).into_iter();
        transitions.map(|one| one.tell(seat, uid)).collect()
    }
}
