//! A PipelineRun or TaskRun of tekton.dev/v1, or a CustomRun of v1beta1, as far as it is read. Pure.
//!
//! Their statuses are of one shape, so one type reads them all: a TaskRun has no skipped tasks, a CustomRun no steps.

use serde::Deserialize;

use crate::sources::object::{Meta, Stamp, or_default};

/// What the API server sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct Run {
    pub(in crate::sources) metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: Status,
}

/// `status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(flatten)]
    pub(super) attempt: Attempt,
    /// The attempts before this one, as they ended.
    #[serde(rename = "retriesStatus", deserialize_with = "or_default")]
    pub(super) before: Vec<Attempt>,
    #[serde(rename = "skippedTasks", deserialize_with = "or_default")]
    pub(super) skipped: Vec<Skipped>,
}

/// One attempt of a run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Attempt {
    pub(super) start_time: Stamp,
    pub(super) completion_time: Stamp,
    #[serde(deserialize_with = "or_default")]
    pub(super) conditions: Vec<Condition>,
    #[serde(deserialize_with = "or_default")]
    pub(super) steps: Vec<Step>,
}

impl Attempt {
    /// The condition that tells how it stands.
    pub(super) fn succeeded(&self) -> Option<&Condition> {
        self.conditions.iter().find(|one| &*one.of == "Succeeded")
    }
}

/// One of `conditions`.
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

/// One of `skippedTasks`: a task that has no run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Skipped {
    pub(super) name: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
}

/// One of `steps`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Step {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) termination_reason: Box<str>,
    pub(super) running: Option<Running>,
    pub(super) terminated: Option<Terminated>,
}

/// A step that runs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Running {
    pub(super) started_at: Stamp,
}

/// A step that has ended.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Terminated {
    #[serde(deserialize_with = "or_default")]
    pub(super) exit_code: i64,
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) started_at: Stamp,
    pub(super) finished_at: Stamp,
}
