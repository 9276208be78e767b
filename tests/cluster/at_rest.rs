//! Resident memory while many Events live in the cluster: no cache of them is kept. Does I/O.
//!
//! `MEMORY_EVENTS` says how many; `make memory` asks for 150,000. What is measured is the process at rest: after
//! half of the Events, after all of them, and after a start that had to list all of them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::Api;
use kube::api::PostParams;
use serde_json::json;

use crate::control_plane::{ControlPlane, say, until};
use crate::observer::Observer;

/// Live Events, where nobody asks for another number.
const EVENTS: u32 = 8_000;
/// Executions that they are about: half of them Jobs, half of them Pods.
const EXECUTIONS: u32 = 500;
/// Requests at a time.
const AT_A_TIME: usize = 64;
/// As many bytes of memory as a process at rest may have.
const MOST: u64 = 64 << 20;
/// As many bytes as one more Event may cost. As the API server tells it an Event has more, and parsed into memory a
/// multiple of that ...
const SLOPE: u64 = 256;
/// ... beside caches that are bounded and still fill.
const CACHES: u64 = 8 << 20;
/// As `/metrics` names the number of rows.
const CREATED: &str = "dagtrail_observations_total{of=\"created\"}";
/// It rests when its memory has not become smaller by this for so long.
const REST: Duration = Duration::from_secs(20);
const LITTLE: u64 = 1 << 20;
/// It may be at work for so long after the last Event was stored, where other tests take the processors.
const AT_WORK: Duration = Duration::from_secs(120);

/// What the Events are about.
struct About {
    kind: &'static str,
    api_version: &'static str,
    name: String,
    uid: String,
}

async fn executions(plane: &ControlPlane, namespace: &str) -> Result<Vec<About>> {
    let client = plane.client().await?;
    let jobs = Api::<Job>::namespaced(client.clone(), namespace);
    let pods = Api::<Pod>::namespaced(client, namespace);
    let containers = json!([{"name": "main", "image": "example/main"}]);
    let make = |number: u32| {
        let (jobs, pods, containers) = (&jobs, &pods, &containers);
        async move {
            let name = format!("run-{number}");
            let metadata = json!({"name": name});
            let (kind, api_version, made) = if number.is_multiple_of(2) {
                let template =
                    json!({"spec": {"restartPolicy": "Never", "containers": containers}});
                let spec = json!({"suspend": true, "template": template});
                let job = serde_json::from_value(json!({"metadata": metadata, "spec": spec}))?;
                let job: Job = jobs.create(&PostParams::default(), &job).await?;
                ("Job", "batch/v1", job.metadata)
            } else {
                let spec = json!({"schedulerName": "nobody", "containers": containers});
                let pod = serde_json::from_value(json!({"metadata": metadata, "spec": spec}))?;
                let pod: Pod = pods.create(&PostParams::default(), &pod).await?;
                ("Pod", "v1", pod.metadata)
            };
            anyhow::Ok(About {
                kind,
                api_version,
                name,
                uid: made.uid.context("it has a uid")?,
            })
        }
    };
    stream::iter((0..EXECUTIONS).map(make))
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await
}

/// The Events of these numbers, each with a text of its own, as kubelet would tell them.
async fn tell(
    plane: &ControlPlane,
    namespace: &str,
    about: &[About],
    numbers: std::ops::Range<u32>,
) -> Result<()> {
    let events = Api::<Event>::namespaced(plane.client().await?, namespace);
    let begin = Timestamp::new(Timestamp::now().as_second() - 600, 0)?;
    let make = |number: u32| {
        let (events, about) = (&events, &about[number as usize % about.len()]);
        let time = Time(begin + SignedDuration::from_millis(number.into()));
        async move {
            let About {
                kind,
                api_version,
                name,
                uid,
            } = about;
            let mut event: Event = serde_json::from_value(json!({
                "metadata": {"name": format!("{name}.{:x}", 0x1800_0000_0000_0000 + u64::from(number))},
                "involvedObject": {"kind": kind, "apiVersion": api_version, "namespace": namespace,
                    "name": name, "uid": uid, "fieldPath": "spec.containers{main}", "resourceVersion": "1"},
                "type": "Normal", "reason": "Pulled", "count": 1,
                "message": format!("Successfully pulled image \"registry.example.com/team/tool:{number}\" in 1.234s \
                    (1.234s including waiting). Image size: {} bytes.", 10_000_000 + number),
                "source": {"component": "kubelet", "host": "node-a"},
                "reportingComponent": "kubelet", "reportingInstance": "node-a",
            }))?;
            (event.first_timestamp, event.last_timestamp) = (Some(time.clone()), Some(time));
            events.create(&PostParams::default(), &event).await?;
            anyhow::Ok(())
        }
    };
    stream::iter(numbers.map(make))
        .buffer_unordered(AT_A_TIME)
        .try_collect()
        .await
}

/// Resident memory when it rests, in bytes.
async fn at_rest(observer: &Observer) -> Result<u64> {
    let begin = Instant::now();
    let (mut least, mut since) = (observer.server().memory("VmRSS"), begin);
    while since.elapsed() < REST || (least >= MOST && begin.elapsed() < AT_WORK) {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let now = observer.server().memory("VmRSS");
        if now + LITTLE <= least {
            (least, since) = (now, Instant::now());
        }
    }
    Ok(observer.server().memory("VmRSS"))
}

fn mebibytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_at_rest_holds_no_events() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let asked = std::env::var("MEMORY_EVENTS").ok();
    let asked = asked.filter(|text| !text.is_empty());
    let events = asked.map_or(Ok(EVENTS), |text| text.parse())?;
    let mut observer = Observer::start(&plane).await?;
    let namespace = plane.namespace("memory").await?;
    let about = executions(&plane, &namespace).await?;
    let stored = async |observer: &Observer, number: u32| {
        until("all Events in the history", async || {
            Ok(observer.metric(CREATED).await? >= number.into())
        })
        .await
    };
    let begin = Instant::now();
    tell(&plane, &namespace, &about, 0..events / 2).await?;
    stored(&observer, events / 2).await?;
    let half = at_rest(&observer).await?;
    tell(&plane, &namespace, &about, events / 2..events).await?;
    stored(&observer, events).await?;
    let (all, told) = (at_rest(&observer).await?, begin.elapsed());
    observer.kill_and_lead_again(&plane).await?;
    observer.ready().await?;
    let listed = at_rest(&observer).await?;
    let mut rows = 0;
    for one in &about {
        let path = format!("/v1/executions/{}/events?lang=en&reason=Pulled", one.uid);
        rows += observer.get(&path).await?.as_array().map_or(0, Vec::len);
    }
    ensure!(rows == events as usize, "{rows} rows of {events} Events");

    let (more, grown) = (u64::from(events.div_ceil(2)), all.saturating_sub(half));
    let slope = grown / more.max(1);
    say(&format!(
        "memory: {events} live Events of {EXECUTIONS} executions, told in {told:.0?}: at rest {} after half of them, \
         {} after all ({slope} bytes an Event), {} after a start that lists them; at most {}",
        mebibytes(half),
        mebibytes(all),
        mebibytes(listed),
        mebibytes(observer.server().memory("VmHWM")),
    ));
    let measured = [
        ("after half", half),
        ("after all", all),
        ("after a list", listed),
    ];
    for (what, bytes) in measured {
        ensure!(bytes < MOST, "{what}: {} at rest", mebibytes(bytes));
    }
    ensure!(
        grown < CACHES + SLOPE * more,
        "{more} more Events took {}",
        mebibytes(grown)
    );
    Ok(())
}
