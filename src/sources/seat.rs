//! Where an object sits: its execution, its element, and how the execution is called. Pure.

use super::object::{Kind, Meta};
use crate::model::{Correlation, ExecutionKey, InvolvedObject, Time};

/// Where an object sits. Decided at first sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    /// The execution that it belongs to.
    pub(super) execution: ExecutionKey,
    /// The execution as an object, shown by the rows that are derived for it.
    pub(super) subject: InvolvedObject,
    /// The engine's unique id of the element.
    pub(super) element: Box<str>,
    /// The element's name as shown.
    pub(super) elem_id: Box<str>,
    /// `<Engine>.<kind>` of the element.
    pub(super) elem_type: Box<str>,
}

impl Seat {
    /// Of an object that is an execution itself.
    pub(super) fn own(kind: Kind, namespace: &str, name: &str, uid: &str) -> Self {
        Self {
            execution: ExecutionKey::new(namespace, uid),
            subject: subject(kind.name(), namespace, name),
            element: uid.into(),
            elem_id: name.into(),
            elem_type: kind.elem_type().into(),
        }
    }

    /// The same execution, with an object as an element of its own.
    pub(super) fn beside(&self, kind: Kind, meta: &Meta) -> Self {
        Self {
            execution: self.execution.clone(),
            subject: self.subject.clone(),
            element: meta.uid.clone(),
            elem_id: meta.name.clone(),
            elem_type: kind.elem_type().into(),
        }
    }

    /// A part of the element that is an element of its own, though no object: a step, a task.
    pub(super) fn part(&self, element: &str, elem_id: &str, elem_type: &str) -> Self {
        Self {
            element: format!("{}/{element}", self.element).into(),
            elem_id: elem_id.into(),
            elem_type: elem_type.into(),
            ..self.clone()
        }
    }

    /// Whether the object is the execution itself.
    pub(super) fn is_execution(&self) -> bool {
        *self.element == *self.execution.id
    }

    /// The action that the element carries out.
    pub(super) fn action(&self) -> &'static str {
        if self.elem_type.ends_with(".init") {
            "create"
        } else {
            "run"
        }
    }

    /// As it is stored.
    pub(super) fn correlation(&self, uid: &str, now: Time) -> Correlation {
        Correlation {
            uid: uid.into(),
            execution: self.execution.clone(),
            element: self.element.clone(),
            elem_id: self.elem_id.clone(),
            elem_type: self.elem_type.clone(),
            seen: now,
        }
    }

    /// As it was stored. The execution's name is in the correlation of the execution itself; where that is gone,
    /// its id stands for the name.
    pub(super) fn learned(stored: &Correlation, execution: Option<&Correlation>) -> Self {
        let itself = execution.filter(|of| *of.element == *stored.execution.id);
        let (kind, name) = itself.map_or(("", &*stored.execution.id), |of| {
            let kind = of.elem_type.rsplit('.').next();
            (kind.unwrap_or_default(), &*of.elem_id)
        });
        Self {
            execution: stored.execution.clone(),
            subject: subject(kind, &stored.execution.tenant, name),
            element: stored.element.clone(),
            elem_id: stored.elem_id.clone(),
            elem_type: stored.elem_type.clone(),
        }
    }
}

/// An execution as an object.
pub(super) fn subject(kind: &str, namespace: &str, name: &str) -> InvolvedObject {
    InvolvedObject {
        kind: kind.into(),
        namespace: namespace.into(),
        name: name.into(),
    }
}
