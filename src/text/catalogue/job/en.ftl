### Reasons of the Job and CronJob controllers.

## Job

reason-SuccessfulCreate = SuccessfulCreate
reason-FailedCreate = FailedCreate
reason-SuccessfulDelete = SuccessfulDelete
reason-FailedDelete = FailedDelete
reason-Completed = Completed
reason-TooManySucceededPods = TooManySucceededPods
reason-PodFailurePolicy = PodFailurePolicy
reason-BackoffLimitExceeded = BackoffLimitExceeded
reason-DeadlineExceeded = DeadlineExceeded
reason-MaxFailedIndexesExceeded = MaxFailedIndexesExceeded
reason-FailedIndexes = FailedIndexes
reason-SuccessPolicy = SuccessPolicy
reason-CompletionsReached = CompletionsReached
reason-UnknownCompletionMode = UnknownCompletionMode
reason-JobSuspended = JobSuspended
reason-JobResumed = JobResumed

## CronJob

reason-SawCompletedJob = SawCompletedJob
reason-UnexpectedJob = UnexpectedJob
reason-MissingJob = MissingJob
reason-MissSchedule = MissSchedule
reason-JobAlreadyActive = JobAlreadyActive
reason-TooManyMissedTimes = TooManyMissedTimes
reason-UnknownTimeZone = UnknownTimeZone
reason-UnparseableSchedule = UnparseableSchedule
reason-UnParseableCronJobSchedule = UnParseableCronJobSchedule
reason-InvalidSchedule = InvalidSchedule
reason-UnsupportedSchedule = UnsupportedSchedule
reason-FailedGet = FailedGet

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-SuccessfulCreate-pod = Created pod: { $pod }
phrase-SuccessfulCreate-job = Created job { $job }
phrase-SuccessfulCreate-stateful = Create Pod { $pod } in StatefulSet { $set } successful
phrase-FailedCreate-pod = Error creating: { $detail }
phrase-FailedCreate-job = Error creating job: { $detail }
phrase-SuccessfulDelete-pod = Deleted pod: { $pod }
phrase-SuccessfulDelete-job = Deleted job { $job }
phrase-SuccessfulDelete-stateful = Delete Pod { $pod } in StatefulSet { $set } successful
phrase-FailedDelete-pod = Error deleting: { $detail }
phrase-FailedDelete-job = Deleted job: { $detail }
phrase-Suspended-job = Job suspended
phrase-Resumed-job = Job resumed
phrase-Completed-job = Job completed
phrase-TooManySucceededPods-job = Too many succeeded pods running after completion count reached
phrase-BackoffLimitExceeded-job = Job has reached the specified backoff limit
phrase-DeadlineExceeded-job = Job was active longer than specified deadline
phrase-DeadlineExceeded-pod = Pod was active on the node longer than the specified deadline
phrase-MaxFailedIndexesExceeded-job = Job has exceeded the specified maximal number of failed indexes
phrase-FailedIndexes-job = Job has failed indexes
phrase-CompletionsReached-job = Reached expected number of succeeded pods
phrase-UnknownCompletionMode-job = Skipped Job sync because completion mode is unknown
phrase-SawCompletedJob-job = Saw completed job: { $job }, condition: { $condition }
phrase-SawCompletedJob-older = Saw completed job: { $job }, status: { $condition }
phrase-UnexpectedJob-job = Saw a job that the controller did not create or forgot: { $job }
phrase-MissingJob-job = Active job went missing: { $job }
phrase-MissSchedule-time = Missed scheduled time to start a job: { $time }
phrase-JobAlreadyActive-forbid = Not starting job because prior execution is running and concurrency policy is Forbid
phrase-TooManyMissedTimes-times = too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew
phrase-UnknownTimeZone-zone = invalid timeZone: { $detail }
phrase-UnparseableSchedule-schedule = unparseable schedule: { $detail }
phrase-UnParseableCronJobSchedule-schedule = unparseable schedule for cronjob: { $schedule }
phrase-InvalidSchedule-schedule = invalid schedule: { $detail }
phrase-FailedGet-job = Get job: { $detail }
