//! What a container's status says has happened to it. Pure.

use super::wire::{Container, Terminated};
use crate::model::Time;
use crate::sources::derive::Transition;

/// kubelet's reasons for a container that waits for an image it does not get.
const NO_IMAGE: [&str; 6] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ErrRegistryUnavailable",
    "RegistryUnavailable",
];

/// The transitions up to this state. `part` is its field path, `waits_since` the time of one that only waits.
pub(super) fn transitions(
    part: &str,
    container: &Container,
    waits_since: Option<Time>,
) -> Vec<Transition> {
    let restarts = container.restart_count;
    let before = container.last_state.terminated.as_ref();
    let mut found = Vec::new();
    let restarted = before
        .and_then(|ended| ended.finished_at.0)
        .or_else(|| container.state.running.as_ref()?.started_at.0)
        .or(waits_since);
    if let Some(at) = restarted.filter(|_| restarts > 0) {
        let mut retrying = Transition::new("Retrying", "retry", at)
            .warning()
            .times(restarts, at)
            .of_part(part, 0)
            .param("attempt", &restarts.saturating_add(1).to_string());
        if let Some(ended) = before {
            retrying = retrying.because(&ended.reason, &sentence(&container.name, ended));
        }
        found.push(retrying);
    }
    // The run before the last restart, and the present one: each is a run of its own, whenever it is seen.
    let present = container.state.terminated.as_ref();
    let runs = [
        (before.filter(|_| restarts > 0), restarts.saturating_sub(1)),
        (present, restarts),
    ];
    for (ended, run) in runs {
        let killed = ended.filter(|ended| &*ended.reason == "OOMKilled");
        if let Some((at, ended)) = killed.and_then(|ended| Some((ended.finished_at.0?, ended))) {
            let killed = Transition::new("OOMKilled", "run", at).warning();
            let killed = killed.because(&ended.reason, &sentence(&container.name, ended));
            found.push(killed.of_part(part, run));
        }
    }
    let waiting = container.state.waiting.as_ref();
    let waiting = waiting.filter(|waiting| NO_IMAGE.contains(&&*waiting.reason));
    if let (Some(waiting), Some(at)) = (waiting, waits_since) {
        let failed = Transition::new("ImagePullFailed", "run", at).warning();
        let failed = failed.because(&waiting.reason, &waiting.message);
        found.push(failed.of_part(part, 0));
    }
    found
}

/// What is known of how a container ended, on one line.
pub(super) fn sentence(name: &str, ended: &Terminated) -> String {
    let Terminated {
        exit_code,
        reason,
        message,
        ..
    } = ended;
    let words = [reason, message].map(|text| text.trim());
    let words: Vec<_> = words.into_iter().filter(|text| !text.is_empty()).collect();
    let why = words.join(": ");
    if why.is_empty() {
        format!("{name} exit {exit_code}")
    } else {
        format!("{name} exit {exit_code}: {why}")
    }
}
