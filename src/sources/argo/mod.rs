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

use std::hash::{BuildHasher, Hash, RandomState};

use self::wire::Node;
pub(super) use self::wire::Workflow;
use super::Source;
use super::object::Meta;
use super::recent::Recent;
use super::seat::Seat;
use crate::model::Observation;

/// Progress numbers and silent Workflows that are remembered.
const REMEMBERED: usize = 16 * 1024;

/// Nodes whose last state is remembered.
const REMEMBERED_NODES: usize = 64 * 1024;

/// Turns Workflows into observations.
#[derive(Debug)]
pub(super) struct Workflows {
    /// By Workflow and node, how much was done when that was last told: the status does not say when, so an update
    /// that leaves a number as it was is no news of it.
    done: Recent<(Box<str>, Box<str>), u64>,
    /// By Workflow, whether its nodes could not be seen; only of those of which that was so once.
    mute: Recent<Box<str>, bool>,
    /// Of each node, a hash of what it was when it was told: of the thousands that a large Workflow has, an update
    /// changes a few.
    told: Recent<u64, u64>,
    hasher: RandomState,
}

impl Default for Workflows {
    fn default() -> Self {
        Self {
            done: Recent::new(REMEMBERED),
            mute: Recent::new(REMEMBERED),
            told: Recent::new(REMEMBERED_NODES),
            hasher: RandomState::new(),
        }
    }
}

impl Workflows {
    /// Whether the nodes of the Workflow of this uid were last not to be seen.
    pub(super) fn is_mute(&mut self, uid: &str) -> bool {
        self.mute.get(&Box::from(uid)).is_some_and(|mute| *mute)
    }

    /// Whether a node, and what around it says how it fares, is not as it was when it was told.
    fn has_changed(&mut self, uid: &str, id: &str, node: &Node, around: impl Hash) -> bool {
        let key = self.hasher.hash_one((uid, id));
        let state = self.hasher.hash_one((node, around));
        let known = self.told.get(&key).copied();
        self.told.insert(key, state);
        // A retry is told by the node's children.
        known != Some(state) || &*node.of == "Retry"
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
        let closed = observe::closed(workflow, &nodes, gone);
        let mut found = observe::transitions(seat, workflow, &nodes, closed);
        if nodes.is_err() || self.is_mute(uid) {
            self.mute.insert(uid.clone(), nodes.is_err());
        }
        found.extend(observe::unseen(workflow, &nodes));
        let tell = |transition: super::derive::Transition| transition.tell(seat, uid);
        let mut told: Vec<_> = found.into_iter().map(tell).collect();
        let Ok(nodes) = nodes else {
            return told;
        };
        for (id, node) in &*nodes {
            let around = (workflow.status.started_at.0, closed);
            if !self.has_changed(uid, id, node, around) {
                continue;
            }
            let of_node = node_seat(seat, id, node.shown(), &node.of);
            let mut transitions = node::transitions(workflow, &nodes, node, &of_node, closed);
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
    let (_, workflow) = meta.known_controller()?;
    let of = if of.is_empty() { "Pod" } else { of };
    Some(node_named(owner, &workflow.name, id, name, of))
}

/// The seat of the node that an Event of the Workflow of this name names.
pub(super) fn node_named(owner: &Seat, workflow: &str, id: &str, name: &str, of: &str) -> Seat {
    let shown = display::name(name, workflow);
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
