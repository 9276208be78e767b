//! Pods: elements of the execution that their Job belongs to, or bare ones, each an execution of its own. Pure.
//!
//! The Pods of an engine that tells itself how their element fares add what befalls them, but neither its start nor
//! its end.
//!
//! A Pod that is deleted before its end is told to be cancelled. One that vanishes unseen, while no watcher runs,
//! stays open: nothing tells what became of it.

mod container;
mod observe;
mod wire;

#[cfg(test)]
mod tests;

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
        let transitions = if is_told_of(seat, pod) {
            observe::incidents(pod)
        } else {
            observe::transitions(seat, pod, gone)
        };
        transitions
            .into_iter()
            .map(|transition| transition.tell(seat, &pod.metadata.uid))
            .collect()
    }
}

/// Whether the Pod sits on an element of the engine that owns it.
fn is_told_of(seat: &Seat, pod: &Pod) -> bool {
    let Some((owner, _)) = pod.metadata.known_controller() else {
        return false;
    };
    let engine = seat.elem_type.split('.').next();
    owner.tells_of_pods() && engine == Some(owner.engine())
}
