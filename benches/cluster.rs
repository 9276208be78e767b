//! What the groups do to a real control plane: objects, and Events about them. Does I/O.

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::Api;
use kube::api::PostParams;
use serde_json::json;

use crate::binaries::Binaries;
use crate::control_plane::ControlPlane;
use crate::report::Row;

/// Requests at a time.
const AT_A_TIME: usize = 64;

/// Runs what needs a control plane; without one says why there is nothing.
pub(crate) fn with_plane(
    load: &str,
    measure: impl AsyncFnOnce(&ControlPlane) -> Result<Vec<Row>>,
) -> Vec<Row> {
    if let Err(missing) = Binaries::find() {
        return vec![Row::not_measured(load, &missing.to_string())];
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(async {
        let plane = ControlPlane::own().await.expect("its binaries were found");
        let measured = measure(&plane).await;
        measured.unwrap_or_else(|error| vec![Row::not_measured(load, &format!("{error:#}"))])
    })
}

/// An object that Events are about.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// Its name.
    pub(crate) name: String,
    /// Its uid: the execution's id.
    pub(crate) uid: String,
}

/// Makes so many Pods that no scheduler takes: each is an execution of its own.
pub(crate) async fn pods(plane: &ControlPlane, namespace: &str, number: u32) -> Result<Vec<About>> {
    let pods = Api::<Pod>::namespaced(plane.client().await?, namespace);
    let make = |number: u32| {
        let pods = &pods;
        async move {
            let name = format!("align-{number}");
            let containers = json!([{ "name": "main", "image": "registry.example.com/align" }]);
            let spec = json!({ "schedulerName": "nobody", "containers": containers });
            let pod = json!({ "metadata": { "name": name }, "spec": spec });
            let made = pods
                .create(&PostParams::default(), &serde_json::from_value(pod)?)
                .await?;
            let uid = made.metadata.uid.context("it has a uid")?;
            anyhow::Ok(About { name, uid })
        }
    };
    stream::iter((0..number).map(make))
        .buffered(AT_A_TIME)
        .try_collect()
        .await
}

/// The name of an Event.
pub(crate) fn name(about: &About, number: u32) -> String {
    format!(
        "{}.{:x}",
        about.name,
        0x1800_0000_0000_0000 + u64::from(number)
    )
}

/// An Event as the kubelet tells it, with a text of its own.
pub(crate) fn event(about: &About, namespace: &str, number: u32, at: Timestamp) -> Result<Event> {
    let mut event: Event = serde_json::from_value(json!({
        "metadata": { "name": name(about, number) },
        "involvedObject": { "kind": "Pod", "apiVersion": "v1", "namespace": namespace, "name": about.name,
            "uid": about.uid, "fieldPath": "spec.containers{main}", "resourceVersion": "1" },
        "type": "Normal", "reason": "Pulled", "count": 1,
        "message": format!("Successfully pulled image \"registry.example.com/team/tool:{number}\" in 1.234s \
            (1.234s including waiting). Image size: {} bytes.", 10_000_000 + number),
        "source": { "component": "kubelet", "host": "node-a" },
        "reportingComponent": "kubelet", "reportingInstance": "node-a",
    }))?;
    (event.first_timestamp, event.last_timestamp) = (Some(Time(at)), Some(Time(at)));
    event.event_time = None::<MicroTime>;
    Ok(event)
}

/// Creates the Events of these numbers, in turn about each of the objects.
pub(crate) async fn tell(
    plane: &ControlPlane,
    namespace: &str,
    about: &[About],
    numbers: std::ops::Range<u32>,
) -> Result<()> {
    let events = Api::<Event>::namespaced(plane.client().await?, namespace);
    let begin = Timestamp::new(Timestamp::now().as_second() - 600, 0)?;
    let make = |number: u32| {
        let (events, about) = (&events, &about[number as usize % about.len()]);
        async move {
            let at = begin + SignedDuration::from_millis(number.into());
            let event = event(about, namespace, number, at)?;
            events.create(&PostParams::default(), &event).await?;
            anyhow::Ok(())
        }
    };
    stream::iter(numbers.map(make))
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await
}
