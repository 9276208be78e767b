//! A Job of batch/v1, as far as it is read. Pure.

use serde::Deserialize;

use crate::sources::object::{Meta, Stamp, or_default};

/// What the API server sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct Job {
    pub(in crate::sources) metadata: Meta,
    pub(super) spec: Spec,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: Status,
}

/// `spec`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Spec {
    pub(super) completions: Option<u64>,
    pub(super) parallelism: Option<u64>,
    pub(super) backoff_limit: Option<u64>,
}

/// `status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    pub(super) start_time: Stamp,
    pub(super) completion_time: Stamp,
    #[serde(deserialize_with = "or_default")]
    pub(super) active: u64,
    #[serde(deserialize_with = "or_default")]
    pub(super) succeeded: u64,
    #[serde(deserialize_with = "or_default")]
    pub(super) failed: u64,
    #[serde(deserialize_with = "or_default")]
    pub(super) conditions: Vec<Condition>,
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

impl Job {
    /// Whether it is meant to have more than one Pod, but for retries.
    pub(super) fn has_many(&self) -> bool {
        let spec = &self.spec;
        spec.completions.max(spec.parallelism).unwrap_or(1) > 1
    }
}

impl Status {
    /// Whether it is or was suspended.
    pub(super) fn was_suspended(&self) -> bool {
        self.conditions.iter().any(|one| &*one.of == "Suspended")
    }

    /// The Pods that were created: those that are there, and those that have ended. One that was removed before its
    /// end is not counted.
    pub(super) fn created(&self) -> u64 {
        let ended = self.failed.saturating_add(self.succeeded);
        self.active.saturating_add(ended)
    }

    /// The condition of this type and status.
    pub(super) fn condition(&self, of: &str, status: &str) -> Option<&Condition> {
        self.conditions
            .iter()
            .find(|condition| &*condition.of == of && &*condition.status == status)
    }
}
