//! What a node's state says has happened to it. Pure.
//!
//! | phase | rows |
//! |---|---|
//! | Pending | Queued |
//! | Running | ActionStart |
//! | Succeeded | ActionStart, SuccessfulFinish |
//! | Failed | ActionStart, and FailedFinish, TimedOut or Cancelled |
//! | Error | ActionStart, ErrorFinish |
//! | Skipped, Omitted | Skipped, and no start |
//!
//! A node of type Retry is retried once for every child after the first; one of type Suspend is suspended from its
//! start to its end. A node that is still open when its Workflow is over or gone is cancelled with it: the engine
//! will not speak of it again.

use super::observe::{attempt, closed, rate};
use super::wire::{Node, Nodes, Workflow};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// How the engine, or the cluster, words it that a node ran longer than it may.
const TIMEOUTS: [&str; 2] = [
    "exceeded its deadline",
    "active on the node longer than the specified deadline",
];
/// How the engine words it that somebody has stopped the Workflow.
const SHUTDOWN: &str = "workflow shutdown with strategy";

/// The transitions up to this state.
pub(super) fn transitions(
    workflow: &Workflow,
    nodes: &Nodes,
    node: &Node,
    seat: &Seat,
    gone: bool,
) -> Vec<Transition> {
    let action = seat.action();
    let attempt = attempt(node.started_at.0);
    let mut found = Vec::new();
    let end = end(workflow, node, action);
    if let Ended::Skipped(skipped) = end {
        return skipped.into_iter().collect();
    }
    let end = match end {
        Ended::Finished(end) => end,
        _ => closed(workflow, gone).map(|at| Transition::new("Cancelled", "cancel", at)),
    };
    let running = &*node.phase == "Running";
    if &*node.phase == "Pending"
        && end.is_none()
        && let Some(at) = node.started_at.0
    {
        let queued = Transition::new("Queued", "queue", at);
        found.push(queued.param("detail", &node.message));
    }
    let started = match node.started_at.0 {
        Some(at) => Some(at).filter(|_| running || end.is_some()),
        None => end.as_ref().map(Transition::at),
    };
    found.extend(started.map(|at| Transition::new("ActionStart", action, at)));
    if let Some(at) = started.filter(|_| &*node.of == "Suspend") {
        found.push(Transition::new("Suspended", "suspend", at));
        let resumed = node.finished_at.0.filter(|_| &*node.phase == "Succeeded");
        found.extend(resumed.map(|at| Transition::new("Resumed", "resume", at)));
    }
    found.extend(end);
    let mut found: Vec<_> = found
        .into_iter()
        .map(|one| one.of_part("", attempt))
        .collect();
    found.extend(retries(nodes, node));
    found
}

/// How far the work of a node that does some has come, and the row of it.
pub(super) fn progress(workflow: &Workflow, node: &Node) -> Option<(u64, Transition)> {
    // That of a DAG or of steps is the sum of others'.
    if !matches!(&*node.of, "Pod" | "Container" | "HTTP" | "Plugin") {
        return None;
    }
    let start = node.started_at.0?;
    let last = node.finished_at.0.or(workflow.metadata.status_written());
    let progress = rate(&node.progress, "run", start, last)?;
    let (done, _) = super::wire::progress(&node.progress)?;
    Some((done, progress))
}

enum Ended {
    /// Not yet.
    No,
    /// It never started.
    Skipped(Option<Transition>),
    /// It has; without a transition if there is no time at all.
    Finished(Option<Transition>),
}

fn end(workflow: &Workflow, node: &Node, action: &str) -> Ended {
    // The end of a node never depends on what happens to the Workflow later, or it would be told twice.
    let begun = workflow.status.started_at.0;
    let since = begun.or(workflow.metadata.creation_timestamp.0);
    let started = node.started_at.0;
    let told = |code, action: &str, at: Option<Time>| Some(Transition::new(code, action, at?));
    let at = node.finished_at.0.or(started).or(since);
    let said = |end: Option<Transition>| {
        Ended::Finished(end.map(|end| end.warning().why(&node.phase, &node.message)))
    };
    match &*node.phase {
        "Succeeded" => Ended::Finished(told("SuccessfulFinish", action, at)),
        "Error" => said(told("ErrorFinish", action, at)),
        "Failed" if node.message.starts_with(SHUTDOWN) => {
            let cancelled = told("Cancelled", "cancel", at);
            Ended::Finished(cancelled.map(|end| end.why(&node.phase, &node.message)))
        }
        "Failed" if TIMEOUTS.iter().any(|text| node.message.contains(text)) => {
            said(told("TimedOut", "timeout", at))
        }
        "Failed" => said(told("FailedFinish", action, at)),
        "Skipped" | "Omitted" => {
            let at = started.or(node.finished_at.0).or(since);
            let skipped = told("Skipped", "skip", at);
            Ended::Skipped(skipped.map(|one| one.why(&node.phase, &node.message)))
        }
        _ => Ended::No,
    }
}

/// The attempts after the first, as one row.
fn retries(nodes: &Nodes, node: &Node) -> Option<Transition> {
    if &*node.of != "Retry" {
        return None;
    }
    let children = node.children.iter().filter_map(|id| nodes.get(id));
    let attempts: Vec<&Node> = children.filter(|one| !one.node_flag.hooked).collect();
    let again = attempts.get(1..).filter(|again| !again.is_empty())?;
    let at = |of: &Node| of.started_at.0.or(node.started_at.0);
    let (first, last) = (at(again.first()?)?, at(again.last()?)?);
    let why = attempts.get(attempts.len() - 2)?;
    let retrying = Transition::new("Retrying", "retry", first)
        .times(again.len() as u64, last)
        .param("attempt", &attempts.len().to_string())
        .why(&why.phase, &why.message);
    Some(retrying.warning())
}
