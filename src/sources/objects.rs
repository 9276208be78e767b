//! The kinds of objects whose state is read, and who reads it. Pure.

use super::Source;
use super::jobs::{Job, Jobs};
use super::kueue::{Workload, Workloads};
use super::object::{Kind, Meta};
use super::pods::{Pod, Pods};
use super::seat::Seat;
use super::tekton::{Run, Runs};
use super::volcano::{self, JobFlow, JobFlows};
use crate::model::Observation;

/// An object that is an execution, or an element of one.
#[derive(Clone, Debug)]
pub(super) enum Object {
    Job(Job),
    Pod(Pod),
    Tekton(Kind, Run),
    JobFlow(JobFlow),
    VolcanoJob(volcano::Job),
    Workload(Workload),
}

impl Object {
    /// Reads an object of this kind.
    ///
    /// # Errors
    ///
    /// What does not fit.
    pub(super) fn parse(kind: Kind, json: &str) -> Result<Self, String> {
        let said = |error: serde_json::Error| error.to_string();
        Ok(match kind {
            Kind::Job => Self::Job(serde_json::from_str(json).map_err(said)?),
            Kind::Pod => Self::Pod(serde_json::from_str(json).map_err(said)?),
            Kind::PipelineRun | Kind::TaskRun | Kind::CustomRun => {
                Self::Tekton(kind, serde_json::from_str(json).map_err(said)?)
            }
            Kind::JobFlow => Self::JobFlow(serde_json::from_str(json).map_err(said)?),
            Kind::VolcanoJob => Self::VolcanoJob(serde_json::from_str(json).map_err(said)?),
            Kind::Workload => Self::Workload(serde_json::from_str(json).map_err(said)?),
            Kind::Execution => return Err("it declares, it is none of an engine".into()),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Job(_) => Kind::Job,
            Self::Pod(_) => Kind::Pod,
            Self::Tekton(kind, _) => *kind,
            Self::JobFlow(_) => Kind::JobFlow,
            Self::VolcanoJob(_) => Kind::VolcanoJob,
            Self::Workload(_) => Kind::Workload,
        }
    }

    pub(super) fn meta(&self) -> &Meta {
        match self {
            Self::Job(job) => &job.metadata,
            Self::Pod(pod) => &pod.metadata,
            Self::Tekton(_, run) => &run.metadata,
            Self::JobFlow(flow) => &flow.metadata,
            Self::VolcanoJob(job) => &job.metadata,
            Self::Workload(workload) => &workload.metadata,
        }
    }
}

/// One source for each kind.
#[derive(Debug, Default)]
pub(super) struct Observers {
    jobs: Jobs,
    pods: Pods,
    tekton: Runs,
    job_flows: JobFlows,
    volcano_jobs: volcano::Jobs,
    kueue: Workloads,
}

impl Observers {
    /// What a state of an object says. `gone`: this was its last.
    pub(super) fn observe(&mut self, seat: &Seat, object: &Object, gone: bool) -> Vec<Observation> {
        match object {
            Object::Job(job) => self.jobs.observe(seat, job, gone),
            Object::Pod(pod) => self.pods.observe(seat, pod, gone),
            Object::Tekton(_, run) => self.tekton.observe(seat, run, gone),
            Object::JobFlow(flow) => self.job_flows.observe(seat, flow, gone),
            Object::VolcanoJob(job) => self.volcano_jobs.observe(seat, job, gone),
            Object::Workload(workload) => self.kueue.observe(seat, workload, gone),
        }
    }
}
