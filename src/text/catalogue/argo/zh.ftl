### Argo Workflows 控制器的事件原因。

## 工作流

reason-WorkflowRunning = 工作流运行中
reason-WorkflowSucceeded = 工作流成功
reason-WorkflowFailed = 工作流失败
reason-WorkflowTimedOut = 工作流超时

## 工作流节点

reason-WorkflowNodeRunning = 工作流节点运行中
reason-WorkflowNodeSucceeded = 工作流节点成功
reason-WorkflowNodeFailed = 工作流节点失败
reason-WorkflowNodeError = 工作流节点错误
reason-WorkflowNodeSkipped = 工作流节点跳过
reason-WorkflowNodeOmitted = 工作流节点略过

## 其他

reason-ArtifactGCFailed = 制品垃圾回收失败
reason-PodLevelResourcesDropped = 已丢弃Pod级资源
reason-ResourceClaimsDropped = 已丢弃资源申领

## 短语：发出者的英文消息的译文。

phrase-WorkflowRunning-running = 工作流运行中
phrase-WorkflowSucceeded-completed = 工作流已完成
phrase-WorkflowNodeRunning-node = 节点{ $node }运行中
phrase-WorkflowNodeSucceeded-detail = 节点{ $node }成功：{ $detail }
phrase-WorkflowNodeSucceeded-node = 节点{ $node }成功
phrase-WorkflowNodeFailed-detail = 节点{ $node }失败：{ $detail }
phrase-WorkflowNodeFailed-node = 节点{ $node }失败
phrase-WorkflowNodeError-detail = 节点{ $node }错误：{ $detail }
phrase-WorkflowNodeError-node = 节点{ $node }错误
