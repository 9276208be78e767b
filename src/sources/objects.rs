//! The kinds of objects whose state is read, and who reads it. Pure.

use super::Source;
use super::jobs::{Job, Jobs};
use super::object::{Kind, Meta};
use super::pods::{Pod, Pods};
use super::seat::Seat;
use super::tekton::{Run, Runs};
use crate::model::Observation;

/// An object that is an execution, or an element of one.
#[derive(Clone, Debug)]
pub(super) enum Object {
    Job(Job),
    Pod(Pod),
    Tekton(Kind, Run),
}

impl Object {
    /// Reads an object of this kind.
    ///
    /// # Errors
    ///
    /// What does not fit.
    pub(super) fn parse(kind: Kind, json: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::Job => Self::Job(serde_json::from_str(json)?),
            Kind::Pod => Self::Pod(serde_json::from_str(json)?),
            Kind::PipelineRun | Kind::TaskRun | Kind::CustomRun => {
                Self::Tekton(kind, serde_json::from_str(json)?)
            }
            _ => todo!(),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Job(_) => Kind::Job,
            Self::Pod(_) => Kind::Pod,
            Self::Tekton(kind, _) => *kind,
        }
    }

    pub(super) fn meta(&self) -> &Meta {
        match self {
            Self::Job(job) => &job.metadata,
            Self::Pod(pod) => &pod.metadata,
            Self::Tekton(_, run) => &run.metadata,
        }
    }
}

/// One source for each kind.
#[derive(Debug, Default)]
pub(super) struct Observers {
    jobs: Jobs,
    pods: Pods,
    tekton: Runs,
}

impl Observers {
    /// What a state of an object says. `gone`: this was its last.
    pub(super) fn observe(&mut self, seat: &Seat, object: &Object, gone: bool) -> Vec<Observation> {
        match object {
            Object::Job(job) => self.jobs.observe(seat, job, gone),
            Object::Pod(pod) => self.pods.observe(seat, pod, gone),
            Object::Tekton(_, run) => self.tekton.observe(seat, run, gone),
        }
    }
}
