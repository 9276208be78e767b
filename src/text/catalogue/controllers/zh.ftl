### 其他控制器在 Pod、节点和卷上常见的事件原因。

## Deployment、ReplicaSet、StatefulSet、DaemonSet

reason-ScalingReplicaSet = 伸缩ReplicaSet
reason-ReplicaSetCreateError = 创建ReplicaSet错误
reason-DeploymentRollback = Deployment已回滚
reason-DeploymentRollbackRevisionNotFound = 回滚版本不存在
reason-DeploymentRollbackTemplateUnchanged = 回滚模板无变化
reason-ProgressDeadlineExceeded = 超出进度期限
reason-SelectingAll = 选中了所有Pod
reason-SuccessfulUpdate = 更新成功
reason-FailedUpdate = 更新失败
reason-ConflictingController = 控制器冲突
reason-FailedDaemonPod = 守护Pod失败
reason-SucceededDaemonPod = 守护Pod已成功
reason-SuccessfulRescale = 伸缩成功
reason-FailedRescale = 伸缩失败

## 节点与污点

reason-NodeControllerEviction = 节点控制器驱逐
reason-TaintManagerEviction = 污点管理器驱逐
reason-DeviceTaintManagerEviction = 设备污点管理器驱逐
reason-DeletingAllPods = 删除节点上所有Pod
reason-RegisteredNode = 节点已注册
reason-RemovingNode = 移除节点
reason-NodeStatusUnknown = 节点状态未知
reason-CIDRNotAvailable = CIDR不可用
reason-CIDRAssignmentFailed = 分配CIDR失败
reason-DeletionByTaintManager = 被污点管理器删除
reason-DeletionByPodGC = 被Pod垃圾回收删除
reason-EvictionByEvictionAPI = 被驱逐API驱逐

## 干扰

reason-MultiplePodDisruptionBudgets = 存在多个Pod干扰预算
reason-NoPods = 没有Pod
reason-CalculateExpectedPodCountFailed = 计算预期Pod数失败
reason-UnmanagedPods = 存在无控制器的Pod
reason-NotDeleted = 未被删除

## 卷与申领

reason-FailedBinding = 绑定失败
reason-VolumeMismatch = 卷不匹配
reason-VolumeFailedRecycle = 卷回收失败
reason-VolumeRecycled = 卷已回收
reason-RecyclerPod = 回收Pod
reason-VolumeDelete = 删除卷
reason-VolumeFailedDelete = 删除卷失败
reason-Provisioning = 正在制备卷
reason-ExternalProvisioning = 等待外部制备卷
reason-ProvisioningFailed = 制备卷失败
reason-ProvisioningCleanupFailed = 制备卷清理失败
reason-ProvisioningSucceeded = 制备卷成功
reason-WaitForFirstConsumer = 等待首个使用者
reason-WaitForPodScheduled = 等待Pod完成调度
reason-ExternalExpanding = 等待外部扩容
reason-MultipleSELinuxLabels = 存在多个SELinux标签
reason-FailedResourceClaimCreation = 创建资源申领失败

## 集群

reason-OwnerRefInvalidNamespace = 属主引用命名空间无效
reason-LeaderElection = 领导者选举
reason-TriggeredScaleUp = 已触发集群扩容
reason-NotTriggerScaleUp = 未触发集群扩容
reason-ScaleDown = 集群缩容

## 短语：发出者的英文消息的译文。

phrase-ScalingReplicaSet-first = 已将ReplicaSet { $set }从0扩至{ $to }
phrase-ScalingReplicaSet-up = 已将ReplicaSet { $set }从{ $from }扩至{ $to }
phrase-ScalingReplicaSet-down = 已将ReplicaSet { $set }从{ $from }缩至{ $to }
phrase-NodeControllerEviction-pod = 将节点{ $node }上的Pod { $pod }标记为待删除
phrase-TaintManagerEviction-mark = 将Pod { $pod }标记为待删除
phrase-TaintManagerEviction-cancel = 取消删除Pod { $pod }
phrase-DeviceTaintManagerEviction-mark = 标记为待删除
phrase-DeviceTaintManagerEviction-cancel = 取消删除
phrase-FailedBinding-none = 该申领没有可用的持久卷，也未设置存储类
phrase-WaitForFirstConsumer-claim = 绑定前等待首个使用者创建
phrase-WaitForPodScheduled-pod = 正在等待Pod { $pod }完成调度
phrase-VolumeRecycled-volume = 卷已回收
phrase-NoPods-none = 没有匹配的Pod
phrase-LeaderElection-became = { $name }成为领导者
phrase-LeaderElection-stopped = { $name }不再是领导者
