//! The kinds that are watched: where they are, how they are called, how they are read. Pure.

use serde::{Deserialize, Serialize};

use super::desk::Incoming;
use super::events::Sighting;
use super::object::Kind;
use super::objects::Object;
use super::scope::Engine;

/// The kinds that are watched, in the order in which they are listed at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub(super) enum Watched {
    Executions,
    Workflows,
    Kubegene,
    PipelineRuns,
    CustomRuns,
    TaskRuns,
    JobFlows,
    VolcanoJobs,
    Jobs,
    Pods,
    Workloads,
    Events,
}

impl Watched {
    pub(super) const ALL: [Self; 12] = [
        Self::Executions,
        Self::Workflows,
        Self::Kubegene,
        Self::PipelineRuns,
        Self::CustomRuns,
        Self::TaskRuns,
        Self::JobFlows,
        Self::VolcanoJobs,
        Self::Jobs,
        Self::Pods,
        Self::Workloads,
        Self::Events,
    ];

    /// Where the API server has them, in all namespaces; the version that is preferred first.
    pub(super) const fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Executions => &["/apis/dagtrail.dev/v1alpha1/executions"],
            Self::Workflows => &["/apis/argoproj.io/v1alpha1/workflows"],
            Self::Kubegene => &["/apis/execution.kubegene.io/v1alpha1/executions"],
            Self::PipelineRuns => &["/apis/tekton.dev/v1/pipelineruns"],
            Self::CustomRuns => &["/apis/tekton.dev/v1beta1/customruns"],
            Self::TaskRuns => &["/apis/tekton.dev/v1/taskruns"],
            Self::JobFlows => &["/apis/flow.volcano.sh/v1alpha1/jobflows"],
            Self::VolcanoJobs => &["/apis/batch.volcano.sh/v1alpha1/jobs"],
            Self::Jobs => &["/apis/batch/v1/jobs"],
            Self::Pods => &["/api/v1/pods"],
            Self::Workloads => &[
                "/apis/kueue.x-k8s.io/v1beta2/workloads",
                "/apis/kueue.x-k8s.io/v1beta1/workloads",
            ],
            Self::Events => &["/api/v1/events"],
        }
    }

    /// Whose it is; none of Kubernetes' own kinds and of ours.
    pub(super) const fn engine(self) -> Option<Engine> {
        match self {
            Self::Executions | Self::Jobs | Self::Pods | Self::Events => None,
            Self::Workflows => Some(Engine::Argo),
            Self::Kubegene => Some(Engine::Kubegene),
            Self::PipelineRuns | Self::CustomRuns | Self::TaskRuns => Some(Engine::Tekton),
            Self::JobFlows | Self::VolcanoJobs => Some(Engine::Volcano),
            Self::Workloads => Some(Engine::Kueue),
        }
    }

    /// As metrics and logs call them.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Executions => "executions",
            Self::Workflows => "workflows",
            Self::Kubegene => "executions.execution.kubegene.io",
            Self::PipelineRuns => "pipelineruns",
            Self::CustomRuns => "customruns",
            Self::TaskRuns => "taskruns",
            Self::JobFlows => "jobflows",
            Self::VolcanoJobs => "jobs.batch.volcano.sh",
            Self::Jobs => "jobs",
            Self::Pods => "pods",
            Self::Workloads => "workloads",
            Self::Events => "events",
        }
    }

    /// Those that are listed before.
    pub(super) fn before(self) -> &'static [Self] {
        let own = Self::ALL.iter().position(|other| *other == self);
        &Self::ALL[..own.unwrap_or_default()]
    }

    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Self::Executions => Some(Kind::Execution),
            Self::Workflows => Some(Kind::Workflow),
            Self::Kubegene => Some(Kind::Kubegene),
            Self::PipelineRuns => Some(Kind::PipelineRun),
            Self::CustomRuns => Some(Kind::CustomRun),
            Self::TaskRuns => Some(Kind::TaskRun),
            Self::JobFlows => Some(Kind::JobFlow),
            Self::VolcanoJobs => Some(Kind::VolcanoJob),
            Self::Jobs => Some(Kind::Job),
            Self::Pods => Some(Kind::Pod),
            Self::Workloads => Some(Kind::Workload),
            Self::Events => None,
        }
    }

    pub(super) fn parse(self, json: &str) -> Result<Incoming, String> {
        let said = |error: serde_json::Error| error.to_string();
        let parsed = match self.kind() {
            Some(Kind::Execution) => Incoming::Execution(serde_json::from_str(json).map_err(said)?),
            Some(kind) => Incoming::Object(Object::parse(kind, json)?),
            None => Incoming::Event(Sighting::parse(json)?),
        };
        let uid = match &parsed {
            Incoming::Execution(execution) => &execution.metadata.uid,
            Incoming::Object(object) => &object.meta().uid,
            Incoming::Event(event) => &event.name,
        };
        if uid.is_empty() {
            return Err("it has no name and uid".into());
        }
        Ok(parsed)
    }
}

impl From<Watched> for &'static str {
    fn from(watched: Watched) -> Self {
        watched.label()
    }
}

impl TryFrom<String> for Watched {
    type Error = String;

    fn try_from(label: String) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|one| one.label() == label);
        known.ok_or_else(|| format!("this dagtrail does not watch the kind {label:?}"))
    }
}
