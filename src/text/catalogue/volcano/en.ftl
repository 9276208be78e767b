### Reasons of Volcano: Job, PodGroup and JobFlow.

reason-ExecuteAction = ExecuteAction
reason-CommandIssued = CommandIssued
reason-PluginError = PluginError
reason-PVCError = PVCError
reason-PodGroupError = PodGroupError
reason-PodGroupPending = PodGroupPending
reason-JobStatusError = JobStatusError
reason-SyncJobFlow = SyncJobFlow

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-ExecuteAction-action = Start to execute action { $action }
