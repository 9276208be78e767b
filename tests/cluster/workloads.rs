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

/// An indexed Job of so many Pods at once, which all end in `outcome`.
pub(crate) fn indexed_job(namespace: &str, name: &str, outcome: &str, pods: u32) -> String {
    job(namespace, name, outcome, 0).replace(
        "spec:\n  backoffLimit",
        &format!(
            "spec:\n  completionMode: Indexed\n  completions: {pods}\n  parallelism: {pods}\n  backoffLimit"
        ),
    )
}

/// A Pod that no scheduler takes.
pub(crate) fn pod_of_nobody(namespace: &str, name: &str) -> String {
    pod(namespace, name, "none").replace("spec:\n", "spec:\n  schedulerName: nobody\n")
}
