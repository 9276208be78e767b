//! What `kubectl get events` shows for a Job is in its timeline, and stays there. Does I/O.

use anyhow::{Context, Result};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::Api;
use kube::api::{DeleteParams, ListParams};
use serde_json::Value;

use crate::control_plane::{ControlPlane, until};
use crate::emitter::Telling;
use crate::observer::{Observer, events, missing};
use crate::workloads;

const TERMINAL: [&str; 5] = [
    "SuccessfulFinish",
    "FailedFinish",
    "ErrorFinish",
    "Cancelled",
    "TimedOut",
];

/// The uid of a Job and those of its Pods.
async fn family(plane: &ControlPlane, namespace: &str, name: &str) -> Result<Vec<String>> {
    let client = plane.client().await?;
    let job = Api::<Job>::namespaced(client.clone(), namespace)
        .get(name)
        .await?;
    let mut uids = vec![job.metadata.uid.context("a Job has a uid")?];
    let selector = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={name}"));
    for pod in Api::<Pod>::namespaced(client, namespace)
        .list(&selector)
        .await?
    {
        uids.push(pod.metadata.uid.context("a Pod has a uid")?);
    }
    Ok(uids)
}

fn of_element<'a>(timeline: &'a [Value], elem_type: &str, elem_id: &str) -> Vec<&'a str> {
    let own = timeline
        .iter()
        .filter(|row| row["elemType"] == elem_type && row["elemId"] == elem_id);
    own.filter(|row| row["involvedObject"]["name"] == elem_id)
        .filter_map(|row| row["reason"].as_str())
        .collect()
}

async fn settled(
    plane: &ControlPlane,
    observer: &Observer,
    uids: &[String],
    why: &str,
) -> Result<Vec<Value>> {
    let mut timeline = Vec::new();
    let mut open = Vec::new();
    let seen = until(why, async || {
        let told = events(plane, uids).await?;
        timeline = observer.timeline(&uids[0]).await?;
        open = missing(&told, &timeline);
        Ok(!told.is_empty() && open.is_empty())
    })
    .await;
    seen.with_context(|| format!("still open: {open:#?}\ntimeline: {timeline:#?}"))?;
    Ok(timeline)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_timeline_holds_what_the_cluster_shows_and_outlives_it() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let observer = Observer::start(&plane).await?;
    let namespace = plane.namespace("timelines").await?;
    let client = plane.client().await?;
    let jobs = Api::<Job>::namespaced(client.clone(), &namespace);
    let pods = Api::<Pod>::namespaced(client.clone(), &namespace);
    plane
        .apply(&workloads::job(&namespace, "good", "succeed", 0))
        .await?;
    plane
        .apply(&workloads::job(&namespace, "bad", "fail", 1))
        .await?;
    plane
        .apply(&workloads::pod(&namespace, "falls", "crashloop"))
        .await?;

    for (name, condition) in [("good", "Complete"), ("bad", "Failed")] {
        until(condition, async || {
            let status = jobs.get(name).await?.status.unwrap_or_default();
            Ok(status
                .conditions
                .unwrap_or_default()
                .iter()
                .any(|found| found.type_ == condition))
        })
        .await?;
    }
    let good = family(&plane, &namespace, "good").await?;
    let bad = family(&plane, &namespace, "bad").await?;
    assert_eq!(bad.len(), 3, "one retry makes two Pods");
    let falls = pods
        .get("falls")
        .await?
        .metadata
        .uid
        .context("a Pod has a uid")?;
    // kwok is no kubelet: these repeats come from client-go's recorder in a small emitter, as kubelet's do.
    let back_off = Telling::about("Pod", &namespace, "falls", "BackOff")
        .with("type", "Warning")
        .with("uid", &falls)
        .with("component", "kubelet")
        .with("field-path", "spec.containers{main}")
        .with(
            "message",
            "Back-off restarting failed container main in pod falls",
        );
    let told = plane.emit(&back_off, 24).await?;
    assert_eq!(told.count, 24);

    let mut timelines = Vec::new();
    for (uids, name, end) in [
        (&good, "good", "SuccessfulFinish"),
        (&bad, "bad", "FailedFinish"),
    ] {
        let timeline = settled(&plane, &observer, uids, name).await?;
        let reasons = of_element(&timeline, "K8s.Job", name);
        assert_eq!(
            reasons
                .iter()
                .filter(|reason| **reason == "ActionStart")
                .count(),
            1,
            "{reasons:?}"
        );
        let ends: Vec<_> = reasons
            .iter()
            .filter(|reason| TERMINAL.contains(reason))
            .collect();
        assert_eq!(ends, [&end], "{reasons:?}");
        timelines.push((uids[0].clone(), timeline));
    }
    let timeline = settled(
        &plane,
        &observer,
        std::slice::from_ref(&falls),
        "the crash loop",
    )
    .await?;
    let folded = timeline
        .iter()
        .find(|row| row["reason"] == "BackOff" && row["count"].as_i64() >= Some(24));
    assert!(folded.is_some(), "{timeline:#?}");
    let both = observer
        .get(&format!("/v1/executions/{}/events", good[0]))
        .await?;
    let end = both.as_array().and_then(|rows| {
        rows.iter()
            .find(|row| row["reason"] == "执行成功##SuccessfulFinish")
    });
    assert!(
        end.is_some_and(|row| row["message"]
            .as_str()
            .is_some_and(|text| text.contains(" ## "))),
        "{both:#}"
    );

    let everything = ListParams::default();
    let background = DeleteParams::background();
    jobs.delete_collection(&background, &everything).await?;
    pods.delete_collection(&DeleteParams::default().grace_period(0), &everything)
        .await?;
    let in_namespace = Api::<Event>::namespaced(client, &namespace);
    until("an empty namespace", async || {
        in_namespace
            .delete_collection(&background, &everything)
            .await?;
        let gone = jobs.list(&everything).await?.items.is_empty()
            && pods.list(&everything).await?.items.is_empty();
        Ok(gone && in_namespace.list(&everything).await?.items.is_empty())
    })
    .await?;
    for (id, before) in timelines {
        let after = observer.timeline(&id).await?;
        let lost: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
        assert!(
            lost.is_empty(),
            "rows changed or went when the cluster forgot: {lost:#?}"
        );
        let list = observer.get(&format!("/v1/executions/{id}")).await?;
        assert!(list["execution"]["status"].is_string());
    }
    Ok(())
}
