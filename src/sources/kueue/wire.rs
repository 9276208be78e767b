//! A Workload of kueue.x-k8s.io/v1beta2 or v1beta1, as far as it is read: both versions have that alike. Pure.

use serde::Deserialize;

use crate::sources::object::{Meta, Stamp, or_default};

/// What the API server sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct Workload {
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
    #[serde(deserialize_with = "or_default")]
    pub(super) queue_name: Box<str>,
}

/// `status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    #[serde(deserialize_with = "or_default")]
    pub(super) conditions: Vec<Condition>,
    #[serde(deserialize_with = "or_default")]
    pub(super) scheduling_stats: Stats,
}

/// One of `status.conditions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Condition {
    #[serde(rename = "type")]
    pub(super) of: Box<str>,
    pub(super) status: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) last_transition_time: Stamp,
}

/// `status.schedulingStats`; older versions have none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stats {
    #[serde(deserialize_with = "or_default")]
    pub(super) evictions: Vec<Evictions>,
}

/// How often it was evicted for one reason.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Evictions {
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) count: u64,
}
