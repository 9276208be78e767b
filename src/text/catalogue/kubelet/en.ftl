### Reasons of the kubelet: events on Pods and nodes, and the waiting and termination reasons of containers.

## Containers

reason-Started = Started
reason-Failed = Failed
reason-Killing = Killing
reason-Preempting = Preempting
reason-BackOff = BackOff
reason-ExceededGracePeriod = ExceededGracePeriod

## Pods

reason-FailedKillPod = FailedKillPod
reason-FailedCreatePodContainer = FailedCreatePodContainer
reason-NetworkNotReady = NetworkNotReady
reason-ResizeDeferred = ResizeDeferred
reason-ResizeInfeasible = ResizeInfeasible
reason-ResizeCompleted = ResizeCompleted
reason-ResizeStarted = ResizeStarted
reason-ResizeError = ResizeError
reason-FailedNodeDeclaredFeaturesCheck = FailedNodeDeclaredFeaturesCheck
reason-FailedSync = FailedSync
reason-FailedValidation = FailedValidation
reason-SandboxChanged = SandboxChanged
reason-FailedCreatePodSandBox = FailedCreatePodSandBox
reason-FailedPodSandBoxStatus = FailedPodSandBoxStatus
reason-FailedPrepareDynamicResources = FailedPrepareDynamicResources
reason-FailedPostStartHook = FailedPostStartHook
reason-FailedPreStopHook = FailedPreStopHook
reason-Unhealthy = Unhealthy
reason-ProbeWarning = ProbeWarning
reason-DNSConfigForming = DNSConfigForming
reason-MissingClusterDNS = MissingClusterDNS
reason-FailedToRetrieveImagePullSecret = FailedToRetrieveImagePullSecret
reason-HostIPsIPFamilyMismatch = HostIPsIPFamilyMismatch
reason-LifecycleHTTPFallback = LifecycleHTTPFallback
reason-CertificateOverdueForRefresh = CertificateOverdueForRefresh
reason-CertificateExpired = CertificateExpired

## Images

reason-Pulling = Pulling
reason-Pulled = Pulled
reason-InspectFailed = InspectFailed
reason-ErrImageNeverPull = ErrImageNeverPull
reason-ErrImagePull = ErrImagePull
reason-ImagePullBackOff = ImagePullBackOff
reason-ImageInspectError = ImageInspectError
reason-InvalidImageName = InvalidImageName

## Why a container waits or ended

reason-ContainerCreating = ContainerCreating
reason-PodInitializing = PodInitializing
reason-CrashLoopBackOff = CrashLoopBackOff
reason-CreateContainerConfigError = CreateContainerConfigError
reason-CreateContainerError = CreateContainerError
reason-RunContainerError = RunContainerError
reason-KillContainerError = KillContainerError
reason-RemoveContainerError = RemoveContainerError
reason-PreCreateHookError = PreCreateHookError
reason-PreStartHookError = PreStartHookError
reason-PostStartHookError = PostStartHookError
reason-CreatePodSandboxError = CreatePodSandboxError
reason-ConfigPodSandboxError = ConfigPodSandboxError
reason-KillPodSandboxError = KillPodSandboxError
reason-ContainerCannotRun = ContainerCannotRun
reason-ContainerStatusUnknown = ContainerStatusUnknown
reason-Error = Error

## Admission of a Pod to its node

reason-UnexpectedAdmissionError = UnexpectedAdmissionError
reason-TopologyAffinityError = TopologyAffinityError
reason-NodeAffinity = NodeAffinity
reason-NodeShutdown = NodeShutdown
reason-AppArmor = AppArmor
reason-SysctlForbidden = SysctlForbidden
reason-PodLevelResourcesNotSupported = PodLevelResourcesNotSupported
reason-OutOfcpu = OutOfcpu
reason-OutOfmemory = OutOfmemory
reason-OutOfpods = OutOfpods

## Volumes

reason-FailedAttachVolume = FailedAttachVolume
reason-FailedMount = FailedMount
reason-FailedMapVolume = FailedMapVolume
reason-FailedMountOnFilesystemMismatch = FailedMountOnFilesystemMismatch
reason-AlreadyMountedVolume = AlreadyMountedVolume
reason-SuccessfulAttachVolume = SuccessfulAttachVolume
reason-SuccessfulMountVolume = SuccessfulMountVolume
reason-VolumeResizeFailed = VolumeResizeFailed
reason-VolumeResizeSuccessful = VolumeResizeSuccessful
reason-FileSystemResizeFailed = FileSystemResizeFailed
reason-FileSystemResizeSuccessful = FileSystemResizeSuccessful
reason-VolumePermissionChangeInProgress = VolumePermissionChangeInProgress
reason-VolumeConditionAbnormal = VolumeConditionAbnormal

## Nodes

