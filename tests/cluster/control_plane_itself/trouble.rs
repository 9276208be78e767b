//! What can be done to the control plane: refusals, restarts, compaction. Does I/O.

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{ConfigMap, Event};
use kube::Api;
use kube::api::{ListParams, WatchEvent, WatchParams};

use crate::control_plane::{ControlPlane, until};
use crate::emitter::{Emitter, Telling};
use crate::seen::condition;
use crate::workloads;

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

    // The controllers outlive it, too.
    let jobs = Api::<Job>::default_namespaced(plane.client().await?);
    plane
        .apply(&workloads::job("default", "later", "succeed", 0))
        .await?;
    until("Complete", async || {
        Ok(condition(&jobs, "later", "Complete").await?.is_some())
    })
    .await
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
