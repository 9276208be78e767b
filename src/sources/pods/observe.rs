//! What a Pod's status says has happened to it. Pure.

use super::container;
use super::wire::{Condition, Container, Pod};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// The condition of a Pod that the cluster has ended; its reason says who did.
const DISRUPTED: &str = "DisruptionTarget";

/// Whether a Pod can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sources) enum Readiness {
    /// It is not there yet.
    Coming,
    /// Since then.
    Ready(Time),
    /// It has ended, and why.
    Ended(Time, String),
}

impl Pod {
    /// Whether it can be used, or could: one that is being deleted is no longer ready, but it runs only if it has been.
    pub(in crate::sources) fn readiness(&self, deleting: bool) -> Readiness {
        let ready = condition(self, "Ready");
        if let Some(ready) = ready.filter(|one| &*one.status == "True") {
            let at = ready.last_transition_time.0.or_else(|| last_sign(self));
            return at.map_or(Readiness::Coming, Readiness::Ready);
        }
        match (&*self.status.phase, finished(self), last_sign(self)) {
            ("Failed" | "Succeeded", Some(at), _) => {
                let (reason, message) = failure(self);
                let why = [reason, message]
                    .into_iter()
                    .filter(|text| !text.is_empty());
                let why = why.collect::<Vec<_>>().join(": ");
                let why = if why.is_empty() {
                    "Pod has ended".into()
                } else {
                    why
                };
                Readiness::Ended(at, why)
            }
            ("Running", _, Some(at)) if deleting => Readiness::Ready(at),
            _ => Readiness::Coming,
        }
    }
}

/// The transitions up to this state.
pub(super) fn transitions(seat: &Seat, pod: &Pod, gone: bool) -> Vec<Transition> {
    let (meta, status) = (&pod.metadata, &pod.status);
    let action = seat.action();
    let mut found = Vec::new();
    if let Some(at) = meta.creation_timestamp.0.filter(|_| seat.is_execution()) {
        found.push(Transition::new("Created", "create", at));
    }
    let end = end(pod, action, gone);
    let started = match &*status.phase {
        "" | "Pending" => None,
        _ => status.start_time.0.or(meta.creation_timestamp.0),
    };
    if let Some(at) = started.or(end.as_ref().map(Transition::at)) {
        found.push(Transition::new("ActionStart", action, at));
    }
    found.extend(disruption(pod));
    let waits_since = waits_since(pod);
    for (part, container) in parts(pod) {
        found.extend(container::transitions(&part, container, waits_since));
    }
    found.extend(end);
    found
}

/// The one terminal transition, if there is one.
fn end(pod: &Pod, action: &str, gone: bool) -> Option<Transition> {
    let (meta, status) = (&pod.metadata, &pod.status);
    match &*status.phase {
        "Succeeded" => Some(Transition::new("SuccessfulFinish", action, finished(pod)?)),
        "Failed" => {
            let (code, action) = if &*status.reason == "DeadlineExceeded" {
                ("TimedOut", "timeout")
            } else {
                ("FailedFinish", action)
            };
            let finish = Transition::new(code, action, finished(pod)?).warning();
            let (reason, message) = failure(pod);
            Some(finish.because(&reason, &message))
        }
        _ if gone => {
            let at = meta.deletion_asked().or_else(|| last_sign(pod))?;
            Some(Transition::new("Cancelled", "cancel", at))
        }
        _ => None,
    }
}

/// Why it failed: the status' own reason, else that of the container that failed first.
fn failure(pod: &Pod) -> (String, String) {
    let status = &pod.status;
    if !status.reason.is_empty() || !status.message.is_empty() {
        return (status.reason.to_string(), status.message.to_string());
    }
    let ended = containers(pod).filter_map(|container| {
        let terminated = container.state.terminated.as_ref()?;
        (terminated.exit_code != 0).then_some((container, terminated))
    });
    let first = ended.min_by_key(|(_, terminated)| terminated.finished_at.0);
    first.map_or_else(Default::default, |(container, terminated)| {
        (
            terminated.reason.to_string(),
            container::sentence(&container.name, terminated),
        )
    })
}

/// When its last container ended; of a Pod that never had one, when its conditions last changed.
fn finished(pod: &Pod) -> Option<Time> {
    let ended =
        containers(pod).filter_map(|container| container.state.terminated.as_ref()?.finished_at.0);
    ended.max().or_else(|| last_sign(pod))
}

fn last_sign(pod: &Pod) -> Option<Time> {
    let status = &pod.status;
    let conditions = status.conditions.iter();
    let changed = conditions.filter_map(|condition| condition.last_transition_time.0);
    let since = [status.start_time.0, pod.metadata.creation_timestamp.0];
    changed.chain(since.into_iter().flatten()).max()
}

/// Evicted or preempted, by its condition; kubelet's evictions stand in the status' reason.
fn disruption(pod: &Pod) -> Option<Transition> {
    let status = &pod.status;
    let disrupted = condition(pod, DISRUPTED).filter(|one| &*one.status == "True");
    let at = disrupted
        .and_then(|one| one.last_transition_time.0)
        .or_else(|| finished(pod))?;
    if &*status.reason == "Evicted" {
        let evicted = Transition::new("Evicted", "evict", at).warning();
        return Some(evicted.because(&status.reason, &status.message));
    }
    let disrupted = disrupted?;
    let (code, action) = match &*disrupted.reason {
        "PreemptionByScheduler" => ("Preempted", "preempt"),
        // The collector of orphaned Pods: nobody was put out, the node is gone.
        "DeletionByPodGC" => return None,
        _ => ("Evicted", "evict"),
    };
    let put_out = Transition::new(code, action, at).warning();
    Some(put_out.because(&disrupted.reason, &disrupted.message))
}

/// Since when it is not ready: the status does not say since when a container waits.
fn waits_since(pod: &Pod) -> Option<Time> {
    condition(pod, "ContainersReady")
        .and_then(|one| one.last_transition_time.0)
        .or(pod.status.start_time.0)
        .or(pod.metadata.creation_timestamp.0)
}

fn condition<'a>(pod: &'a Pod, of: &str) -> Option<&'a Condition> {
    pod.status.conditions.iter().find(|one| &*one.of == of)
}

fn containers(pod: &Pod) -> impl Iterator<Item = &Container> {
    let status = &pod.status;
    status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses)
}

/// Containers, with their field paths as Events write them.
fn parts(pod: &Pod) -> impl Iterator<Item = (String, &Container)> {
    let init = pod.status.init_container_statuses.iter();
    let init = init.map(|one| (format!("spec.initContainers{{{}}}", one.name), one));
    let main = pod.status.container_statuses.iter();
    init.chain(main.map(|one| (format!("spec.containers{{{}}}", one.name), one)))
}
