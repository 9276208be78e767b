//! A Job of batch.volcano.sh/v1alpha1 and a JobFlow of flow.volcano.sh/v1alpha1, as far as they are read. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::sources::object::{Meta, Stamp, or_default};

/// A Job as the API server sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct Job {
    pub(in crate::sources) metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub(super) spec: JobSpec,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: JobStatus,
}

/// A Job's `spec`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JobSpec {
    #[serde(deserialize_with = "or_default")]
    pub(super) tasks: Vec<Task>,
    /// So many Pods are enough for the Job to be completed; only that it is there is read.
    #[serde(rename = "minSuccess")]
    pub(super) min_success: Option<serde::de::IgnoredAny>,
}

/// One of `spec.tasks`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Task {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: Box<str>,
    pub(super) replicas: Option<u64>,
    /// Only that it is there is read.
    #[serde(rename = "dependsOn")]
    pub(super) depends_on: Option<serde::de::IgnoredAny>,
}

/// A Job's `status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct JobStatus {
    #[serde(deserialize_with = "or_default")]
    pub(super) state: State,
    /// Every state so far, in order.
    #[serde(deserialize_with = "or_default")]
    pub(super) conditions: Vec<Condition>,
    #[serde(deserialize_with = "or_default")]
    pub(super) retry_count: u64,
    #[serde(deserialize_with = "or_default")]
    pub(super) task_status_count: BTreeMap<String, Counts>,
}

/// `status.state`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct State {
    #[serde(deserialize_with = "or_default")]
    pub(super) phase: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    pub(super) last_transition_time: Stamp,
}

/// One of `status.conditions`; `status` is a phase.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Condition {
    #[serde(deserialize_with = "or_default")]
    pub(super) status: Box<str>,
    pub(super) last_transition_time: Stamp,
}

/// Of one task, how many Pods are in which phase.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    #[serde(deserialize_with = "or_default")]
    phase: BTreeMap<String, u64>,
}

impl Counts {
    /// The Pods that have succeeded.
    pub(super) fn succeeded(&self) -> u64 {
        self.of("Succeeded")
    }

    /// Whether there is a Pod that runs or has run.
    pub(super) fn has_run(&self) -> bool {
        ["Running", "Succeeded", "Failed"].map(|phase| self.of(phase)) != [0; 3]
    }

    fn of(&self, phase: &str) -> u64 {
        self.phase.get(phase).copied().unwrap_or(0)
    }
}

/// A JobFlow as the API server sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::sources) struct JobFlow {
    pub(in crate::sources) metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub(super) spec: FlowSpec,
    #[serde(deserialize_with = "or_default")]
    pub(super) status: FlowStatus,
}

/// A JobFlow's `spec`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FlowSpec {
    /// Only their number is read.
    #[serde(deserialize_with = "or_default")]
    pub(super) flows: Vec<serde::de::IgnoredAny>,
}

/// A JobFlow's `status`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FlowStatus {
    #[serde(deserialize_with = "or_default")]
    pub(super) state: State,
    #[serde(deserialize_with = "or_default")]
    pub(super) job_status_list: Vec<FlowJob>,
    #[serde(deserialize_with = "or_default")]
    pub(super) completed_jobs: Vec<Box<str>>,
}

/// One of `status.jobStatusList`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FlowJob {
    #[serde(deserialize_with = "or_default")]
    pub(super) name: Box<str>,
    pub(super) start_timestamp: Stamp,
    pub(super) end_timestamp: Stamp,
}