reason-NodeReady = NodeReady
reason-NodeNotReady = NodeNotReady
reason-NodeSchedulable = NodeSchedulable
reason-NodeNotSchedulable = NodeNotSchedulable
reason-NodeHasSufficientMemory = NodeHasSufficientMemory
reason-NodeHasInsufficientMemory = NodeHasInsufficientMemory
reason-NodeHasSufficientPID = NodeHasSufficientPID
reason-NodeHasInsufficientPID = NodeHasInsufficientPID
reason-NodeHasNoDiskPressure = NodeHasNoDiskPressure
reason-NodeHasDiskPressure = NodeHasDiskPressure
reason-NodeAllocatableEnforced = NodeAllocatableEnforced
reason-FailedNodeAllocatableEnforcement = FailedNodeAllocatableEnforcement
reason-Starting = Starting
reason-KubeletSetupFailed = KubeletSetupFailed
reason-Rebooted = Rebooted
reason-Shutdown = Shutdown
reason-SystemOOM = SystemOOM
reason-EvictionThresholdMet = EvictionThresholdMet
reason-ContainerGCFailed = ContainerGCFailed
reason-ImageGCFailed = ImageGCFailed
reason-FreeDiskSpaceFailed = FreeDiskSpaceFailed
reason-InvalidDiskCapacity = InvalidDiskCapacity
reason-PossibleMemoryBackedVolumesOnDisk = PossibleMemoryBackedVolumesOnDisk
reason-CheckLimitsForResolvConf = CheckLimitsForResolvConf
reason-CgroupV1 = CgroupV1

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-Created-container = Container created
phrase-Created-named = Created container: { $container }
phrase-Created-older = Created container { $container }
phrase-Started-container = Container started
phrase-Started-older = Started container { $container }
phrase-Failed-pull = Failed to pull image "{ $image }": { $detail }
phrase-Failed-error = Error: { $detail }
phrase-Killing-definition = Container { $container } definition changed, will be restarted
phrase-Killing-liveness = Container { $container } failed liveness probe, will be restarted
phrase-Killing-startup = Container { $container } failed startup probe, will be restarted
phrase-Killing-stopping = Stopping container { $container }
phrase-BackOff-container = Back-off restarting failed container { $container } in pod { $pod }
phrase-BackOff-older = Back-off restarting failed container
phrase-BackOff-detail = Back-off pulling image "{ $image }": { $detail }
phrase-BackOff-pulling = Back-off pulling image "{ $image }"
phrase-ExceededGracePeriod-runtime = Container runtime did not kill the pod within specified grace period.
phrase-FailedKillPod-detail = error killing pod: { $detail }
phrase-FailedCreatePodContainer-detail = unable to ensure pod container exists: { $detail }
phrase-NetworkNotReady-detail = network is not ready: { $detail }
phrase-FailedSync-detail = error determining status: { $detail }
phrase-SandboxChanged-pod = Pod sandbox changed, it will be killed and re-created.
phrase-FailedCreatePodSandBox-detail = Failed to create pod sandbox: { $detail }
phrase-FailedPodSandBoxStatus-detail = Unable to get pod sandbox status: { $detail }
phrase-FailedPrepareDynamicResources-detail = Failed to prepare dynamic resources: { $detail }
phrase-FailedPostStartHook-hook = PostStartHook failed
phrase-FailedPreStopHook-hook = PreStopHook failed
phrase-Unhealthy-liveness = Liveness probe failed: { $detail }
phrase-Unhealthy-readiness = Readiness probe failed: { $detail }
phrase-Unhealthy-startup = Startup probe failed: { $detail }
phrase-Unhealthy-errored = { $probe } probe errored and resulted in { $state } state: { $detail }
phrase-ProbeWarning-detail = { $probe } probe warning: { $detail }
phrase-FailedToRetrieveImagePullSecret-names = Unable to retrieve some image pull secrets ({ $secrets }); attempting to pull the image may not succeed.
phrase-Pulling-image = Pulling image "{ $image }"
phrase-Pulled-accessible = Container image "{ $image }" already present on machine and can be accessed by the pod
phrase-Pulled-present = Container image "{ $image }" already present on machine
phrase-Pulled-sized = Successfully pulled image "{ $image }" in { $took } ({ $waited } including waiting). Image size: { $size } bytes.
phrase-Pulled-timed = Successfully pulled image "{ $image }" in { $took }
phrase-Pulled-plain = Successfully pulled image "{ $image }"
phrase-InspectFailed-detail = Failed to inspect image "{ $image }": { $detail }
phrase-ErrImageNeverPull-policy = Container image "{ $image }" is not present with pull policy of Never
phrase-FailedMount-volumes = Unable to attach or mount volumes: { $detail }
phrase-FailedMount-setup = MountVolume.SetUp failed for volume "{ $volume }" : { $detail }
phrase-FailedAttachVolume-detail = AttachVolume.Attach failed for volume "{ $volume }" : { $detail }
phrase-SuccessfulAttachVolume-volume = AttachVolume.Attach succeeded for volume "{ $volume }"
phrase-Evicted-low = The node was low on resource: { $detail }
phrase-Evicted-condition = The node had condition: { $detail }
phrase-Starting-kubelet = Starting kubelet.
phrase-NodeReady-node = Node { $node } status is now: NodeReady
phrase-NodeNotReady-pod = Node is not ready
phrase-NodeNotReady-node = Node { $node } status is now: NodeNotReady
phrase-EvictionThresholdMet-resource = Attempting to reclaim { $resource }
