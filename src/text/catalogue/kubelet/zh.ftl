### kubelet 的事件原因，以及容器等待和终止的原因。

## 容器

reason-Started = 已启动
reason-Failed = 失败
reason-Killing = 正在终止
reason-Preempting = 正在抢占
reason-BackOff = 回退等待
reason-ExceededGracePeriod = 超出宽限期

## Pod

reason-FailedKillPod = 终止Pod失败
reason-FailedCreatePodContainer = 创建Pod容器失败
reason-NetworkNotReady = 网络未就绪
reason-ResizeDeferred = 资源调整已推迟
reason-ResizeInfeasible = 资源调整不可行
reason-ResizeCompleted = 资源调整完成
reason-ResizeStarted = 资源调整开始
reason-ResizeError = 资源调整错误
reason-FailedNodeDeclaredFeaturesCheck = 节点特性检查失败
reason-FailedSync = 同步失败
reason-FailedValidation = 校验失败
reason-SandboxChanged = 沙箱已变更
reason-FailedCreatePodSandBox = 创建Pod沙箱失败
reason-FailedPodSandBoxStatus = 获取Pod沙箱状态失败
reason-FailedPrepareDynamicResources = 准备动态资源失败
reason-FailedPostStartHook = 启动后钩子失败
reason-FailedPreStopHook = 停止前钩子失败
reason-Unhealthy = 不健康
reason-ProbeWarning = 探针警告
reason-DNSConfigForming = DNS配置不完整
reason-MissingClusterDNS = 缺少集群DNS
reason-FailedToRetrieveImagePullSecret = 获取镜像拉取凭据失败
reason-HostIPsIPFamilyMismatch = 主机IP地址族不匹配
reason-LifecycleHTTPFallback = 生命周期钩子改用HTTP
reason-CertificateOverdueForRefresh = 证书逾期未刷新
reason-CertificateExpired = 证书已过期

## 镜像

reason-Pulling = 正在拉取镜像
reason-Pulled = 镜像已就绪
reason-InspectFailed = 检查镜像失败
reason-ErrImageNeverPull = 镜像不存在且禁止拉取
reason-ErrImagePull = 拉取镜像错误
reason-ImagePullBackOff = 拉取镜像回退等待
reason-ImageInspectError = 检查镜像错误
reason-InvalidImageName = 镜像名称无效

## 容器等待或终止的原因

reason-ContainerCreating = 正在创建容器
reason-PodInitializing = Pod正在初始化
reason-CrashLoopBackOff = 反复崩溃回退等待
reason-CreateContainerConfigError = 容器配置错误
reason-CreateContainerError = 创建容器错误
reason-RunContainerError = 运行容器错误
reason-KillContainerError = 终止容器错误
reason-RemoveContainerError = 删除容器错误
reason-PreCreateHookError = 创建前钩子错误
reason-PreStartHookError = 启动前钩子错误
reason-PostStartHookError = 启动后钩子错误
reason-CreatePodSandboxError = 创建Pod沙箱错误
reason-ConfigPodSandboxError = 配置Pod沙箱错误
reason-KillPodSandboxError = 终止Pod沙箱错误
reason-ContainerCannotRun = 容器无法运行
reason-ContainerStatusUnknown = 容器状态未知
reason-Error = 错误

## 节点准入

reason-UnexpectedAdmissionError = 准入时发生意外错误
reason-TopologyAffinityError = 拓扑亲和性错误
reason-NodeAffinity = 节点亲和性不满足
reason-NodeShutdown = 节点正在关机
reason-AppArmor = AppArmor不可用
reason-SysctlForbidden = 禁止的Sysctl
reason-PodLevelResourcesNotSupported = 不支持Pod级资源
reason-OutOfcpu = CPU不足
reason-OutOfmemory = 节点内存不足
reason-OutOfpods = 节点Pod数已满

## 卷

reason-FailedAttachVolume = 挂接卷失败
reason-FailedMount = 挂载失败
reason-FailedMapVolume = 映射卷失败
reason-FailedMountOnFilesystemMismatch = 文件系统不匹配
reason-AlreadyMountedVolume = 卷已挂载
reason-SuccessfulAttachVolume = 挂接卷成功
reason-SuccessfulMountVolume = 挂载卷成功
reason-VolumeResizeFailed = 卷扩容失败
reason-VolumeResizeSuccessful = 卷扩容成功
reason-FileSystemResizeFailed = 文件系统扩容失败
reason-FileSystemResizeSuccessful = 文件系统扩容成功
reason-VolumePermissionChangeInProgress = 正在更改卷权限
reason-VolumeConditionAbnormal = 卷状况异常

## 节点

