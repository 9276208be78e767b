### Tekton 的事件原因：PipelineRun、TaskRun 和 CustomRun。

## 各类运行

reason-Pending = 等待中
reason-Running = 运行中
reason-Succeeded = 成功
reason-ToBeRetried = 等待重试
reason-CreateRunFailed = 创建运行失败
reason-ResourceVerificationFailed = 资源验证失败
reason-InvalidParamValue = 参数值无效
reason-CloudEventSent = 云事件已发送
reason-CloudEventFailed = 云事件发送失败

## PipelineRun

reason-PipelineRunPending = 流水线等待中
reason-PipelineRunTimeout = 流水线超时
reason-PipelineRunStopping = 流水线正在停止
reason-CancelledRunningFinally = 已取消并运行收尾任务
reason-StoppedRunningFinally = 已停止并运行收尾任务
reason-ResolvingPipelineRef = 正在解析流水线引用
reason-CouldntGetPipeline = 无法获取流水线
reason-CouldntGetTask = 无法获取任务
reason-CouldntGetPipelineResult = 无法获取流水线结果
reason-PipelineValidationFailed = 流水线校验失败
reason-PipelineInvalidGraph = 流水线图无效
reason-PipelineRunCouldntCancel = 流水线无法取消
reason-PipelineRunCouldntTimeOut = 流水线无法置为超时
reason-InvalidWorkspaceBindings = 工作区绑定无效
reason-InvalidTaskRunSpecs = 任务运行规约无效
reason-InvalidTaskResultReference = 任务结果引用无效
reason-InvalidPipelineResultReference = 流水线结果引用无效
reason-InvalidMatrixParameterTypes = 矩阵参数类型无效
reason-RequiredWorkspaceMarkedOptional = 必需的工作区被标为可选
reason-ParameterMissing = 缺少参数
reason-ParameterTypeMismatch = 参数类型不匹配
reason-ObjectParameterMissKeys = 对象参数缺少键
reason-ParamArrayIndexingInvalid = 数组参数下标无效
reason-CELEvaluationFailed = CEL求值失败

## TaskRun 与 CustomRun

reason-TaskRunCancelled = 任务已取消
reason-TaskRunTimeout = 任务超时
reason-TaskRunImagePullFailed = 任务镜像拉取失败
reason-TaskRunResultLargerThanAllowedLimit = 任务结果超出大小限制
reason-TaskRunStopSidecarFailed = 停止边车失败
reason-TaskRunResolutionFailed = 任务解析失败
reason-TaskRunValidationFailed = 任务运行校验失败
reason-TaskValidationFailed = 任务校验失败
reason-ResolvingTaskRef = 正在解析任务引用
reason-ResolvingStepActionRef = 正在解析步骤动作引用
reason-FailureIgnored = 失败已忽略
reason-PodEvicted = Pod已被驱逐
reason-StepOOM = 步骤内存不足
reason-CustomRunCancelled = 自定义运行已取消
reason-CustomRunTimedOut = 自定义运行超时

## 短语：发出者的英文消息的译文。

phrase-Succeeded-steps = 所有步骤均已执行完成
phrase-Succeeded-tasks = 已完成任务：{ $done }（失败：{ $failed }，取消：{ $cancelled }），跳过：{ $skipped }
phrase-Completed-tasks = 已完成任务：{ $done }（失败：{ $failed }，取消：{ $cancelled }），跳过：{ $skipped }
phrase-Failed-tasks = 已完成任务：{ $done }（失败：{ $failed }，取消：{ $cancelled }），跳过：{ $skipped }
phrase-Running-tasks = 已完成任务：{ $done }（失败：{ $failed }，取消：{ $cancelled }），未完成：{ $incomplete }，跳过：{ $skipped }
phrase-Running-wait = 任务中尚有步骤未执行完成
