//! The controllers and the fake kubelets do their work. Does I/O.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;

use crate::control_plane::{ControlPlane, until};
use crate::seen::{condition, reasons};
use crate::workloads;

#[tokio::test]
async fn a_job_that_succeeds_completes_with_events_of_the_controllers() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("succeeds").await?;
    let client = plane.client().await?;
    let (jobs, events) = (
        Api::<Job>::namespaced(client.clone(), &namespace),
        Api::namespaced(client.clone(), &namespace),
    );
    plane
        .apply(&workloads::job(&namespace, "good", "succeed", 0))
        .await?;

    until("Complete", async || {
        Ok(condition(&jobs, "good", "Complete").await?.is_some())
    })
    .await?;
    until("the Event of the completion", async || {
        Ok(reasons(&events, "Job", "good")
            .await?
            .contains_key("Completed"))
    })
    .await?;

    let told = reasons(&events, "Job", "good").await?;
    assert_eq!(
        told,
        BTreeMap::from([("Completed".into(), 1), ("SuccessfulCreate".into(), 1)])
    );
    let pods = Api::<Pod>::namespaced(client, &namespace)
        .list(&ListParams::default())
        .await?;
    let pod = pods.items[0]
        .metadata
        .name
        .clone()
        .context("a Pod has a name")?;
    until("the Events of the Pod", async || {
        Ok(reasons(&events, "Pod", &pod).await?.len() == 4)
    })
    .await?;
    let told = reasons(&events, "Pod", &pod).await?;
    assert_eq!(
        told.into_keys().collect::<Vec<_>>(),
        ["Created", "Pulled", "Scheduled", "Started"]
    );
    Ok(())
}

#[tokio::test]
async fn a_job_whose_pods_fail_reaches_its_backoff_limit() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("fails").await?;
    let client = plane.client().await?;
    let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
    let events = Api::namespaced(client, &namespace);
    plane
        .apply(&workloads::job(&namespace, "bad", "fail", 0))
        .await?;

    until("Failed", async || {
        Ok(condition(&jobs, "bad", "Failed").await?.is_some())
    })
    .await?;
    assert_eq!(
        condition(&jobs, "bad", "Failed").await?.as_deref(),
        Some("BackoffLimitExceeded")
    );
    until("the Event of the failure", async || {
        Ok(reasons(&events, "Job", "bad")
            .await?
            .contains_key("BackoffLimitExceeded"))
    })
    .await
}

#[tokio::test]
async fn a_crash_looping_pod_restarts_and_its_back_off_event_counts_up() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("crashes").await?;
    let client = plane.client().await?;
    let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
    let events = Api::namespaced(client, &namespace);
    plane
        .apply(&workloads::pod(&namespace, "falls", "crashloop"))
        .await?;

    // kwok is no kubelet: this BackOff comes from the stage pod-crash, by client-go's recorder.
    until("three restarts", async || {
        let status = pods.get("falls").await?.status.unwrap_or_default();
        let containers = status.container_statuses.unwrap_or_default();
        Ok(containers
            .iter()
            .any(|container| container.restart_count >= 3))
    })
    .await?;
    until("more than 20 repeats in one Event", async || {
        let told = reasons(&events, "Pod", "falls").await?;
        Ok(told.get("BackOff").is_some_and(|count| *count > 20))
    })
    .await?;
    let filter = ListParams::default().fields("reason=BackOff");
    assert_eq!(events.list(&filter).await?.items.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_pod_runs_for_as_long_as_its_annotation_says() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("lasting").await?;
    let pods = Api::<Pod>::namespaced(plane.client().await?, &namespace);
    let manifest = workloads::pod(&namespace, "lasts", "succeed").replace(
        "labels:",
        "annotations: {dagtrail.test/run-for: 3s}, labels:",
    );
    plane.apply(&manifest).await?;

    let mut end = None;
    until("the end of the Pod", async || {
        let status = pods.get("lasts").await?.status.unwrap_or_default();
        let containers = status.container_statuses.unwrap_or_default();
        end = containers
            .into_iter()
            .find_map(|container| container.state?.terminated);
        Ok(end.is_some())
    })
    .await?;

    let end = end.context("the Pod ended")?;
    let (start, finish) = (
        end.started_at.context("start")?,
        end.finished_at.context("finish")?,
    );
    // Both times are whole seconds.
    ensure!(
        (finish.0 - start.0).total(jiff::Unit::Second)? >= 2.0,
        "{start:?} to {finish:?}"
    );
    Ok(())
}
