//! One execution that Kubernetes, Prefect and Dataflow tell of at once is one ordered timeline in both languages, by
//! whichever of its three names it is asked for. Does I/O.

use anyhow::{Context, Result, ensure};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use crate::control_plane::{ControlPlane, until};
use crate::observer::Observer;

const FLOW_RUN: &str = "0c4bd1f2-8e6c-4f4a-9a5e-1d2c3b4a5f60";
const DATAFLOW_JOB: &str = "2026-11-21_00_00_00-1234567890";

fn job(namespace: &str) -> String {
    format!(
        r#"
apiVersion: batch/v1
kind: Job
metadata:
  namespace: {namespace}
  name: nightly
  labels: {{prefect.io/flow-run-id: {FLOW_RUN}}}
  annotations: {{dagtrail.dev/aliases: "{DATAFLOW_JOB}"}}
spec:
  backoffLimit: 0
  template:
    metadata:
      labels: {{dagtrail.test/outcome: succeed}}
      annotations: {{dagtrail.test/run-for: 3s}}
    spec:
      restartPolicy: Never
      containers: [{{name: main, image: example/main}}]
"#
    )
}

/// What Prefect's client sends of a flow run and one of its task runs.
fn prefect_events(now: &str) -> Value {
    let event = |name: &str, resource: &str, id: &str| {
        json!({
            "occurred": now,
            "event": name,
            "resource": {"prefect.resource.id": resource, "prefect.resource.name": "nightly"},
            "related": [{
                "prefect.resource.id": format!("prefect.flow-run.{FLOW_RUN}"),
                "prefect.resource.role": "flow-run",
            }],
            "payload": {},
            "id": id,
        })
    };
    let run = format!("prefect.flow-run.{FLOW_RUN}");
    let task = "prefect.task-run.7b1d1f50-3f0e-4a43-8a4b-0f6a5b1c2d3e";
    json!([
        event(
            "prefect.flow-run.Running",
            &run,
            "6f1c3a52-40a8-4a53-8b1c-0a8f0c7f1a01"
        ),
        event(
            "prefect.task-run.Completed",
            task,
            "6f1c3a52-40a8-4a53-8b1c-0a8f0c7f1a02"
        ),
    ])
}

fn worker_messages(now: &str) -> Value {
    json!({"workerMessages": [{
        "time": now,
        "labels": {"JOB_ID": DATAFLOW_JOB, "WORKER_ID": "worker-1"},
        "workerHealthReport": {"vmIsHealthy": true, "vmStartupTime": now},
    }]})
}

async fn post(observer: &Observer, path: &str, body: &Value) -> Result<()> {
    let url = format!("{}{path}", observer.url());
    let answer = reqwest::Client::new().post(url).json(body).send().await?;
    let status = answer.status();
    ensure!(
        status.is_success(),
        "{path}: {status}: {}",
        answer.text().await?
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kubernetes_prefect_and_dataflow_tell_one_timeline() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let observer = Observer::start(&plane).await?;
    let namespace = plane.namespace("united").await?;
    plane.apply(&job(&namespace)).await?;
    let now = Timestamp::now().to_string();
    post(&observer, "/prefect/api/events", &prefect_events(&now)).await?;
    let messages = "/v1b3/projects/p/locations/l/WorkerMessages";
    post(&observer, messages, &worker_messages(&now)).await?;
    let wait = [
        "-n",
        &namespace,
        "wait",
        "--for=condition=Complete",
        "--timeout=60s",
        "job/nightly",
    ];
    plane.kubectl(&wait).await?;
    let uid = [
        "-n",
        &namespace,
        "get",
        "job",
        "nightly",
        "-o",
        "jsonpath={.metadata.uid}",
    ];
    let uid = plane.kubectl(&uid).await?;
    let ended = |rows: &[Value]| {
        let own = rows.iter().filter(|row| row["elemType"] == "K8s.Job");
        own.filter(|row| row["reason"] == "SuccessfulFinish")
            .count()
            == 1
    };
    until("the Job's end in the timeline", async || {
        Ok(ended(&observer.timeline(&uid).await?))
    })
    .await?;

    let both = observer
        .get(&format!("/v1/executions/{uid}/events"))
        .await?;
    let rows = both.as_array().context("an array")?;
    let types = |engine: &str| {
        let is = |row: &&Value| {
            row["elemType"]
                .as_str()
                .is_some_and(|of| of.starts_with(engine))
        };
        rows.iter().filter(is).count()
    };
    for engine in ["K8s.", "Prefect.", "Dataflow."] {
        ensure!(types(engine) > 0, "{engine}: {rows:#?}");
    }
    let firsts: Vec<_> = rows
        .iter()
        .map(|row| row["firstTimestamp"].as_str())
        .collect();
    ensure!(firsts.is_sorted(), "{firsts:?}");
    for row in rows {
        let reason = row["reason"].as_str().context("a reason")?;
        let (zh, en) = reason
            .split_once("##")
            .with_context(|| format!("{reason} is no pair"))?;
        ensure!(!zh.is_empty() && !en.is_empty(), "{reason}");
    }
    for id in [FLOW_RUN, DATAFLOW_JOB] {
        let same = observer.get(&format!("/v1/executions/{id}/events")).await?;
        ensure!(same == both, "by {id}: {same:#}\nby {uid}: {both:#}");
    }
    Ok(())
}