reason-NodeReady = 节点就绪
reason-NodeNotReady = 节点未就绪
reason-NodeSchedulable = 节点可调度
reason-NodeNotSchedulable = 节点不可调度
reason-NodeHasSufficientMemory = 节点内存充足
reason-NodeHasInsufficientMemory = 节点内存紧张
reason-NodeHasSufficientPID = 节点PID充足
reason-NodeHasInsufficientPID = 节点PID紧张
reason-NodeHasNoDiskPressure = 节点无磁盘压力
reason-NodeHasDiskPressure = 节点有磁盘压力
reason-NodeAllocatableEnforced = 节点可分配量已生效
reason-FailedNodeAllocatableEnforcement = 节点可分配量生效失败
reason-Starting = 正在启动
reason-KubeletSetupFailed = Kubelet初始化失败
reason-Rebooted = 节点已重启
reason-Shutdown = 关机
reason-SystemOOM = 系统内存不足
reason-EvictionThresholdMet = 达到驱逐阈值
reason-ContainerGCFailed = 容器垃圾回收失败
reason-ImageGCFailed = 镜像垃圾回收失败
reason-FreeDiskSpaceFailed = 释放磁盘空间失败
reason-InvalidDiskCapacity = 磁盘容量无效
reason-PossibleMemoryBackedVolumesOnDisk = 内存卷可能写入磁盘
reason-CheckLimitsForResolvConf = 检查resolv.conf限制
reason-CgroupV1 = 正在使用CgroupV1

## 短语：发出者的英文消息的译文。

phrase-Created-container = 容器已创建
phrase-Created-named = 已创建容器：{ $container }
phrase-Created-older = 已创建容器{ $container }
phrase-Started-container = 容器已启动
phrase-Started-older = 已启动容器{ $container }
phrase-Failed-pull = 拉取镜像“{ $image }”失败：{ $detail }
phrase-Failed-error = 错误：{ $detail }
phrase-Killing-definition = 容器{ $container }的定义已变更，将重新启动
phrase-Killing-liveness = 容器{ $container }未通过存活探针，将重新启动
phrase-Killing-startup = 容器{ $container }未通过启动探针，将重新启动
phrase-Killing-stopping = 正在停止容器{ $container }
phrase-BackOff-container = 容器{ $container }（Pod { $pod }）反复失败，正在回退等待重启
phrase-BackOff-older = 容器反复失败，正在回退等待重启
phrase-BackOff-detail = 拉取镜像“{ $image }”失败，正在回退等待：{ $detail }
phrase-BackOff-pulling = 拉取镜像“{ $image }”失败，正在回退等待
phrase-ExceededGracePeriod-runtime = 容器运行时未在规定的宽限期内终止Pod。
phrase-FailedKillPod-detail = 终止Pod出错：{ $detail }
phrase-FailedCreatePodContainer-detail = 无法确保Pod容器存在：{ $detail }
phrase-NetworkNotReady-detail = 网络未就绪：{ $detail }
phrase-FailedSync-detail = 判定状态出错：{ $detail }
phrase-SandboxChanged-pod = Pod沙箱已变更，将被终止并重新创建。
phrase-FailedCreatePodSandBox-detail = 创建Pod沙箱失败：{ $detail }
phrase-FailedPodSandBoxStatus-detail = 无法获取Pod沙箱状态：{ $detail }
phrase-FailedPrepareDynamicResources-detail = 准备动态资源失败：{ $detail }
phrase-FailedPostStartHook-hook = 启动后钩子失败
phrase-FailedPreStopHook-hook = 停止前钩子失败
phrase-Unhealthy-liveness = 存活探针失败：{ $detail }
phrase-Unhealthy-readiness = 就绪探针失败：{ $detail }
phrase-Unhealthy-startup = 启动探针失败：{ $detail }
phrase-Unhealthy-errored = { $probe }探针出错，状态为{ $state }：{ $detail }
phrase-ProbeWarning-detail = { $probe }探针警告：{ $detail }
phrase-FailedToRetrieveImagePullSecret-names = 无法获取部分镜像拉取凭据（{ $secrets }），拉取镜像可能不会成功。
phrase-Pulling-image = 正在拉取镜像“{ $image }”
phrase-Pulled-accessible = 容器镜像“{ $image }”已在节点上，且Pod可以访问
phrase-Pulled-present = 容器镜像“{ $image }”已在节点上
phrase-Pulled-sized = 拉取镜像“{ $image }”成功，用时{ $took }（含等待共{ $waited }），镜像大小{ $size }字节。
phrase-Pulled-timed = 拉取镜像“{ $image }”成功，用时{ $took }
phrase-Pulled-plain = 拉取镜像“{ $image }”成功
phrase-InspectFailed-detail = 检查镜像“{ $image }”失败：{ $detail }
phrase-ErrImageNeverPull-policy = 容器镜像“{ $image }”不在节点上，且拉取策略为Never
phrase-FailedMount-volumes = 无法挂接或挂载卷：{ $detail }
phrase-FailedMount-setup = 卷“{ $volume }”挂载失败：{ $detail }
phrase-FailedAttachVolume-detail = 卷“{ $volume }”挂接失败：{ $detail }
phrase-SuccessfulAttachVolume-volume = 卷“{ $volume }”挂接成功
phrase-Evicted-low = 节点资源不足：{ $detail }
phrase-Evicted-condition = 节点出现状况：{ $detail }
phrase-Starting-kubelet = 正在启动kubelet。
phrase-NodeReady-node = 节点{ $node }的状态现为：NodeReady
phrase-NodeNotReady-pod = 节点未就绪
phrase-NodeNotReady-node = 节点{ $node }的状态现为：NodeNotReady
phrase-EvictionThresholdMet-resource = 正在尝试回收{ $resource }
