//! A Pod of core/v1, as far as it is read. Pure.

use serde::Deserialize;

use crate::sources::object::{Meta, Stamp, or_default};

/// What the API server sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct Pod {
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
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) start_time: Stamp,
    #[serde(deserialize_with = "or_default")]
    pub(super) conditions: Vec<Condition>,
    #[serde(deserialize_with = "or_default")]
    pub(super) container_statuses: Vec<Container>,
    #[serde(deserialize_with = "or_default")]
    pub(super) init_container_statuses: Vec<Container>,
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

/// One of `status.containerStatuses`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Container {
    pub(super) name: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) restart_count: u64,
    #[serde(deserialize_with = "or_default")]
    pub(super) state: State,
    #[serde(deserialize_with = "or_default")]
    pub(super) last_state: State,
}

/// Where a container is, or was before it was restarted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct State {
    pub(super) waiting: Option<Waiting>,
    pub(super) running: Option<Running>,
    pub(super) terminated: Option<Terminated>,
}

/// Not started.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Waiting {
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
}

/// Running.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Running {
    pub(super) started_at: Stamp,
}

/// Ended.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Terminated {
    #[serde(deserialize_with = "or_default")]
    pub(super) exit_code: i64,
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) finished_at: Stamp,
}
