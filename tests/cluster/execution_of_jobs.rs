//! An Execution of three Jobs, as `kubectl get executions.dagtrail.dev` shows it. Does I/O.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::control_plane::{ControlPlane, until};
use crate::observer::Observer;

fn element(namespace: &str, id: &str, outcome: &str) -> String {
    format!(
        r#"
---
apiVersion: batch/v1
kind: Job
metadata:
  namespace: {namespace}
  name: nightly-{id}
  labels: {{dagtrail.dev/execution: nightly, dagtrail.dev/element: {id}}}
spec:
  backoffLimit: 0
  template:
    metadata:
      labels: {{dagtrail.test/outcome: {outcome}}}
      annotations: {{dagtrail.test/run-for: 1500ms}}
    spec:
      restartPolicy: Never
      containers: [{{name: main, image: example/main}}]
"#
    )
}

/// PHASE, EVENTS, WARNINGS and LAST-REASON, as printed.
async fn columns(plane: &ControlPlane, namespace: &str) -> Result<Vec<String>> {
    let args = ["-n", namespace, "get", "executions.dagtrail.dev", "nightly"];
    let table = plane.kubectl(&args).await?;
    let (head, line) = table.split_once('\n').context("a table has a head")?;
    let heads: Vec<&str> = head.split_whitespace().collect();
    assert_eq!(
        heads,
        ["NAME", "PHASE", "EVENTS", "WARNINGS", "LAST-REASON", "AGE"]
    );
    Ok(line.split_whitespace().skip(1).map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phase_events_and_warnings_move_to_the_end() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let observer = Observer::start(&plane).await?;
    let namespace = plane.namespace("status").await?;
    let execution = format!(
        r#"
apiVersion: dagtrail.dev/v1alpha1
kind: Execution
metadata: {{namespace: {namespace}, name: nightly}}
spec:
  engine: K8s
  elements:
  - {{id: extract, type: Job, selector: {{matchLabels: {{dagtrail.dev/element: extract}}}}}}
  - {{id: transform, type: Job, dependsOn: [extract], selector: {{matchLabels: {{dagtrail.dev/element: transform}}}}}}
  - {{id: load, type: Job, dependsOn: [transform], selector: {{matchLabels: {{dagtrail.dev/element: load}}}}}}
"#
    );
    plane.apply(&execution).await?;
    let mut seen: Vec<Vec<String>> = Vec::new();
    for (id, outcome) in [
        ("extract", "succeed"),
        ("transform", "succeed"),
        ("load", "fail"),
    ] {
        plane.apply(&element(&namespace, id, outcome)).await?;
        let condition = if outcome == "fail" {
            "--for=condition=Failed"
        } else {
            "--for=condition=Complete"
        };
        let job = format!("job/nightly-{id}");
        let wait = ["-n", &namespace, "wait", condition, "--timeout=60s", &job];
        plane.kubectl(&wait).await?;
        seen.push(columns(&plane, &namespace).await?);
    }
    let ended = until("the end in the status", async || {
        let now = columns(&plane, &namespace).await?;
        let end = now[0] == "Failed" && now[2].parse::<u64>()? > 0;
        seen.push(now);
        Ok(end)
    })
    .await;
    ended.with_context(|| format!("{seen:?}"))?;
    let phases: Vec<&str> = seen.iter().map(|columns| columns[0].as_str()).collect();
    assert!(phases.contains(&"Running"), "{phases:?}");
    let number = |text: &str| text.parse::<u64>().unwrap_or_default();
    let events: BTreeSet<u64> = seen.iter().map(|columns| number(&columns[1])).collect();
    assert!(events.len() >= 3, "EVENTS moves: {events:?}");

    let uid = [
        "-n",
        &namespace,
        "get",
        "executions.dagtrail.dev",
        "nightly",
        "-o",
        "jsonpath={.metadata.uid}",
    ];
    let timeline = observer.timeline(&plane.kubectl(&uid).await?).await?;
    for (id, end) in [
        ("extract", "SuccessfulFinish"),
        ("transform", "SuccessfulFinish"),
        ("load", "FailedFinish"),
    ] {
        let of_element = timeline
            .iter()
            .filter(|row| row["elemId"] == id && row["reason"] == end);
        assert_eq!(of_element.count(), 1, "{id}: {timeline:#?}");
    }
    Ok(())
}
