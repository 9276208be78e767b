//! KubeGene: each of its Executions is one of ours, each vertex of its graph an element. Pure.
//!
//! A vertex is a batch Job that the engine made, and has its name: `<execution>.<task>.<index>`. Both tell of the
//! element, for neither tells all. The vertex outlives the Job, but has no time of a failure, stays Running when a
//! sibling fails, and is not shown before its Job was seen; the Job has the times and the retries. Both tell as one
//! and the same origin, so that nothing counts twice: the row has the earlier and the later time of the two.

mod observe;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::wire::Execution;
use super::Source;
use super::object::{Kind, Meta};
use super::seat::Seat;
use crate::model::Observation;

/// `elemType` of a vertex.
const VERTEX: &str = "KubeDAG.job";

/// Turns KubeGene's Executions into observations.
#[derive(Debug, Default)]
pub(super) struct Runs;

impl Source for Runs {
    type Object = Execution;

    fn observe(&mut self, seat: &Seat, run: &Execution, gone: bool) -> Vec<Observation> {
        let uid = &run.metadata.uid;
        let own = observe::transitions(seat, run, gone).into_iter();
        let mut told: Vec<_> = own.map(|one| one.tell(seat, uid)).collect();
        let first = first_step(seat);
        let making = observe::first_step(run).into_iter();
        told.extend(making.map(|one| one.tell(&first, uid)));
        for (id, vertex) in &run.status.vertices {
            let of_vertex = named(seat, &run.metadata.name, id);
            let found = observe::vertex(run, vertex).into_iter();
            told.extend(found.map(|one| one.tell(&of_vertex, uid)));
        }
        told
    }
}

/// The seat of a Job that is a vertex of the Execution that sits on `owner`.
pub(super) fn vertex_of(owner: &Seat, job: &Meta) -> Seat {
    let of = job.known_controller().map(|(_, owner)| &*owner.name);
    named(owner, of.unwrap_or_default(), &job.name)
}

/// The uid of the Execution that tells of the same element as a Job on this seat.
pub(super) fn teller<'a>(seat: &Seat, job: &'a Meta) -> Option<&'a str> {
    let (kind, owner) = job.known_controller()?;
    let is_vertex = kind == Kind::Kubegene && &*seat.elem_type == VERTEX;
    (is_vertex && seat.element == job.name).then_some(&*owner.uid)
}

fn named(owner: &Seat, execution: &str, id: &str) -> Seat {
    Seat {
        element: id.into(),
        elem_id: task(execution, id).into(),
        elem_type: VERTEX.into(),
        ..owner.clone()
    }
}

/// The step in which the engine makes the graph.
fn first_step(owner: &Seat) -> Seat {
    Seat {
        element: "init".into(),
        elem_id: "init".into(),
        elem_type: "KubeDAG.init".into(),
        ..owner.clone()
    }
}

/// A task's name as its author wrote it; of a task that is run more than once, those after the first with their
/// number.
fn task<'a>(execution: &str, id: &'a str) -> &'a str {
    let own = id
        .strip_prefix(execution)
        .and_then(|rest| rest.strip_prefix('.'));
    let own = own.filter(|own| !own.is_empty()).unwrap_or(id);
    own.strip_suffix(".0").unwrap_or(own)
}
