//! Executions of ours: they declare what to record, and their status says how they stand as a whole. Pure.
//!
//! The controller writes `status` from the rows of the elements; here the status' phase becomes the rows of the
//! execution itself, as for every other engine. That ends: the rows of the execution itself are none of an
//! element, so they do not change the phase. Where no elements are declared, the phase is itself made from the
//! execution's own rows, which whoever runs it has told, and nothing is derived.

mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::wire::Execution;
use super::Source;
use super::correlate::{Bound, Declared};
use super::derive::Transition;
use super::object::{Kind, fit_aliases};
use super::seat::Seat;
use crate::model::{ExecutionKey, Observation};

/// Turns Executions into observations.
#[derive(Debug, Default)]
pub(super) struct Executions;

impl Execution {
    /// Where it sits: it is an execution itself.
    pub(super) fn seat(&self) -> Seat {
        let meta = &self.metadata;
        let mut seat = Seat::own(Kind::Execution, &meta.namespace, &meta.name, &meta.uid);
        seat.elem_type = format!("{}.{}", self.spec.engine, Kind::Execution.name()).into();
        seat
    }

    /// Its other ids: those of the spec and of the annotation.
    pub(super) fn aliases(&self) -> Vec<Box<str>> {
        let noted = self.metadata.aliases();
        let declared = self.spec.aliases.iter().map(String::as_str);
        fit_aliases(declared.chain(noted.iter().map(|alias| &**alias)))
    }

    /// What it claims.
    pub(super) fn declared(&self) -> Declared {
        let (meta, spec) = (&self.metadata, &self.spec);
        let elements = spec.elements.iter();
        Declared {
            key: ExecutionKey::new(&meta.namespace, &meta.uid),
            name: meta.name.clone(),
            aliases: self.aliases(),
            elements: elements
                .map(|element| Bound::of(&spec.engine, element))
                .collect(),
        }
    }
}

impl Source for Executions {
    type Object = Execution;

    fn observe(&mut self, seat: &Seat, execution: &Execution, _gone: bool) -> Vec<Observation> {
        let (meta, status) = (&execution.metadata, &execution.status);
        let action = seat.action();
        let created = meta.creation_timestamp.0;
        let mut found = Vec::new();
        found.extend(created.map(|at| Transition::new("Created", "create", at)));
        let (started, ended) = if execution.spec.elements.is_empty() {
            (None, None)
        } else {
            (status.started_at.0, status.finished_at.0)
        };
        let end = ended.and_then(|at| match &*status.phase {
            "Succeeded" => Some(Transition::new("SuccessfulFinish", action, at)),
            "Failed" => Some(Transition::new("FailedFinish", action, at).warning()),
            "Error" => Some(Transition::new("ErrorFinish", action, at).warning()),
            "Cancelled" => Some(Transition::new("Cancelled", "cancel", at)),
            _ => None,
        });
        let started = started.or(end.as_ref().map(Transition::at));
        found.extend(started.map(|at| Transition::new("ActionStart", action, at)));
        found.extend(end);
        found
            .into_iter()
            .map(|transition| transition.tell(seat, &meta.uid))
            .collect()
    }
}
