//! Numbers that a status tells and Events do not, from the real controllers and client libraries. Does I/O.

use anyhow::{Context, Result};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::control_plane::{ControlPlane, until};
use crate::emitter::Telling;
use crate::observer::Observer;
use crate::workloads;

/// A history in the full view, English; empty while it is not known.
async fn full(observer: &Observer, id: &str) -> Result<Vec<Value>> {
    let path = format!("/v1/executions/{id}/events?view=full&lang=en");
    match observer.get(&path).await {
        Ok(Value::Array(rows)) => Ok(rows),
        Err(error) if error.to_string().contains("404") => Ok(Vec::new()),
        Ok(other) => anyhow::bail!("not an array: {other}"),
        Err(error) => Err(error),
    }
}

fn of_code<'a>(rows: &'a [Value], reporter: &str, code: &str) -> Vec<&'a Value> {
    let rows = rows.iter().filter(|row| row["reporter"] == reporter);
    rows.filter(|row| row["reason"] == code).collect()
}

fn sum(rows: &[&Value]) -> i64 {
    rows.iter().filter_map(|row| row["count"].as_i64()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_of_60_pods_and_a_crash_loop_tell_what_their_events_do_not() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let observer = Observer::start(&plane).await?;
    let namespace = plane.namespace("numbers").await?;
    let client = plane.client().await?;
    let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
    let pods = Api::<Pod>::namespaced(client, &namespace);
    plane
        .apply(&workloads::indexed_job(&namespace, "many", "succeed", 60))
        .await?;
    until("60 Pods to succeed", async || {
        let status = jobs.get("many").await?.status.unwrap_or_default();
        Ok(status.completion_time.is_some() && status.succeeded == Some(60))
    })
    .await?;
    let id = jobs.get("many").await?.metadata.uid;
    let id = id.context("a Job has a uid")?;
    let mut rows = Vec::new();
    let told = until("the Job's end", async || {
        rows = full(&observer, &id).await?;
        let starts = of_code(&rows, "dagtrail", "ActionStart").len();
        Ok(starts == 61 && of_code(&rows, "dagtrail", "SuccessfulFinish").len() == 61)
    })
    .await;
    told.with_context(|| format!("{rows:#?}"))?;
    for code in ["PodsCreated", "Progress"] {
        let numbers = of_code(&rows, "dagtrail", code);
        assert_eq!((numbers.len(), sum(&numbers)), (1, 60), "{code}");
        assert_eq!(numbers[0]["countLowerBound"], false, "{code}");
    }
    let of_job: Vec<&Value> = rows
        .iter()
        .filter(|row| row["elemType"] == "K8s.Job")
        .collect();
    let ends = of_job
        .iter()
        .filter(|row| row["reason"] == "SuccessfulFinish");
    assert_eq!(ends.count(), 1, "one completion");
    // The controller's client library tells of some Pods only; whatever repeats says so.
    let created = of_code(&rows, "job-controller", "SuccessfulCreate");
    assert!(sum(&created) < 60, "{created:#?}");
    let combined: Vec<_> = created
        .iter()
        .filter(|row| row["aggregated"] == true)
        .collect();
    assert!(!combined.is_empty(), "{created:#?}");
    assert!(combined.iter().all(|row| row["countLowerBound"] == true));
    assert!(
        created
            .iter()
            .all(|row| row["count"] == 1 || row["countLowerBound"] == true)
    );

    // No node takes this Pod, so its status is the test's own: kwok restarts nothing 132 times in a minute.
    plane
        .apply(&workloads::pod_of_nobody(&namespace, "falls"))
        .await?;
    let falls = pods.get("falls").await?.metadata.uid;
    let falls = falls.context("a Pod has a uid")?;
    let back_off = Telling::about("Pod", &namespace, "falls", "BackOff")
        .with("type", "Warning")
        .with("uid", &falls)
        .with("component", "kubelet")
        .with("burst", "25")
        .with("field-path", "spec.containers{main}")
        .with(
            "message",
            "Back-off restarting failed container main in pod falls",
        );
    let emitted = plane.emit(&back_off, 132).await?;
    assert_eq!((emitted.count, emitted.filtered), (25, 107), "{emitted:?}");
    for restarts in [1, 2, 60, 132] {
        let ended = json!({"terminated": {"exitCode": 1, "reason": "Error",
            "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:01Z"}});
        let status = json!({"status": {"phase": "Running", "startTime": "2026-01-01T00:00:00Z",
            "containerStatuses": [{"name": "main", "image": "example/main", "imageID": "", "ready": false,
                "restartCount": restarts, "lastState": ended,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}});
        pods.patch_status("falls", &PatchParams::default(), &Patch::Merge(status))
            .await?;
    }
    let told = until("132 restarts", async || {
        rows = full(&observer, &falls).await?;
        let restarts = sum(&of_code(&rows, "dagtrail", "Retrying"));
        Ok(restarts == 132 && !of_code(&rows, "kubelet", "BackOff").is_empty())
    })
    .await;
    told.with_context(|| format!("{rows:#?}"))?;
    let event = of_code(&rows, "kubelet", "BackOff");
    assert_eq!(
        (event.len(), sum(&event)),
        (1, 25),
        "what the recorder lets pass"
    );
    assert_eq!(event[0]["countLowerBound"], true);
    Ok(())
}
