//! How a run has ended, by the reason of its condition. Pure.

use super::wire::Condition;
use crate::model::Time;
use crate::sources::derive::Transition;

/// Reasons of a run that took longer than it may.
const TIMEOUTS: [&str; 3] = ["PipelineRunTimeout", "TaskRunTimeout", "CustomRunTimedOut"];

/// Reasons of a run that somebody has ended, in the spellings of all versions.
const CANCELS: [&str; 9] = [
    "Cancelled",
    "PipelineRunCancelled",
    "CancelledRunningFinally",
    "StoppedRunningFinally",
    "TaskRunCancelled",
    "CustomRunCancelled",
    "RunCancelled",
    "PipelineRunStopped",
    "Stopped",
];

/// Reasons of a run that Tekton could not run: nothing that its author wanted has failed.
const ERRORS: [&str; 32] = [
    "CELEvaluationFailed",
    "CouldntGetPipeline",
    "CouldntGetPipelineResult",
    "CouldntGetTask",
    "CreateRunFailed",
    "ExceededNodeResources",
    "ExceededResourceQuota",
    "InvalidMatrixParameterTypes",
    "InvalidParamValue",
    "InvalidPipelineResourceBindings",
    "InvalidPipelineResultReference",
    "InvalidTaskResultReference",
    "InvalidTaskRunSpecs",
    "InvalidWorkspaceBindings",
    "ObjectParameterMissKeys",
    "ParamArrayIndexingInvalid",
    "ParamKeyDoesNotExist",
    "ParameterMissing",
    "ParameterTypeMismatch",
    "PipelineInvalidGraph",
    "PipelineRunCouldntCancel",
    "PipelineRunCouldntTimeOut",
    "PipelineValidationFailed",
    "PodAdmissionFailed",
    "PodCreationFailed",
    "RequiredWorkspaceMarkedOptional",
    "ResourceVerificationFailed",
    "TaskRunResolutionFailed",
    "TaskRunStopSidecarFailed",
    "TaskRunValidationFailed",
    "TaskValidationFailed",
    "UnsupportedWorkspace",
];

/// The terminal transition that a condition tells; `None` while the run goes on.
pub(super) fn end(condition: &Condition, action: &str, at: Time) -> Option<Transition> {
    let reason = &*condition.reason;
    let (code, action, warning) = match &*condition.status {
        "True" => ("SuccessfulFinish", action, false),
        "False" if TIMEOUTS.contains(&reason) => ("TimedOut", "timeout", true),
        "False" if CANCELS.contains(&reason) => ("Cancelled", "cancel", false),
        "False" if ERRORS.contains(&reason) => ("ErrorFinish", action, true),
        "False" => ("FailedFinish", action, true),
        _ => return None,
    };
    let end = Transition::new(code, action, at);
    Some(match code {
        "SuccessfulFinish" => end.param("engine_reason", reason),
        _ if warning => end.warning().because(reason, &condition.message),
        _ => end.because(reason, &condition.message),
    })
}
