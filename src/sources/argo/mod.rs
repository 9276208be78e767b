//! Argo Workflows: each Workflow is an execution, each node of its status an element. Pure.
//!
//! ```text
//! Workflow.status ─ nodes | compressedNodes ──► node.rs      one element for each node, by the node's id
//!                 └ offloadNodeStatusVersion ─► a gap row: the nodes are in the engine's own database
//! Pods, and Events that name a node ──────────► the element of that node
//! ```
//!
//! Nodes are told from any state that comes after their transitions, so one that is first seen at its end has a
//! start and an end all the same. The engine's `retry` of a whole Workflow starts the same nodes again: an attempt
//! is known by its start.

mod display;
mod node;
mod observe;
mod unpack;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::wire::Workflow;
use super::Source;
use super::object::Meta;
use super::recent::Recent;
use super::seat::Seat;
use crate::model::Observation;

/// Progress numbers and silent Workflows that are remembered.
const REMEMBERED: usize = 16 * 1024;

/// Turns Workflows into observations.
#[derive(Debug)]
pub(super) struct Workflows {
    /// By Workflow and node, how much was done when that was last told: the status does not say when, so an update
    /// that leaves a number as it was is no news of it.
    done: Recent<(Box<str>, Box<str>), u64>,
    /// Workflows whose nodes cannot be seen.
    mute: Recent<Box<str>, ()>,
}

impl Default for Workflows {
    fn default() -> Self {
        Self {
            done: Recent::new(REMEMBERED),
            mute: Recent::new(REMEMBERED),
        }
    }
}

impl Workflows {
    /// Whether the nodes of the Workflow of this uid were last not to be seen.
    pub(super) fn is_mute(&mut self, uid: &str) -> bool {
        self.mute.get(&Box::from(uid)).is_some()
    }

    /// Whether this much was not told yet of a node.
    fn is_news(&mut self, uid: &str, node: &str, done: u64) -> bool {
        let key = (Box::from(uid), Box::from(node));
        let known = self.done.get(&key).copied();
        if known != Some(done) {
            self.done.insert(key, done);
        }
        known != Some(done)
    }
}

impl Source for Workflows {
    type Object = Workflow;

    fn observe(&mut self, seat: &Seat, workflow: &Workflow, gone: bool) -> Vec<Observation> {
        let uid = &workflow.metadata.uid;
        let nodes = workflow.nodes();
        let mut found = observe::transitions(seat, workflow, &nodes, gone);
        let unseen = observe::unseen(workflow, &nodes);
        if unseen.is_some() {
            self.mute.insert(uid.clone(), ());
        }
        found.extend(unseen);
        let tell = |transition: super::derive::Transition| transition.tell(seat, uid);
        let mut told: Vec<_> = found.into_iter().map(tell).collect();
        let Ok(nodes) = nodes else {
            return told;
        };
        for (id, node) in &*nodes {
            let of_node = node_seat(seat, id, node.shown(), &node.of);
            let mut transitions = node::transitions(workflow, &nodes, node, &of_node, gone);
            let progress = node::progress(workflow, node);
            let news = progress.filter(|(done, _)| self.is_news(uid, id, *done));
            transitions.extend(news.map(|(_, progress)| progress));
            told.extend(transitions.into_iter().map(|one| one.tell(&of_node, uid)));
        }
        told
    }
}

/// The seat of a Pod that runs a node of the Workflow that sits on `owner`; `None` if it does not say which.
pub(super) fn node_of(owner: &Seat, meta: &Meta) -> Option<Seat> {
    let (id, name, of) = meta.argo_node()?;
    let of = if of.is_empty() { "Pod" } else { of };
    Some(node_named(owner, id, name, of))
}

/// The seat of the node that an Event of the Workflow names.
pub(super) fn node_named(owner: &Seat, id: &str, name: &str, of: &str) -> Seat {
    let shown = display::name(name, &owner.subject.name);
    let shown = if shown.is_empty() { id } else { shown };
    node_seat(owner, id, shown, of)
}

fn node_seat(owner: &Seat, id: &str, shown: &str, of: &str) -> Seat {
    let of = if of.is_empty() { "Node" } else { of };
    Seat {
        element: id.into(),
        elem_id: if shown.is_empty() { id } else { shown }.into(),
        elem_type: format!("Argo.{of}").into(),
        ..owner.clone()
    }
}
