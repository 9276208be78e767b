### Kueue 的事件原因：Workload 及其管理的作业。

## 工作负载

reason-QuotaReserved = 配额已预留
reason-PodsReady = Pod已就绪
reason-Requeued = 重新排队
reason-Inadmissible = 不可准入
reason-EvictedDueToPreempted = 因抢占被驱逐
reason-EvictedDueToPodsReadyTimeout = 因Pod就绪超时被驱逐
reason-EvictedDueToAdmissionCheck = 因准入检查被驱逐
reason-EvictedDueToClusterQueueStopped = 因集群队列停止被驱逐
reason-EvictedDueToLocalQueueStopped = 因本地队列停止被驱逐
reason-EvictedDueToDeactivated = 因停用被驱逐
reason-AdmissionCheckRejected = 准入检查被拒绝
reason-UpdatedAdmissionCheck = 准入检查已更新
reason-MaximumExecutionTimeExceeded = 超出最长执行时间
reason-RequeuingLimitExceeded = 超出重新排队次数限制
reason-BackoffFinished = 回退等待结束

## Kueue 管理的作业

reason-CreatedWorkload = 工作负载已创建
reason-DeletedWorkload = 工作负载已删除
reason-UpdatedWorkload = 工作负载已更新
reason-FinishedWorkload = 工作负载已结束
reason-ErrWorkloadCompose = 生成工作负载错误
reason-JobNestingTooDeep = 作业嵌套过深
reason-Stopped = 已停止

## 按工作负载状态推导的事件的消息。

message-Requeued = 元素({ $elem })已重新排队.
    .detail = 元素({ $elem })已重新排队: { $detail }

## 短语：发出者的英文消息的译文。

phrase-FinishedWorkload-declared = 工作负载“{ $workload }”已宣告结束
phrase-CreatedWorkload-created = 已创建工作负载：{ $workload }
phrase-DeletedWorkload-deleted = 已删除不匹配的工作负载：{ $workload }
phrase-QuotaReserved-queue = 已在集群队列{ $queue }中预留配额，排队等待了{ $wait }
phrase-Admitted-queue = 已由集群队列{ $queue }准入，预留后等待了{ $wait }
phrase-Started-admitted = 已由集群队列{ $queue }准入
