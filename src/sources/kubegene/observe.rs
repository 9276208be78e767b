//! What the status of a KubeGene Execution says has happened to it and to its vertices. Pure.
//!
//! | phase | rows |
//! |---|---|
//! | Running | ActionStart |
//! | Succeeded | ActionStart, SuccessfulFinish |
//! | Failed | ActionStart, FailedFinish |
//! | Error | ActionStart, ErrorFinish |

use super::wire::{Execution, Vertex};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// The transitions of the Execution itself up to this state.
pub(super) fn transitions(seat: &Seat, run: &Execution, gone: bool) -> Vec<Transition> {
    let (meta, status) = (&run.metadata, &run.status);
    let action = seat.action();
    let created = meta.creation_timestamp.0;
    let mut found = Vec::new();
    if let Some(at) = created.filter(|_| seat.is_execution()) {
        found.push(Transition::new("Created", "create", at));
    }
    let end = end(&status.phase, &status.message, action, ended(run)).or_else(|| {
        let asked = meta.deletion_asked().or_else(|| last_sign(run));
        let at = asked.filter(|_| gone && !is_over(&status.phase))?;
        Some(Transition::new("Cancelled", "cancel", at))
    });
    let started = status.started_at.0.or(end.as_ref().map(Transition::at));
    found.extend(started.map(|at| Transition::new("ActionStart", action, at)));
    found.extend(end);
    found
}

/// The step that makes the graph: done when the Execution starts.
pub(super) fn first_step(run: &Execution) -> Vec<Transition> {
    let created = run.metadata.creation_timestamp.0.into_iter();
    let start = created.map(|at| Transition::new("ActionStart", "create", at));
    let started = run.status.started_at.0.into_iter();
    let end = started.map(|at| Transition::new("SuccessfulFinish", "create", at));
    start.chain(end).collect()
}

/// The transitions of a vertex up to this state.
pub(super) fn vertex(run: &Execution, vertex: &Vertex) -> Vec<Transition> {
    let at = vertex.finished_at.0.or_else(|| ended(run));
    let end = end(&vertex.phase, &vertex.message, "run", at);
    // Without a time of its own, a start is told when the vertex has ended; until then its Job tells it.
    let started = vertex.started_at.0.or(end.as_ref().map(Transition::at));
    let start = started.map(|at| Transition::new("ActionStart", "run", at));
    start.into_iter().chain(end).collect()
}

fn is_over(phase: &str) -> bool {
    matches!(phase, "Succeeded" | "Failed" | "Error")
}

fn end(phase: &str, message: &str, action: &str, at: Option<Time>) -> Option<Transition> {
    let code = match phase {
        "Succeeded" => return Some(Transition::new("SuccessfulFinish", action, at?)),
        "Failed" => "FailedFinish",
        "Error" => "ErrorFinish",
        _ => return None,
    };
    let end = Transition::new(code, action, at?).warning();
    Some(end.why("", message))
}

/// When it ended; without a time of its own, when it was last heard of.
fn ended(run: &Execution) -> Option<Time> {
    run.status.finished_at.0.or_else(|| last_sign(run))
}

fn last_sign(run: &Execution) -> Option<Time> {
    let status = &run.status;
    let of_vertices = status.vertices.values();
    let of_vertices = of_vertices.flat_map(|one| [one.started_at.0, one.finished_at.0]);
    let own = [run.metadata.creation_timestamp.0, status.started_at.0];
    of_vertices.chain(own).flatten().max()
}
