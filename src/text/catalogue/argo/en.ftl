### Reasons of the Argo Workflows controller.

## Workflows

reason-WorkflowRunning = WorkflowRunning
reason-WorkflowSucceeded = WorkflowSucceeded
reason-WorkflowFailed = WorkflowFailed
reason-WorkflowTimedOut = WorkflowTimedOut

## Nodes of a workflow

reason-WorkflowNodeRunning = WorkflowNodeRunning
reason-WorkflowNodeSucceeded = WorkflowNodeSucceeded
reason-WorkflowNodeFailed = WorkflowNodeFailed
reason-WorkflowNodeError = WorkflowNodeError
reason-WorkflowNodeSkipped = WorkflowNodeSkipped
reason-WorkflowNodeOmitted = WorkflowNodeOmitted

## Others

reason-ArtifactGCFailed = ArtifactGCFailed
reason-PodLevelResourcesDropped = PodLevelResourcesDropped
reason-ResourceClaimsDropped = ResourceClaimsDropped

## Phrases: messages as their emitter words them; the text is also the pattern that recognises them.

phrase-WorkflowRunning-running = Workflow Running
phrase-WorkflowSucceeded-completed = Workflow completed
phrase-WorkflowNodeRunning-node = Running node { $node }
phrase-WorkflowNodeSucceeded-detail = Succeeded node { $node }: { $detail }
phrase-WorkflowNodeSucceeded-node = Succeeded node { $node }
phrase-WorkflowNodeFailed-detail = Failed node { $node }: { $detail }
phrase-WorkflowNodeFailed-node = Failed node { $node }
phrase-WorkflowNodeError-detail = Error node { $node }: { $detail }
phrase-WorkflowNodeError-node = Error node { $node }
