//! What the API server shows of a test's objects. Does I/O.

use std::collections::BTreeMap;

use anyhow::Result;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Event;
use kube::Api;
use kube::api::ListParams;

/// Counts of the Events of one object, by reason.
pub(crate) async fn reasons(
    events: &Api<Event>,
    kind: &str,
    name: &str,
) -> Result<BTreeMap<String, i32>> {
    let filter = format!("involvedObject.kind={kind},involvedObject.name={name}");
    let list = events.list(&ListParams::default().fields(&filter)).await?;
    let mut counts = BTreeMap::new();
    for event in list {
        *counts.entry(event.reason.unwrap_or_default()).or_insert(0) += event.count.unwrap_or(0);
    }
    Ok(counts)
}

/// The reason of a condition that is True.
pub(crate) async fn condition(jobs: &Api<Job>, name: &str, kind: &str) -> Result<Option<String>> {
    let status = jobs.get(name).await?.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let found = conditions
        .into_iter()
        .find(|c| c.type_ == kind && c.status == "True");
    Ok(found.map(|condition| condition.reason.unwrap_or_default()))
}
