### kube-scheduler 的事件原因，以及 Pod 等待节点时的状况原因。

reason-Scheduled = 已调度
reason-FailedScheduling = 调度失败
reason-BindingConditionsPending = 等待绑定条件
reason-Unschedulable = 无法调度
reason-SchedulingGated = 调度受门控
reason-SchedulerError = 调度器错误
reason-PreemptionByScheduler = 被调度器抢占
reason-TerminationByKubelet = 被kubelet终止

## 短语：发出者的英文消息的译文。

phrase-Scheduled-assigned = 已将{ $pod }分配到节点{ $node }
phrase-FailedScheduling-deleting = Pod { $pod }正在删除，跳过调度
phrase-FailedScheduling-none = 没有可用于调度Pod的节点
phrase-FailedScheduling-nodes = { $total }个节点中有{ $fit }个可用：{ $detail }
phrase-Preempted-pod = 在节点{ $node }上被Pod { $pod }抢占
phrase-BindingConditionsPending-node = 正在等待节点{ $node }上设备的绑定条件
