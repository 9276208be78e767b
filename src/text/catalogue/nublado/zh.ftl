### LSST Nublado 实验室的流程。

reason-OperationError = 流程出错
reason-Progress = 进度
reason-SuccessfulFinish = 执行成功
reason-FailedFinish = 执行失败

## Nublado 控制器的消息

phrase-Progress-starting = 开始为{ $user }创建实验室
phrase-Progress-monitoring = 正在跟踪为{ $user }创建实验室的过程
phrase-Progress-created = 已创建用户实验室的Kubernetes对象
phrase-Progress-replacing = 正在删除{ $user }已失败的实验室
phrase-Progress-shutting = 正在关闭Kubernetes Pod
phrase-Progress-namespace = 正在删除用户命名空间
phrase-Progress-deleted = 已删除{ $user }的实验室
phrase-SuccessfulFinish-started = 已为{ $user }启动实验室的Kubernetes Pod
phrase-SuccessfulFinish-deleted = 已删除{ $user }的实验室
phrase-FailedFinish-spawn = 实验室启动失败
phrase-FailedFinish-delete = 实验室删除失败
phrase-FailedFinish-cancelled = 流程已取消
phrase-OperationError-spawn = 实验室启动超时（{ $time }）
