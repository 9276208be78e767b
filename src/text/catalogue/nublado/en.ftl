### Operations of LSST Nublado labs.

reason-OperationError = OperationError
reason-Progress = Progress
reason-SuccessfulFinish = SuccessfulFinish
reason-FailedFinish = FailedFinish

## Messages of Nublado's controller

phrase-Progress-starting = Starting lab creation for { $user }
phrase-Progress-monitoring = Monitoring in-progress lab creation for { $user }
phrase-Progress-created = Created Kubernetes objects for user lab
phrase-Progress-replacing = Deleting existing failed lab for { $user }
phrase-Progress-shutting = Shutting down Kubernetes pod
phrase-Progress-namespace = Deleting user namespace
phrase-Progress-deleted = Lab for { $user } deleted
phrase-SuccessfulFinish-started = Lab Kubernetes pod started for { $user }
phrase-SuccessfulFinish-deleted = Lab for { $user } deleted
phrase-FailedFinish-spawn = Lab spawn failed
phrase-FailedFinish-delete = Lab delete failed
phrase-FailedFinish-cancelled = Operation cancelled
phrase-OperationError-spawn = Lab spawn timed out after { $time }
