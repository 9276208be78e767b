### Volcano 的事件原因：Job、PodGroup 和 JobFlow。

reason-ExecuteAction = 执行动作
reason-CommandIssued = 命令已下发
reason-PluginError = 插件错误
reason-PVCError = 持久卷申领错误
reason-PodGroupError = PodGroup错误
reason-PodGroupPending = PodGroup等待中
reason-JobStatusError = Job状态错误
reason-SyncJobFlow = 同步JobFlow

## 短语：发出者的英文消息的译文。

phrase-ExecuteAction-action = 开始执行动作{ $action }
