//! The Pod of a Nublado lab, heard as the operations that Nublado's own controller would tell. Does I/O.

use std::time::Duration;

use anyhow::{Context, Result};
use dagtrail::model::{Clock, SystemClock};

use crate::control_plane::{ControlPlane, until};
use crate::emitter::Telling;
use crate::observer::Observer;
use crate::workloads;

const PATIENCE: Duration = Duration::from_secs(90);

/// What a listener has heard when `last` has come, or at the end of the stream without one. Pings are left out.
async fn heard(observer: &Observer, last: Option<&str>) -> Result<String> {
    let url = format!("{}/nublado/spawner/v1/labs/rachel/events", observer.url());
    let found = tokio::time::timeout(PATIENCE, async {
        let mut answer = reqwest::get(url).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            bytes.extend(chunk);
            let text = String::from_utf8_lossy(&bytes);
            if last.is_some_and(|last| text.contains(last)) {
                break;
            }
        }
        anyhow::Ok(String::from_utf8(bytes)?)
    });
    let text = found
        .await
        .with_context(|| format!("{last:?} is never heard"))??;
    let blocks = text.split_inclusive("\r\n\r\n");
    Ok(blocks
        .filter(|block| !block.starts_with(": ping - "))
        .collect())
}

fn block(of: &str, message: &str, progress: Option<u8>) -> String {
    let progress = progress.map_or_else(String::new, |progress| {
        format!(", \"progress\": {progress}")
    });
    format!("event: {of}\r\ndata: {{\"message\": \"{message}\"{progress}}}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pod_of_a_lab_is_heard_as_its_spawn_and_its_deletion() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let mut observer = Observer::start(&plane).await?;
    let namespace = plane.namespace("lab").await?;
    let labels = "labels: {nublado.lsst.io/user: rachel, nublado.lsst.io/category: lab, dagtrail.test/outcome: none}, finalizers: [dagtrail.test/held]";
    // No kubelet takes it, so that this test is the only one who moves it.
    let pod = workloads::pod_of_nobody(&namespace, "nb-rachel");
    let pod = pod.replace("labels: {dagtrail.test/outcome: none}", labels);
    plane.apply(&pod).await?;
    let of_pod = ["-n", &namespace, "get", "pod", "nb-rachel", "-o"];
    let uid = [&of_pod[..], &["jsonpath={.metadata.uid}"]].concat();
    let uid = plane.kubectl(&uid).await?;

    until("the spawn", async || {
        let url = format!("{}/nublado/spawner/v1/labs/rachel/events", observer.url());
        Ok(reqwest::get(url).await?.status() == 200)
    })
    .await?;
    let mut golden = block("info", "Starting lab creation for rachel", Some(1))
        + &block("info", "Created Kubernetes objects for user lab", Some(30));
    assert_eq!(heard(&observer, Some("30}")).await?, golden);
    let told = [
        ("Normal", "Scheduled", "Successfully assigned", 35),
        ("Warning", "Failed", "Failed to pull image", 48),
        ("Normal", "Pulled", "Container image pulled", 57),
        ("Normal", "Created", "Created container: notebook", 63),
        ("Normal", "Started", "Started container notebook", 67),
    ];
    for (at, (event_type, reason, message, progress)) in told.into_iter().enumerate() {
        if at == 2 {
            observer.kill_and_lead_again(&plane).await?;
        }
        let telling = Telling::about("Pod", &namespace, "nb-rachel", reason);
        let telling = telling.with("uid", &uid).with("message", message);
        // That an Event repeats is no step.
        plane.emit(&telling.with("type", event_type), 2).await?;
        golden += &block("info", message, Some(progress));
        assert_eq!(heard(&observer, Some(message)).await?, golden);
    }
    let now = SystemClock.now().to_seconds();
    let ready = format!(
        r#"{{"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True","lastTransitionTime":"{now}"}}]}}}}"#
    );
    let patch = [
        "-n",
        &namespace,
        "patch",
        "pod",
        "nb-rachel",
        "--type=merge",
        "-p",
    ];
    let status = [&patch[..], &[&ready, "--subresource=status"]].concat();
    plane.kubectl(&status).await?;
    golden += &block("complete", "Lab Kubernetes pod started for rachel", None);
    assert_eq!(heard(&observer, None).await?, golden);
    observer.kill_and_lead_again(&plane).await?;
    assert_eq!(
        heard(&observer, None).await?,
        golden,
        "and again after a restart"
    );

    let delete = [
        "-n",
        &namespace,
        "delete",
        "pod",
        "nb-rachel",
        "--wait=false",
    ];
    plane.kubectl(&delete).await?;
    let deleting = block("info", "Shutting down Kubernetes pod", Some(25));
    until("the deletion", async || {
        Ok(heard(&observer, Some("}\r\n"))
            .await?
            .starts_with(&deleting))
    })
    .await?;
    // Its end may come while nobody is watching: a new process has to be given the Lease first.
    observer.kill_and_lead_again(&plane).await?;
    assert_eq!(heard(&observer, Some("25}")).await?, deleting);
    let free = r#"{"metadata":{"finalizers":null}}"#;
    plane.kubectl(&[&patch[..], &[free]].concat()).await?;
    let deleted = deleting + &block("info", "Lab for rachel deleted", Some(100));
    assert_eq!(heard(&observer, None).await?, deleted);

    // Another lab, which is deleted before it is ready.
    plane.apply(&pod).await?;
    let started = golden
        .split_inclusive("\r\n\r\n")
        .next()
        .unwrap_or_default();
    until("the next spawn", async || {
        Ok(heard(&observer, Some("}\r\n")).await? == started)
    })
    .await?;
    let cut_off = heard(&observer, None);
    let end = async {
        plane.kubectl(&delete).await?;
        plane.kubectl(&[&patch[..], &[free]].concat()).await
    };
    let (cut_off, end) = tokio::join!(cut_off, end);
    end?;
    let cancelled = block("failed", "Operation cancelled", None);
    assert!(cut_off?.ends_with(&cancelled));
    until("the next deletion", async || {
        Ok(heard(&observer, None).await? == deleted)
    })
    .await?;

    let listed = observer.get("/v1/executions?name=rachel").await?;
    let operations = listed["executions"].as_array().context("a list")?;
    let of_lab = operations.iter().map(|one| &one["execution"]);
    let of_lab = of_lab.filter(|one| one["jobs_type"] == "Nublado.Lab" && one["name"] == "rachel");
    let phases: Vec<_> = of_lab.map(|one| (&one["guid"], &one["status"])).collect();
    let succeeded = serde_json::json!("Succeeded");
    assert_eq!(phases.len(), 4, "two operations of each Pod: {listed}");
    for kind in ["spawn", "delete"] {
        let id = serde_json::json!(format!("{uid}.{kind}"));
        assert!(phases.contains(&(&id, &succeeded)), "{kind}: {listed}");
    }
    Ok(())
}
