### Reasons of kube-scheduler, and the conditions a Pod carries while it waits for a node.

reason-Scheduled = Scheduled
reason-FailedScheduling = FailedScheduling
reason-BindingConditionsPending = BindingConditionsPending
reason-Unschedulable = Unschedulable
reason-SchedulingGated = SchedulingGated
reason-SchedulerError = SchedulerError
reason-PreemptionByScheduler = PreemptionByScheduler
reason-TerminationByKubelet = TerminationByKubelet

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-Scheduled-assigned = Successfully assigned { $pod } to { $node }
phrase-FailedScheduling-deleting = skip schedule deleting pod: { $pod }
phrase-FailedScheduling-none = no nodes available to schedule pods
phrase-FailedScheduling-nodes = { $fit }/{ $total } nodes are available: { $detail }
phrase-Preempted-pod = Preempted by pod { $pod } on node { $node }
phrase-BindingConditionsPending-node = waiting for binding conditions for device on node { $node }
