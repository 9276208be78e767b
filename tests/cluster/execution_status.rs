//! An Execution shows what was committed of it, with the rights of the installed ServiceAccount. Does I/O.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dagtrail::controller;
use dagtrail::crd::{Execution, Phase};
use dagtrail::model::{ExecutionKey, SystemClock};
use dagtrail::telemetry::Labelled;
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::control_plane::{ControlPlane, until};
use crate::history::{History, Tale};
use crate::installation;

const DEFINITION: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/crds/executions.dagtrail.dev.yaml"
);

/// Three elements, one after the other, in the namespace `default`.
const RUN: &str = "
apiVersion: dagtrail.dev/v1alpha1
kind: Execution
metadata: {name: run}
spec:
  engine: KubeDAG
  elements:
  - {id: prepare, type: init}
  - {id: train, type: job, dependsOn: [prepare]}
  - {id: publish, type: job, dependsOn: [train]}
";

/// One that the definition would refuse.
const BROKEN: &str = "
apiVersion: dagtrail.dev/v1alpha1
kind: Execution
metadata: {name: broken}
spec: {engine: {}, elements: [1]}
";

/// Lets the API server take any Execution.
async fn no_longer_checked(plane: &ControlPlane) -> Result<()> {
    let args = ["get", "crd", "executions.dagtrail.dev", "-o", "json"];
    let mut definition: Value = serde_json::from_str(&plane.kubectl(&args).await?)?;
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] =
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    plane
        .apply(&serde_json::to_string_pretty(&definition)?)
        .await?;
    Ok(())
}

/// What `kubectl get` prints of `run`, without name and age.
async fn columns(plane: &ControlPlane) -> Result<String> {
    let args = ["get", "executions.dagtrail.dev", "run", "--no-headers"];
    let line = plane.kubectl(&args).await?;
    let columns: Vec<&str> = line.split_whitespace().collect();
    Ok(columns[1..columns.len() - 1].join(" "))
}

async fn shows(plane: &ControlPlane, expected: &str) -> Result<()> {
    let mut last = String::new();
    let seen = until(expected, async || {
        last = columns(plane).await?;
        Ok(last == expected)
    });
    seen.await.with_context(|| format!("it shows {last:?}"))
}

async fn key(executions: &Api<Execution>) -> Result<ExecutionKey> {
    let uid = executions.get("run").await?.uid().context("no uid")?;
    Ok(ExecutionKey::new("default", &uid))
}

