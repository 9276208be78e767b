//! Manifests of what the tests let run. Pure.
//!
//! `outcome` is one of those that `kwok/pod-stages.yaml` tells: succeed, fail, crashloop, run.

/// A Job whose Pods all end in `outcome`.
pub(crate) fn job(namespace: &str, name: &str, outcome: &str, backoff_limit: u32) -> String {
    format!(
        r"
apiVersion: batch/v1
kind: Job
metadata: {{namespace: {namespace}, name: {name}}}
spec:
  backoffLimit: {backoff_limit}
  template:
    metadata:
      labels: {{dagtrail.test/outcome: {outcome}}}
    spec:
      restartPolicy: Never
      containers: [{{name: main, image: example/main}}]
"
    )
}

/// A Pod that nobody owns.
pub(crate) fn pod(namespace: &str, name: &str, outcome: &str) -> String {
    format!(
        r"
apiVersion: v1
kind: Pod
metadata: {{namespace: {namespace}, name: {name}, labels: {{dagtrail.test/outcome: {outcome}}}}}
spec:
  containers: [{{name: main, image: example/main}}]
"
    )
}
