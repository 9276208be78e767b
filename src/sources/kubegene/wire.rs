//! An Execution of execution.kubegene.io, as far as it is read. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::sources::object::{Meta, Stamp, or_default};

/// What the API server sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct Execution {
    pub(in crate::sources) metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: Status,
}

/// `status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    #[serde(deserialize_with = "or_default")]
    pub(super) phase: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) started_at: Stamp,
    pub(super) finished_at: Stamp,
    #[serde(deserialize_with = "or_default")]
    pub(super) vertices: BTreeMap<Box<str>, Vertex>,
}

/// One of `status.vertices`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Vertex {
    #[serde(deserialize_with = "or_default")]
    pub(super) phase: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) started_at: Stamp,
    pub(super) finished_at: Stamp,
}
