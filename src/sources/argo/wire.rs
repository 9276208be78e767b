//! A Workflow of argoproj.io, as far as it is read. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::unpack;
use crate::sources::object::{Meta, Stamp, or_default};

/// Nodes by id.
pub(super) type Nodes = BTreeMap<Box<str>, Node>;

/// What the API server sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct Workflow {
    pub(in crate::sources) metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub(super) spec: Spec,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: Status,
}

/// `spec`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spec {
    pub(super) active_deadline_seconds: Option<i64>,
    /// `Stop` or `Terminate`, once somebody wants that.
    #[serde(deserialize_with = "or_default")]
    pub(super) shutdown: Box<str>,
}

/// `status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    #[serde(deserialize_with = "or_default")]
    pub(super) phase: Box<str>,
    pub(super) started_at: Stamp,
    pub(super) finished_at: Stamp,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) progress: Box<str>,
    #[serde(deserialize_with = "or_default")]
    nodes: Nodes,
    #[serde(deserialize_with = "or_default")]
    compressed_nodes: Box<str>,
    #[serde(deserialize_with = "or_default")]
    offload_node_status_version: Box<str>,
}

/// One of `status.nodes`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Node {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) display_name: Box<str>,
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub(super) of: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) phase: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) started_at: Stamp,
    pub(super) finished_at: Stamp,
    #[serde(deserialize_with = "or_default")]
    pub(super) progress: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) children: Vec<Box<str>>,
    #[serde(deserialize_with = "or_default")]
    pub(super) node_flag: Flag,
}

/// `nodeFlag`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Flag {
    #[serde(deserialize_with = "or_default")]
    pub(super) hooked: bool,
}

/// Why the nodes cannot be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    /// The engine keeps them in its own database.
    Offloaded,
    /// They are compressed, and cannot be read.
    Unreadable(unpack::Error),
}

impl Workflow {
    /// The nodes, wherever the status has them.
    pub(super) fn nodes(&self) -> Result<Cow<'_, Nodes>, Unseen> {
        let status = &self.status;
        if !status.nodes.is_empty() {
            return Ok(Cow::Borrowed(&status.nodes));
        }
        if !status.compressed_nodes.is_empty() {
            let nodes = unpack::nodes(&status.compressed_nodes).map_err(Unseen::Unreadable)?;
            return Ok(Cow::Owned(nodes));
        }
        if !status.offload_node_status_version.is_empty() {
            return Err(Unseen::Offloaded);
        }
        Ok(Cow::Borrowed(&status.nodes))
    }
}

impl Node {
    /// The name that the author of the Workflow gave.
    pub(super) fn shown(&self) -> &str {
        if self.display_name.is_empty() {
            &self.name
        } else {
            &self.display_name
        }
    }
}

/// `n/m`: how much is done of how much.
pub(super) fn progress(text: &str) -> Option<(u64, u64)> {
    let (done, total) = text.split_once('/')?;
    Some((done.parse().ok()?, total.parse().ok()?))
}
