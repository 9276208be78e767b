### Job 与 CronJob 控制器的事件原因。

## Job

reason-SuccessfulCreate = 创建成功
reason-FailedCreate = 创建失败
reason-SuccessfulDelete = 删除成功
reason-FailedDelete = 删除失败
reason-Completed = 已完成
reason-TooManySucceededPods = 成功的Pod过多
reason-PodFailurePolicy = 命中Pod失败策略
reason-BackoffLimitExceeded = 超出回退次数限制
reason-DeadlineExceeded = 超出期限
reason-MaxFailedIndexesExceeded = 失败索引数超限
reason-FailedIndexes = 存在失败索引
reason-SuccessPolicy = 满足成功策略
reason-CompletionsReached = 达到完成数
reason-UnknownCompletionMode = 未知的完成模式
reason-JobSuspended = Job已挂起
reason-JobResumed = Job已恢复

## CronJob

reason-SawCompletedJob = 发现已完成的Job
reason-UnexpectedJob = 意外的Job
reason-MissingJob = Job丢失
reason-MissSchedule = 错过调度时间
reason-JobAlreadyActive = 已有Job在运行
reason-TooManyMissedTimes = 错过次数过多
reason-UnknownTimeZone = 未知时区
reason-UnparseableSchedule = 无法解析的时间表
reason-UnParseableCronJobSchedule = 无法解析的CronJob时间表
reason-InvalidSchedule = 无效的时间表
reason-UnsupportedSchedule = 不受支持的时间表
reason-FailedGet = 获取失败

## 短语：发出者的英文消息的译文。

phrase-SuccessfulCreate-pod = 已创建Pod：{ $pod }
phrase-SuccessfulCreate-job = 已创建Job：{ $job }
phrase-SuccessfulCreate-stateful = 已在StatefulSet { $set }中创建Pod：{ $pod }
phrase-FailedCreate-pod = 创建出错：{ $detail }
phrase-FailedCreate-job = 创建Job出错：{ $detail }
phrase-SuccessfulDelete-pod = 已删除Pod：{ $pod }
phrase-SuccessfulDelete-job = 已删除Job：{ $job }
phrase-SuccessfulDelete-stateful = 已从StatefulSet { $set }中删除Pod：{ $pod }
phrase-FailedDelete-pod = 删除出错：{ $detail }
phrase-FailedDelete-job = 删除Job出错：{ $detail }
phrase-Suspended-job = Job已挂起
phrase-Resumed-job = Job已恢复
phrase-Completed-job = Job已完成
phrase-TooManySucceededPods-job = 达到完成数之后，成功的Pod仍然过多
phrase-BackoffLimitExceeded-job = Job已达到规定的回退次数限制
phrase-DeadlineExceeded-job = Job的运行时间超出规定的期限
phrase-DeadlineExceeded-pod = Pod在节点上的运行时间超出规定的期限
phrase-MaxFailedIndexesExceeded-job = Job的失败索引数超出规定的上限
phrase-FailedIndexes-job = Job存在失败索引
phrase-CompletionsReached-job = 成功的Pod数已达到预期
phrase-UnknownCompletionMode-job = 完成模式未知，已跳过Job同步
phrase-SawCompletedJob-job = 发现已完成的Job：{ $job }，状况：{ $condition }
phrase-SawCompletedJob-older = 发现已完成的Job：{ $job }，状况：{ $condition }
phrase-UnexpectedJob-job = 发现不是由控制器创建或已被其遗忘的Job：{ $job }
phrase-MissingJob-job = 运行中的Job已丢失：{ $job }
phrase-MissSchedule-time = 错过了启动Job的调度时间：{ $time }
phrase-JobAlreadyActive-forbid = 上一次执行仍在运行，且并发策略为Forbid，不启动Job
phrase-TooManyMissedTimes-times = 错过的启动时间过多。请设置或减小.spec.startingDeadlineSeconds，或检查时钟偏差
phrase-UnknownTimeZone-zone = 无效的时区：{ $detail }
phrase-UnparseableSchedule-schedule = 无法解析的时间表：{ $detail }
phrase-UnParseableCronJobSchedule-schedule = 无法解析的CronJob时间表：{ $schedule }
phrase-InvalidSchedule-schedule = 无效的时间表：{ $detail }
phrase-FailedGet-job = 获取Job：{ $detail }
