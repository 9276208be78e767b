//! The kinds of objects whose state is read, and who reads it. Pure.

use super::Source;
use super::argo::{Workflow, Workflows};
use super::derive::is_lifecycle;
use super::jobs::{Job, Jobs};
use super::kubegene;
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
    Workflow(Workflow),
    Kubegene(kubegene::Execution),
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
            Kind::Workflow => Self::Workflow(serde_json::from_str(json).map_err(said)?),
            Kind::Kubegene => Self::Kubegene(serde_json::from_str(json).map_err(said)?),
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
            Self::Workflow(_) => Kind::Workflow,
            Self::Kubegene(_) => Kind::Kubegene,
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
            Self::Workflow(workflow) => &workflow.metadata,
            Self::Kubegene(run) => &run.metadata,
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
    argo: Workflows,
    kubegene: kubegene::Runs,
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
            Object::Pod(pod) => self.pod(seat, pod, gone),
            Object::Workflow(workflow) => self.argo.observe(seat, workflow, gone),
            Object::Kubegene(run) => self.kubegene.observe(seat, run, gone),
            Object::Tekton(_, run) => self.tekton.observe(seat, run, gone),
            Object::JobFlow(flow) => self.job_flows.observe(seat, flow, gone),
            Object::VolcanoJob(job) => self.volcano_jobs.observe(seat, job, gone),
            Object::Workload(workload) => self.kueue.observe(seat, workload, gone),
        }
    }

    /// A Pod at whose element another one tells the start and the end tells what befalls it besides.
    fn pod(&mut self, seat: &Seat, pod: &Pod, gone: bool) -> Vec<Observation> {
        let meta = &pod.metadata;
        let mut found = self.pods.observe(seat, pod, gone);
        let teller = meta.known_controller();
        // An Execution of ours may have claimed it for an element of another engine.
        let engine = seat.elem_type.split('.').next();
        let teller =
            teller.filter(|(kind, _)| kind.tells_of_pods() && engine == Some(kind.engine()));
        let Some((_, owner)) = teller else {
            return found;
        };
        found.retain(|one| !is_lifecycle(one));
        if self.argo.is_mute(&owner.uid) {
            // How the element fares is not to be seen: so the Pod tells of itself.
            let own = self.pods.observe(&seat.beside(Kind::Pod, meta), pod, gone);
            found.extend(own.into_iter().filter(is_lifecycle));
        }
        found
    }
}
