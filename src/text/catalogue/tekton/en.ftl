### Reasons of Tekton: PipelineRun, TaskRun and CustomRun.

## Any run

reason-Pending = Pending
reason-Running = Running
reason-Succeeded = Succeeded
reason-ToBeRetried = ToBeRetried
reason-CreateRunFailed = CreateRunFailed
reason-ResourceVerificationFailed = ResourceVerificationFailed
reason-InvalidParamValue = InvalidParamValue
reason-CloudEventSent = CloudEventSent
reason-CloudEventFailed = CloudEventFailed

## PipelineRun

reason-PipelineRunPending = PipelineRunPending
reason-PipelineRunTimeout = PipelineRunTimeout
reason-PipelineRunStopping = PipelineRunStopping
reason-CancelledRunningFinally = CancelledRunningFinally
reason-StoppedRunningFinally = StoppedRunningFinally
reason-ResolvingPipelineRef = ResolvingPipelineRef
reason-CouldntGetPipeline = CouldntGetPipeline
reason-CouldntGetTask = CouldntGetTask
reason-CouldntGetPipelineResult = CouldntGetPipelineResult
reason-PipelineValidationFailed = PipelineValidationFailed
reason-PipelineInvalidGraph = PipelineInvalidGraph
reason-PipelineRunCouldntCancel = PipelineRunCouldntCancel
reason-PipelineRunCouldntTimeOut = PipelineRunCouldntTimeOut
reason-InvalidWorkspaceBindings = InvalidWorkspaceBindings
reason-InvalidTaskRunSpecs = InvalidTaskRunSpecs
reason-InvalidTaskResultReference = InvalidTaskResultReference
reason-InvalidPipelineResultReference = InvalidPipelineResultReference
reason-InvalidMatrixParameterTypes = InvalidMatrixParameterTypes
reason-RequiredWorkspaceMarkedOptional = RequiredWorkspaceMarkedOptional
reason-ParameterMissing = ParameterMissing
reason-ParameterTypeMismatch = ParameterTypeMismatch
reason-ObjectParameterMissKeys = ObjectParameterMissKeys
reason-ParamArrayIndexingInvalid = ParamArrayIndexingInvalid
reason-CELEvaluationFailed = CELEvaluationFailed

## TaskRun and CustomRun

reason-TaskRunCancelled = TaskRunCancelled
reason-TaskRunTimeout = TaskRunTimeout
reason-TaskRunImagePullFailed = TaskRunImagePullFailed
reason-TaskRunResultLargerThanAllowedLimit = TaskRunResultLargerThanAllowedLimit
reason-TaskRunStopSidecarFailed = TaskRunStopSidecarFailed
reason-TaskRunResolutionFailed = TaskRunResolutionFailed
reason-TaskRunValidationFailed = TaskRunValidationFailed
reason-TaskValidationFailed = TaskValidationFailed
reason-ResolvingTaskRef = ResolvingTaskRef
reason-ResolvingStepActionRef = ResolvingStepActionRef
reason-FailureIgnored = FailureIgnored
reason-PodEvicted = PodEvicted
reason-StepOOM = StepOOM
reason-CustomRunCancelled = CustomRunCancelled
reason-CustomRunTimedOut = CustomRunTimedOut

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-Succeeded-steps = All Steps have completed executing
phrase-Succeeded-tasks = Tasks Completed: { $done } (Failed: { $failed }, Cancelled { $cancelled }), Skipped: { $skipped }
phrase-Completed-tasks = Tasks Completed: { $done } (Failed: { $failed }, Cancelled { $cancelled }), Skipped: { $skipped }
phrase-Failed-tasks = Tasks Completed: { $done } (Failed: { $failed }, Cancelled { $cancelled }), Skipped: { $skipped }
phrase-Running-tasks = Tasks Completed: { $done } (Failed: { $failed }, Cancelled { $cancelled }), Incomplete: { $incomplete }, Skipped: { $skipped }
phrase-Running-wait = Not all Steps in the Task have finished executing
