//! Kubernetes Events, core/v1 only: both groups show the same objects, and watching both would see each twice.
//!
//! Events enrich a history: whether an element has started or ended is read from its status, for Events are best
//! effort. That an Event is deleted, by its age usually, changes nothing. Pure.

mod sighting;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub(super) use self::sighting::Sighting;
use super::object::Kind;
use super::seat::Seat;
use super::{Source, argo};
use crate::model::{
    Body, EventType, InvolvedObject, Key, MessageKey, Observation, Origin, Policy, Telling,
};

/// Turns Events into observations.
#[derive(Debug)]
pub(super) struct Events {
    cluster: Box<str>,
}

impl Events {
    /// For the cluster of this id.
    pub(super) fn new(cluster: &str) -> Self {
        Self {
            cluster: cluster.into(),
        }
    }
}

impl Source for Events {
    type Object = Sighting;

    fn observe(&mut self, seat: &Seat, event: &Sighting, _gone: bool) -> Vec<Observation> {
        let of_node = node(seat, event);
        let seat = of_node.as_ref().unwrap_or(seat);
        let key = Key {
            element: seat.element.clone(),
            elem_type: seat.elem_type.clone(),
            action: event.action.clone(),
            event_type: EventType::from_text(&event.event_type),
            code: event.code().into(),
            involved_uid: event.involved.uid.clone(),
            field_path: event.involved.field_path.clone(),
            message: MessageKey::of(&event.message),
        };
        let body = Body {
            reason: event.reason.clone(),
            message: event.message.clone(),
            elem_id: seat.elem_id.clone(),
            namespace: event.namespace.clone(),
            involved: InvolvedObject {
                kind: event.involved.kind.clone(),
                namespace: event.involved.namespace.clone(),
                name: event.involved.name.clone(),
            },
            reporter: event.reporter.clone(),
            at_least: event.at_least,
            ..Body::default()
        };
        vec![Observation::Event(Telling {
            execution: seat.execution.clone(),
            key: Arc::new(key),
            policy: Policy::Fold,
            origin: Origin::of_event(&self.cluster, &event.namespace, &event.name, event.first),
            count: event.count,
            first: event.first,
            last: event.last,
            name: Arc::from(&*event.name),
            body: Arc::new(body),
            digests: None,
        })]
    }
}

/// The element that an Event of an Argo Workflow is about, if it names one.
fn node(seat: &Seat, event: &Sighting) -> Option<Seat> {
    let involved = &event.involved;
    let [id, name, of] = event.node.as_ref()?;
    let kind = Kind::of(&involved.api_version, &involved.kind)?;
    (kind == Kind::Workflow).then(|| argo::node_named(seat, &involved.name, id, name, of))
}