fn normal<'a>(element: &'a str, code: &'a str, second: i64) -> Tale<'a> {
    Tale {
        element,
        code,
        event_type: "Normal",
        second,
        count: 1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_shows_phase_events_and_warnings_moving_to_the_end() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let client = installation::client(&plane).await?;
    plane
        .kubectl(&["delete", "crd", "executions.dagtrail.dev"])
        .await?;

    // Without the definition it waits.
    let (tracker, token) = (TaskTracker::new(), CancellationToken::new());
    let history = History::start(&tracker, token.clone());
    let running = tracker.spawn(controller::run(
        client,
        None,
        history.reader.clone(),
        history.metrics.clone(),
        Arc::new(SystemClock),
        tracker.clone(),
        token.clone(),
    ));
    sleep(Duration::from_secs(2)).await;
    ensure!(!running.is_finished(), "it waits for the definition");

    plane.apply(DEFINITION).await?;
    until("the definition served", async || {
        Ok(plane.apply(RUN).await.is_ok())
    })
    .await?;
    shows(&plane, "Pending 0 0").await?;

    let executions = Api::<Execution>::namespaced(plane.client().await?, "default");
    let run = key(&executions).await?;
    history
        .tell(&run, &normal("prepare", "ActionStart", 100))
        .await?;
    shows(&plane, "Running 1 0 ActionStart").await?;

    // Many changes are few writes, and the last one is written.
    let written = || {
        let labels = Labelled { of: "written" };
        history.metrics.status_writes.get_or_create(&labels).get()
    };
    let before = written();
    for count in 1..=150 {
        let tale = Tale {
            element: "prepare",
            code: "BackOff",
            event_type: "Warning",
            second: 101,
            count,
        };
        history.tell(&run, &tale).await?;
        sleep(Duration::from_millis(20)).await;
    }
    shows(&plane, "Running 151 150 BackOff").await?;
    let writes = written() - before;
    ensure!((1..=8).contains(&writes), "{writes} writes in about 3 s");

    // What somebody else writes into it does not stay.
    let patch = r#"{"status":{"events":7,"phase":"Cancelled"}}"#;
    let args = [
        "patch",
        "executions.dagtrail.dev",
        "run",
        "--subresource=status",
        "--type=merge",
        "-p",
        patch,
    ];
    plane.kubectl(&args).await?;
    shows(&plane, "Running 151 150 BackOff").await?;

    // Told while the API server is away.
    plane.stop_apiserver()?;
    history
        .tell(&run, &normal("prepare", "SuccessfulFinish", 110))
        .await?;
    history
        .tell(&run, &normal("train", "ActionStart", 111))
        .await?;
    sleep(Duration::from_secs(3)).await;
    plane.start_apiserver().await?;
    shows(&plane, "Running 153 150 ActionStart").await?;

    history
        .tell(&run, &normal("train", "SuccessfulFinish", 120))
        .await?;
    history
        .tell(&run, &normal("publish", "ActionStart", 121))
        .await?;
    history
        .tell(&run, &normal("publish", "SuccessfulFinish", 130))
        .await?;
    shows(&plane, "Succeeded 156 150 SuccessfulFinish").await?;

    let ended = executions.get("run").await?;
    let status = ended.status.as_ref().context("no status")?;
    assert_eq!(status.observed_generation, ended.metadata.generation);
    let phases: Vec<_> = status
        .elements
        .iter()
        .map(|it| (&*it.id, it.phase))
        .collect();
    let succeeded = Phase::Succeeded;
    assert_eq!(
        phases,
        [
            ("prepare", succeeded),
            ("train", succeeded),
            ("publish", succeeded)
        ]
    );
    let conditions: Vec<_> = status
        .conditions
        .iter()
        .map(|it| {
            (
                &*it.type_,
                &*it.status,
                it.last_transition_time.0.as_second(),
            )
        })
        .collect();
    assert_eq!(conditions[0], ("Succeeded", "True", 130));
    assert_eq!((conditions[1].0, conditions[1].1), ("Recording", "True"));

    // A late telling of one that has ended.
    history
        .tell(&run, &normal("publish", "Cleaned", 140))
        .await?;
    shows(&plane, "Succeeded 157 150 Cleaned").await?;

    // Its history is deleted: nothing is told of it any more.
    ensure!(history.delete(&run).await?);
    shows(&plane, "Pending 0 0").await?;
    let status = executions.get("run").await?.status.context("no status")?;
    let recording = &status.conditions[1];
    assert_eq!(
        (&*recording.status, &*recording.reason),
        ("False", "HistoryGone")
    );

    // One that nobody can read stops nobody.
    no_longer_checked(&plane).await?;
    until("a broken Execution", async || {
        Ok(plane.apply(BROKEN).await.is_ok())
    })
    .await?;

    // The same name again is another execution.
    plane
        .kubectl(&["delete", "executions.dagtrail.dev", "run"])
        .await?;
    plane.apply(RUN).await?;
    shows(&plane, "Pending 0 0").await?;
    let again = key(&executions).await?;
    assert_ne!(again, run);
    history
        .tell(&again, &normal("prepare", "FailedFinish", 200))
        .await?;
    shows(&plane, "Failed 1 0 FailedFinish").await?;

    let unread = Labelled { of: "Execution" };
    ensure!(history.metrics.unparsed.get_or_create(&unread).get() > 0);

    token.cancel();
    tracker.close();
    tokio::time::timeout(Duration::from_secs(5), tracker.wait())
        .await
        .context("it does not end")?;
    Ok(())
}
