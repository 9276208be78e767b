//! An Execution of ours, as far as it is read. Pure.

use serde::Deserialize;

use crate::crd::ExecutionSpec;
use crate::sources::object::{Meta, Stamp, or_default};

/// What the API server sends. It has checked `spec` against the definition.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::sources) struct Execution {
    pub(in crate::sources) metadata: Meta,
    pub(super) spec: ExecutionSpec,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) status: Status,
}

/// `status`, as the controller writes it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    #[serde(deserialize_with = "or_default")]
    pub(super) phase: Box<str>,
    pub(super) started_at: Stamp,
    pub(super) finished_at: Stamp,
}
