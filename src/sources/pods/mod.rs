//! Pods: elements of the execution that their Job belongs to, or bare ones, each an execution of its own. Pure.
//!
//! A Pod that is deleted before its end is told to be cancelled. One that vanishes unseen, while no watcher runs,
//! stays open: nothing tells what became of it.

mod container;
mod observe;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::observe::Readiness;
pub(super) use self::wire::Pod;
use super::Source;
use super::seat::Seat;
use crate::model::Observation;

/// Turns Pods into observations.
#[derive(Debug, Default)]
pub(super) struct Pods;

impl Source for Pods {
    type Object = Pod;

    fn observe(&mut self, seat: &Seat, pod: &Pod, gone: bool) -> Vec<Observation> {
        let transitions = observe::transitions(seat, pod, gone);
        transitions
            .into_iter()
            .map(|transition| transition.tell(seat, &pod.metadata.uid))
            .collect()
    }
}
