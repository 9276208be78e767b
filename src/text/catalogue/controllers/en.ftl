### Reasons of the other controllers that are commonly seen on Pods, nodes and volumes.

## Deployment, ReplicaSet, StatefulSet, DaemonSet

reason-ScalingReplicaSet = ScalingReplicaSet
reason-ReplicaSetCreateError = ReplicaSetCreateError
reason-DeploymentRollback = DeploymentRollback
reason-DeploymentRollbackRevisionNotFound = DeploymentRollbackRevisionNotFound
reason-DeploymentRollbackTemplateUnchanged = DeploymentRollbackTemplateUnchanged
reason-ProgressDeadlineExceeded = ProgressDeadlineExceeded
reason-SelectingAll = SelectingAll
reason-SuccessfulUpdate = SuccessfulUpdate
reason-FailedUpdate = FailedUpdate
reason-ConflictingController = ConflictingController
reason-FailedDaemonPod = FailedDaemonPod
reason-SucceededDaemonPod = SucceededDaemonPod
reason-SuccessfulRescale = SuccessfulRescale
reason-FailedRescale = FailedRescale

## Nodes and taints

reason-NodeControllerEviction = NodeControllerEviction
reason-TaintManagerEviction = TaintManagerEviction
reason-DeviceTaintManagerEviction = DeviceTaintManagerEviction
reason-DeletingAllPods = DeletingAllPods
reason-RegisteredNode = RegisteredNode
reason-RemovingNode = RemovingNode
reason-NodeStatusUnknown = NodeStatusUnknown
reason-CIDRNotAvailable = CIDRNotAvailable
reason-CIDRAssignmentFailed = CIDRAssignmentFailed
reason-DeletionByTaintManager = DeletionByTaintManager
reason-DeletionByPodGC = DeletionByPodGC
reason-EvictionByEvictionAPI = EvictionByEvictionAPI

## Disruption

reason-MultiplePodDisruptionBudgets = MultiplePodDisruptionBudgets
reason-NoPods = NoPods
reason-CalculateExpectedPodCountFailed = CalculateExpectedPodCountFailed
reason-UnmanagedPods = UnmanagedPods
reason-NotDeleted = NotDeleted

## Volumes and claims

reason-FailedBinding = FailedBinding
reason-VolumeMismatch = VolumeMismatch
reason-VolumeFailedRecycle = VolumeFailedRecycle
reason-VolumeRecycled = VolumeRecycled
reason-RecyclerPod = RecyclerPod
reason-VolumeDelete = VolumeDelete
reason-VolumeFailedDelete = VolumeFailedDelete
reason-Provisioning = Provisioning
reason-ExternalProvisioning = ExternalProvisioning
reason-ProvisioningFailed = ProvisioningFailed
reason-ProvisioningCleanupFailed = ProvisioningCleanupFailed
reason-ProvisioningSucceeded = ProvisioningSucceeded
reason-WaitForFirstConsumer = WaitForFirstConsumer
reason-WaitForPodScheduled = WaitForPodScheduled
reason-ExternalExpanding = ExternalExpanding
reason-MultipleSELinuxLabels = MultipleSELinuxLabels
reason-FailedResourceClaimCreation = FailedResourceClaimCreation

## Cluster

reason-OwnerRefInvalidNamespace = OwnerRefInvalidNamespace
reason-LeaderElection = LeaderElection
reason-TriggeredScaleUp = TriggeredScaleUp
reason-NotTriggerScaleUp = NotTriggerScaleUp
reason-ScaleDown = ScaleDown

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-ScalingReplicaSet-first = Scaled up replica set { $set } from 0 to { $to }
phrase-ScalingReplicaSet-up = Scaled up replica set { $set } from { $from } to { $to }
phrase-ScalingReplicaSet-down = Scaled down replica set { $set } from { $from } to { $to }
phrase-NodeControllerEviction-pod = Marking for deletion Pod { $pod } from Node { $node }
phrase-TaintManagerEviction-mark = Marking for deletion Pod { $pod }
phrase-TaintManagerEviction-cancel = Cancelling deletion of Pod { $pod }
phrase-DeviceTaintManagerEviction-mark = Marking for deletion
phrase-DeviceTaintManagerEviction-cancel = Cancelling deletion
phrase-FailedBinding-none = no persistent volumes available for this claim and no storage class is set
phrase-WaitForFirstConsumer-claim = waiting for first consumer to be created before binding
phrase-WaitForPodScheduled-pod = waiting for pod { $pod } to be scheduled
phrase-VolumeRecycled-volume = Volume recycled
phrase-NoPods-none = No matching pods found
phrase-LeaderElection-became = { $name } became leader
phrase-LeaderElection-stopped = { $name } stopped leading
