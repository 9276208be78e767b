//! The control plane for tests is a real one, and can be made to misbehave. Does I/O.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod};
use kube::Api;
use kube::api::{DeleteParams, ListParams, WatchEvent, WatchParams};

use crate::control_plane::{ControlPlane, until};
use crate::emitter::{Emitter, Telling};
use crate::workloads;

/// Counts of the Events of one object, by reason.
async fn reasons(events: &Api<Event>, kind: &str, name: &str) -> Result<BTreeMap<String, i32>> {
    let filter = format!("involvedObject.kind={kind},involvedObject.name={name}");
    let list = events.list(&ListParams::default().fields(&filter)).await?;
    let mut counts = BTreeMap::new();
    for event in list {
        *counts.entry(event.reason.unwrap_or_default()).or_insert(0) += event.count.unwrap_or(0);
    }
    Ok(counts)
}

/// The reason of a condition that is True.
async fn condition(jobs: &Api<Job>, name: &str, kind: &str) -> Result<Option<String>> {
    let status = jobs.get(name).await?.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let found = conditions
        .into_iter()
        .find(|c| c.type_ == kind && c.status == "True");
    Ok(found.map(|condition| condition.reason.unwrap_or_default()))
}

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
    until("three repeats in one Event", async || {
        let told = reasons(&events, "Pod", "falls").await?;
        Ok(told.get("BackOff").is_some_and(|count| *count >= 3))
    })
    .await?;
    let filter = ListParams::default().fields("reason=BackOff");
    assert_eq!(events.list(&filter).await?.items.len(), 1);
    Ok(())
}

#[tokio::test]
async fn thirty_repeats_of_the_emitter_are_one_event_with_count_30() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("repeats").await?;
    let events = Api::<Event>::namespaced(plane.client().await?, &namespace);
    let telling = Telling::about("Pod", &namespace, "web-0", "BackOff")
        .with("type", "Warning")
        .with("uid", "7ab1")
        .with("field-path", "spec.containers{main}");

    let told = plane.emit(&telling, 30).await?;

    assert_eq!(
        (told.created, told.patched, told.filtered, told.refused),
        (1, 29, 0, 0)
    );
    let list = events.list(&ListParams::default()).await?;
    assert_eq!(list.items.len(), 1);
    let event = &list.items[0];
    assert_eq!(event.count, Some(30));
    assert_eq!(
        event.involved_object.field_path.as_deref(),
        Some("spec.containers{main}")
    );
    assert_eq!(event.involved_object.uid.as_deref(), Some("7ab1"));
    Ok(())
}

#[tokio::test]
async fn the_emitters_recorder_goes_on_counting_when_its_event_is_deleted() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("recreated").await?;
    let events = Api::<Event>::namespaced(plane.client().await?, &namespace);
    let mut emitter = Emitter::start(
        plane,
        &Telling::about("Pod", &namespace, "web-0", "Killing"),
    )?;

    let before = emitter.tell(5).await?;
    let first = events.get(&before.name).await?;
    events
        .delete(&before.name, &DeleteParams::default())
        .await?;
    let after = emitter.tell(1).await?;

    assert_eq!((after.missing, after.created, after.count), (1, 1, 6));
    assert_eq!(after.name, before.name);
    let second = events.get(&after.name).await?;
    assert_ne!(first.metadata.uid, second.metadata.uid);
    assert_eq!(first.first_timestamp, second.first_timestamp);
    Ok(())
}

#[tokio::test]
async fn a_spam_filter_of_25_keeps_back_what_client_go_would() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("filtered").await?;
    let telling = Telling::about("Pod", &namespace, "web-0", "BackOff").with("burst", "25");
    let told = plane.emit(&telling, 28).await?;
    assert_eq!(
        (told.created, told.patched, told.filtered, told.count),
        (1, 24, 3, 25)
    );
    Ok(())
}

#[tokio::test]
async fn a_service_account_may_do_what_its_role_says_and_no_more() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("reader").await?;
    plane
        .kubectl(&["-n", &namespace, "create", "serviceaccount", "reader"])
        .await?;
    let role = [
        "create",
        "role",
        "reader",
        "--verb=list",
        "--resource=events",
    ];
    plane
        .kubectl(&[["-n", namespace.as_str()].as_slice(), role.as_slice()].concat())
        .await?;
    let account = format!("--serviceaccount={namespace}:reader");
    let binding = [
        "-n",
        &namespace,
        "create",
        "rolebinding",
        "reader",
        "--role=reader",
        &account,
    ];
    plane.kubectl(&binding).await?;

    let file = plane
        .kubeconfig_for_service_account(&namespace, "reader")
        .await?;
    let kubeconfig = kube::config::Kubeconfig::read_from(file)?;
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await?;
    let client = kube::Client::try_from(config)?;

    Api::<Event>::namespaced(client.clone(), &namespace)
        .list(&ListParams::default())
        .await?;
    let refused = Api::<ConfigMap>::namespaced(client, &namespace)
        .list(&ListParams::default())
        .await;
    let kube::Error::Api(status) = refused.expect_err("config maps are not granted") else {
        anyhow::bail!("an answer of the API server was expected")
    };
    assert_eq!(status.code, 403);
    Ok(())
}

#[tokio::test]
async fn a_restart_loses_nothing_and_the_recorder_waits_for_it() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let mut emitter = Emitter::start(
        &plane,
        &Telling::about("Pod", "default", "web-0", "BackOff"),
    )?;
    emitter.tell(5).await?;

    plane.stop_apiserver()?;
    let (told, restarted) = tokio::join!(emitter.tell(5), plane.start_apiserver());
    restarted?;
    let told = told?;
    assert_eq!(told.lost, 0);

    // What the server answers while it starts may be a refusal, which the recorder gives up on.
    let events = Api::<Event>::default_namespaced(plane.client().await?);
    assert_eq!(
        events.get(&told.name).await?.count,
        Some(told.count.try_into()?)
    );
    plane.restart_apiserver().await?;
    let last = emitter.tell(1).await?;
    assert_eq!(last.count, 11);
    assert_eq!(events.get(&last.name).await?.count, Some(11));
    Ok(())
}

#[tokio::test]
async fn after_a_compaction_an_old_watch_of_events_gets_410() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let events = Api::<Event>::default_namespaced(plane.client().await?);
    let old = events
        .list(&ListParams::default())
        .await?
        .metadata
        .resource_version;
    let old = old.context("a list has a resourceVersion")?;
    plane
        .emit(&Telling::about("Pod", "default", "web-0", "BackOff"), 3)
        .await?;

    let revision = plane.compact_etcd().await?;

    ensure!(revision > old.parse()?, "the emitter moved the revision on");
    let code = match events.watch(&WatchParams::default(), &old).await {
        Err(kube::Error::Api(status)) => status.code,
        Err(other) => return Err(other.into()),
        Ok(stream) => match Box::pin(stream)
            .next()
            .await
            .context("the watch closed silently")??
        {
            WatchEvent::Error(status) => status.code,
            other => anyhow::bail!("{other:?} instead of 410"),
        },
    };
    assert_eq!(code, 410);
    Ok(())
}
