### Reasons of Kueue: Workload and the jobs it manages.

## Workloads

reason-QuotaReserved = QuotaReserved
reason-PodsReady = PodsReady
reason-Requeued = Requeued
reason-Inadmissible = Inadmissible
reason-EvictedDueToPreempted = EvictedDueToPreempted
reason-EvictedDueToPodsReadyTimeout = EvictedDueToPodsReadyTimeout
reason-EvictedDueToAdmissionCheck = EvictedDueToAdmissionCheck
reason-EvictedDueToClusterQueueStopped = EvictedDueToClusterQueueStopped
reason-EvictedDueToLocalQueueStopped = EvictedDueToLocalQueueStopped
reason-EvictedDueToDeactivated = EvictedDueToDeactivated
reason-AdmissionCheckRejected = AdmissionCheckRejected
reason-UpdatedAdmissionCheck = UpdatedAdmissionCheck
reason-MaximumExecutionTimeExceeded = MaximumExecutionTimeExceeded
reason-RequeuingLimitExceeded = RequeuingLimitExceeded
reason-BackoffFinished = BackoffFinished

## Jobs that Kueue manages

reason-CreatedWorkload = CreatedWorkload
reason-DeletedWorkload = DeletedWorkload
reason-UpdatedWorkload = UpdatedWorkload
reason-FinishedWorkload = FinishedWorkload
reason-ErrWorkloadCompose = ErrWorkloadCompose
reason-JobNestingTooDeep = JobNestingTooDeep
reason-Stopped = Stopped

## Messages of rows that dagtrail derives from a Workload.

message-Requeued = Element({ $elem }) is queued again.
    .detail = Element({ $elem }) is queued again: { $detail }

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-FinishedWorkload-declared = Workload '{ $workload }' is declared finished
phrase-CreatedWorkload-created = Created Workload: { $workload }
phrase-DeletedWorkload-deleted = Deleted not matching Workload: { $workload }
phrase-QuotaReserved-queue = Quota reserved in ClusterQueue { $queue }, wait time since queued was { $wait }
phrase-Admitted-queue = Admitted by ClusterQueue { $queue }, wait time since reservation was { $wait }
phrase-Started-admitted = Admitted by clusterQueue { $queue }
