//! The kinds of objects whose state is read, and who reads it. Pure.

use super::Source;
use super::argo::{Workflow, Workflows};
use super::derive::is_lifecycle;
use super::jobs::{Job, Jobs};
use super::kubegene::{self, Runs};
use super::object::{Kind, Meta};
use super::pods::{Pod, Pods};
use super::seat::Seat;
use crate::model::Observation;

/// An object that is an execution, or an element of one.
#[derive(Clone, Debug)]
pub(super) enum Object {
    Job(Job),
    Pod(Pod),
    Workflow(Workflow),
    Kubegene(kubegene::Execution),
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
            Kind::Execution => return Err("it declares, it is none of an engine".into()),
        })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Job(_) => Kind::Job,
            Self::Pod(_) => Kind::Pod,
            Self::Workflow(_) => Kind::Workflow,
            Self::Kubegene(_) => Kind::Kubegene,
        }
    }

    pub(super) fn meta(&self) -> &Meta {
        match self {
            Self::Job(job) => &job.metadata,
            Self::Pod(pod) => &pod.metadata,
            Self::Workflow(workflow) => &workflow.metadata,
            Self::Kubegene(run) => &run.metadata,
        }
    }
}

/// One source for each kind.
#[derive(Debug, Default)]
pub(super) struct Observers {
    jobs: Jobs,
    pods: Pods,
    argo: Workflows,
    kubegene: Runs,
}

impl Observers {
    /// What a state of an object says. `gone`: this was its last.
    pub(super) fn observe(&mut self, seat: &Seat, object: &Object, gone: bool) -> Vec<Observation> {
        match object {
            Object::Job(job) => self.jobs.observe(seat, job, gone),
            Object::Pod(pod) => self.pod(seat, pod, gone),
            Object::Workflow(workflow) => self.argo.observe(seat, workflow, gone),
            Object::Kubegene(run) => self.kubegene.observe(seat, run, gone),
        }
    }
    /// A Pod at whose element another one tells the start and the end tells what befalls it besides.
    fn pod(&mut self, seat: &Seat, pod: &Pod, gone: bool) -> Vec<Observation> {
        let meta = &pod.metadata;
        let mut found = self.pods.observe(seat, pod, gone);
        let teller = meta.known_controller();
        let teller = teller.filter(|(kind, _)| kind.tells_of_pods() && *seat.element != *meta.uid);
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
