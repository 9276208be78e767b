//! What an object is within the execution of the owner that controls it. Pure.

use crate::model::ExecutionKey;
use crate::sources::object::{Kind, Meta, Owner, label_of};
use crate::sources::seat::{Seat, subject};
use crate::sources::{argo, kubegene, volcano};

/// The name that the author of a Pipeline gave to a run's task.
const PIPELINE_TASK: &str = "tekton.dev/pipelineTask";
/// The PipelineRun of a TaskRun, on its Pods.
const PIPELINE_RUN: &str = "tekton.dev/pipelineRun";
const PIPELINE_RUN_UID: &str = "tekton.dev/pipelineRunUID";
/// `<namespace>.<name>` of the template that a JobFlow made a Job of.
const JOB_TEMPLATE: &str = "volcano.sh/createdByJobTemplate";

/// The seat of an object of `kind` whose owner, of kind `of`, sits on `owner`.
pub(super) fn seat(owner: &Seat, of: Kind, kind: Kind, meta: &Meta) -> Seat {
    let named = |name: Option<&str>| {
        let mut seat = owner.beside(kind, meta);
        if let Some(name) = name {
            seat.elem_id = name.into();
        }
        seat
    };
    match (of, kind) {
        (Kind::Workflow, Kind::Pod) => argo::node_of(owner, meta).unwrap_or_else(|| named(None)),
        (Kind::Kubegene, Kind::Job) => kubegene::vertex_of(owner, meta),
        // The Pod is how the run runs: what befalls it befalls the element.
        (Kind::TaskRun, Kind::Pod) => owner.clone(),
        (Kind::VolcanoJob, Kind::Pod) => match meta.volcano_task() {
            Some(task) => volcano::task(owner, task),
            None => named(None),
        },
        (_, Kind::PipelineRun | Kind::TaskRun | Kind::CustomRun) => {
            named(label_of(&meta.labels, PIPELINE_TASK))
        }
        (Kind::JobFlow, Kind::VolcanoJob) => {
            let template = label_of(&meta.labels, JOB_TEMPLATE);
            // A namespace has no dot, the name of a template may have some.
            named(template.map(|text| text.split_once('.').map_or(text, |(_, name)| name)))
        }
        _ => named(None),
    }
}

/// The seat of an owner that is not there, as far as the reference and the labels of what it owns tell.
pub(super) fn absent(of: Kind, owner: &Owner, meta: &Meta) -> Seat {
    let own = Seat::own(of, &meta.namespace, &owner.name, &owner.uid);
    let label = |name| label_of(&meta.labels, name);
    match (of, label(PIPELINE_RUN_UID), label(PIPELINE_RUN)) {
        (Kind::TaskRun, Some(uid), Some(run)) => Seat {
            execution: ExecutionKey::new(&meta.namespace, uid),
            subject: subject(Kind::PipelineRun.name(), &meta.namespace, run),
            elem_id: label(PIPELINE_TASK).unwrap_or(&owner.name).into(),
            ..own
        },
        _ => own,
    }
}
