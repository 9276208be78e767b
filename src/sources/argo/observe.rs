//! What a Workflow's status says has happened to the Workflow itself. Pure.

use super::wire::{Nodes, Unseen, Workflow, progress};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// The nodes, or why they cannot be seen.
type Seen<'a> = Result<std::borrow::Cow<'a, Nodes>, Unseen>;

/// The transitions up to this state.
pub(super) fn transitions(
    seat: &Seat,
    workflow: &Workflow,
    nodes: &Seen<'_>,
    gone: bool,
) -> Vec<Transition> {
    let (meta, status) = (&workflow.metadata, &workflow.status);
    let action = seat.action();
    let created = meta.creation_timestamp.0;
    let mut found = Vec::new();
    if let Some(at) = created.filter(|_| seat.is_execution()) {
        found.push(Transition::new("Created", "create", at));
    }
    if let Some(at) = created.filter(|_| &*status.phase == "Pending") {
        let queued = Transition::new("Queued", "queue", at);
        found.push(queued.param("detail", &status.message));
    }
    let end = end(workflow, action).or_else(|| cancelled(workflow, gone));
    let attempt = attempt(status.started_at.0);
    let under_way = &*status.phase == "Running";
    let started = match status.started_at.0 {
        Some(at) => Some(at).filter(|_| under_way || end.is_some()),
        None => end.as_ref().map(Transition::at),
    };
    if let Some(at) = started {
        let start = Transition::new("ActionStart", action, at);
        found.push(start.of_part("", attempt));
        let ended = nodes.iter().flat_map(|nodes| nodes.values());
        let last = ended.filter_map(|node| node.finished_at.0).max();
        found.extend(rate(&status.progress, action, at, last));
    }
    found.extend(end.map(|end| end.of_part("", attempt)));
    found
}

/// How much is done, as one row whose count is that number.
pub(super) fn rate(
    text: &str,
    action: &str,
    since: Time,
    last: Option<Time>,
) -> Option<Transition> {
    let (done, total) = progress(text).filter(|(done, total)| *total > 1 && *done > 0)?;
    let progress = Transition::new("Progress", action, since)
        .times(done, last.unwrap_or(since))
        .param("done", &done.to_string())
        .param("total", &total.to_string());
    Some(progress)
}

/// That the nodes cannot be seen.
pub(super) fn unseen(workflow: &Workflow, nodes: &Seen<'_>) -> Option<Transition> {
    let unseen = nodes.as_ref().err()?;
    let since = workflow.status.started_at.0;
    let at = since.or(workflow.metadata.creation_timestamp.0)?;
    let gap = Transition::new("Gap", "", at).warning();
    Some(match unseen {
        Unseen::Offloaded => gap.param("keeper", "offloadNodeStatusVersion"),
        Unseen::Unreadable(error) => gap.param("detail", &error.to_string()),
    })
}

/// Which attempt it is: its start, for the engine does not number them.
pub(super) fn attempt(started: Option<Time>) -> u64 {
    started.map_or(0, |at| at.0.unsigned_abs())
}

/// Whether nothing more is told of its nodes.
pub(super) fn is_over(workflow: &Workflow) -> bool {
    matches!(&*workflow.status.phase, "Succeeded" | "Failed" | "Error")
}

/// When a Workflow that is over, or gone, was last heard of.
pub(super) fn closed(workflow: &Workflow, gone: bool) -> Option<Time> {
    let (meta, status) = (&workflow.metadata, &workflow.status);
    if is_over(workflow) {
        return status.finished_at.0.or(status.started_at.0);
    }
    let signs = || {
        let nodes = workflow.nodes().ok();
        let of_nodes = nodes.iter().flat_map(|nodes| nodes.values());
        let of_nodes = of_nodes.flat_map(|node| [node.started_at.0, node.finished_at.0]);
        let own = [meta.creation_timestamp.0, status.started_at.0];
        of_nodes.chain(own).flatten().max()
    };
    gone.then(|| meta.deletion_asked().or_else(signs)).flatten()
}

/// The terminal transition that the status tells.
fn end(workflow: &Workflow, action: &str) -> Option<Transition> {
    let (spec, status) = (&workflow.spec, &workflow.status);
    if !is_over(workflow) {
        return None;
    }
    let created = workflow.metadata.creation_timestamp.0;
    let at = status.finished_at.0.or(status.started_at.0).or(created)?;
    let end = match &*status.phase {
        "Succeeded" => Transition::new("SuccessfulFinish", action, at),
        "Error" => Transition::new("ErrorFinish", action, at).warning(),
        _ if !spec.shutdown.is_empty() => {
            let cancelled = Transition::new("Cancelled", "cancel", at);
            return Some(cancelled.why(&spec.shutdown, &status.message));
        }
        _ if timed_out(workflow) => Transition::new("TimedOut", "timeout", at).warning(),
        _ => Transition::new("FailedFinish", action, at).warning(),
    };
    Some(end.why("", &status.message))
}

/// Whether it has failed no earlier than it may run.
fn timed_out(workflow: &Workflow) -> bool {
    let limit = workflow.spec.active_deadline_seconds.unwrap_or(0);
    let status = &workflow.status;
    let (Some(start), Some(end)) = (status.started_at.0, status.finished_at.0) else {
        return false;
    };
    u64::try_from(limit).is_ok_and(|limit| limit > 0 && end.since(start).as_secs() >= limit)
}

/// Deleted before its end: when that was asked for, else its last sign of life.
fn cancelled(workflow: &Workflow, gone: bool) -> Option<Transition> {
    let at = closed(workflow, gone)?;
    Some(Transition::new("Cancelled", "cancel", at))
}
