//! Events of Pods that are not known yet, not any more, or called like others: each is on the right element. Does I/O.
//!
//! The proxy holds back what the watches of Pods, Jobs and Workflows say, so that the Event is first; then it lets go
//! of one kind after another.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use kube::api::{DeleteParams, DynamicObject, PostParams};
use kube::core::ObjectMeta;
use kube::discovery::ApiResource;
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::control_plane::{ControlPlane, say, until};
use crate::ground;
use crate::proxy::Proxy;
use crate::subject::Subject;
use crate::tally::Tally;
use crate::timeline;

const WORKFLOWS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/cluster/engines/crds/argo-workflows.yaml"
);
/// As `/metrics` names it.
const UNRESOLVED: &str = "dagtrail_unresolved_events";
/// How soon an Event is told, from when the last of its owners is shown.
const SOON: Duration = Duration::from_secs(2);
/// Between two kinds that are shown.
const APART: Duration = Duration::from_millis(300);

struct Scene {
    client: Client,
    namespace: String,
    subject: Subject,
}

impl Scene {
    /// A Workflow; a Job that it owns, which no controller works on; gives their uids.
    async fn workflow_and_job(&self, name: &str) -> Result<(String, String)> {
        let resource = ApiResource {
            group: "argoproj.io".into(),
            version: "v1alpha1".into(),
            api_version: "argoproj.io/v1alpha1".into(),
            kind: "Workflow".into(),
            plural: "workflows".into(),
        };
        let workflows =
            Api::<DynamicObject>::namespaced_with(self.client.clone(), &self.namespace, &resource);
        let workflow = DynamicObject::new(name, &resource).data(json!({"spec": {}}));
        let workflow = workflows.create(&PostParams::default(), &workflow).await?;
        let workflow = uid(workflow.metadata)?;
        let job: Job = serde_json::from_value(json!({
            "metadata": {"name": name, "ownerReferences": [{
                "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "name": name, "uid": workflow,
                "controller": true,
            }]},
            "spec": {"managedBy": "dagtrail.test/nobody", "template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "main", "image": "example/main"}],
            }}},
        }))?;
        let jobs = Api::<Job>::namespaced(self.client.clone(), &self.namespace);
        let job = jobs.create(&PostParams::default(), &job).await?;
        Ok((workflow, uid(job.metadata)?))
    }

    fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// A Pod that no scheduler takes, owned by a Job or by nobody; gives its uid.
    async fn pod(&self, name: &str, job: Option<(&str, &str)>) -> Result<String> {
        let owners = job.map(|(name, uid)| {
            json!([{"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": uid, "controller": true}])
        });
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": name, "ownerReferences": owners},
            "spec": {"schedulerName": "nobody", "containers": [{"name": "main", "image": "example/main"}]},
        }))?;
        let pod = self.pods().create(&PostParams::default(), &pod).await?;
        uid(pod.metadata)
    }

    async fn delete(&self, pod: &str) -> Result<()> {
        let now = DeleteParams::default().grace_period(0);
        self.pods().delete(pod, &now).await?;
        until("the Pod is gone", async || {
            Ok(self.pods().get_opt(pod).await?.is_none())
        })
        .await
    }

    /// An Event about a Pod; gives when it was accepted.
    async fn event(&self, pod: &str, uid: &str, reason: &str) -> Result<Instant> {
        let event: Event = serde_json::from_value(json!({
            "metadata": {"name": format!("{pod}.{reason}").to_lowercase()},
            "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": self.namespace,
                "name": pod, "uid": uid},
            "type": "Normal", "reason": reason, "message": "told", "count": 1,
            "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z",
            "source": {"component": "kubelet"},
        }))?;
        let events = Api::<Event>::namespaced(self.client.clone(), &self.namespace);
        events.create(&PostParams::default(), &event).await?;
        Ok(Instant::now())
    }

    /// The elements that have a row of this reason in this execution, as `<type> <id>`.
    async fn told(&self, execution: &str, reason: &str) -> Result<Vec<String>> {
        let rows = timeline::rows(self.subject.url()?, execution).await?;
        let own = rows.iter().filter(|row| row["reason"] == reason);
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let elements = own.map(|row| format!("{} {}", text(row, "elemType"), text(row, "elemId")));
        Ok(elements.collect())
    }

    /// Waits until the Event is on this Pod's element, and says how long that took from `since` on.
    async fn on(
        &self,
        execution: &str,
        pod: &str,
        reason: &str,
        since: Instant,
    ) -> Result<Duration> {
        let wanted = [format!("K8s.Pod {pod}")];
        let mut found = Vec::new();
        while found != wanted {
            let elapsed = since.elapsed();
            ensure!(
                elapsed <= SOON,
                "{reason} after {elapsed:?}: on {found:?}, not on {wanted:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
            found = self.told(execution, reason).await?;
        }
        Ok(since.elapsed())
    }
}

fn uid(metadata: ObjectMeta) -> Result<String> {
    metadata.uid.context("it has a uid")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_on_its_element_before_and_after_the_life_of_its_pod() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let upstream = ground::client(&plane).await?;
    plane.apply(WORKFLOWS).await?;
    let definition = "crd/workflows.argoproj.io";
    let condition = "--for=condition=Established";
    plane
        .kubectl(&["wait", condition, "--timeout=60s", definition])
        .await?;
    let namespace = plane.namespace("late").await?;
    let proxy = Proxy::start(upstream, 1, Tally::default()).await?;
    let client = plane.client().await?;
    let mut scene = Scene {
        subject: Subject::start(client.clone(), &proxy.url(), &namespace).await?,
        client,
        namespace,
    };
    until("ready", async || scene.subject.ready().await).await?;

    for plural in ["pods", "jobs", "workflows"] {
        proxy.hold(plural);
    }
    let (workflow, job) = scene.workflow_and_job("nightly").await?;
    let pod = scene.pod("nightly-0", Some(("nightly", &job))).await?;
    scene.event("nightly-0", &pod, "DrillEarly").await?;
    until("the Event waits", async || {
        Ok(scene.subject.metric(UNRESOLVED).await? == 1)
    })
    .await?;
    ensure!(scene.told(&workflow, "DrillEarly").await?.is_empty());
    // From the Pod up: only with the last one it is known where all of them belong.
    for plural in ["pods", "jobs"] {
        proxy.release(plural);
        tokio::time::sleep(APART).await;
        ensure!(scene.told(&workflow, "DrillEarly").await?.is_empty());
    }
    proxy.release("workflows");
    let shown = Instant::now();
    let early = scene
        .on(&workflow, "nightly-0", "DrillEarly", shown)
        .await?;
    ensure!(scene.subject.metric(UNRESOLVED).await? == 0);

    scene.delete("nightly-0").await?;
    let said = scene.event("nightly-0", &pod, "DrillLate").await?;
    let late = scene.on(&workflow, "nightly-0", "DrillLate", said).await?;

    // A Pod of the same name that nobody owns is another one, and an execution of its own.
    let other = scene.pod("nightly-0", None).await?;
    let said = scene.event("nightly-0", &other, "DrillOther").await?;
    let of_other = scene.on(&other, "nightly-0", "DrillOther", said).await?;
    ensure!(scene.told(&workflow, "DrillOther").await?.is_empty());
    ensure!(scene.told(&other, "DrillLate").await?.is_empty());

    // Which Pod it was is remembered on disk.
    scene.subject.kill_and_restart().await?;
    until("ready again", async || scene.subject.ready().await).await?;
    let said = scene.event("nightly-0", &pod, "DrillAfterRestart").await?;
    let after = scene
        .on(&workflow, "nightly-0", "DrillAfterRestart", said)
        .await?;
    say(&format!(
        "faults: an Event was on its element {early:.0?} after its last owner was shown, {late:.0?} after its Pod was \
         gone, {of_other:.0?} for a Pod of the same name, {after:.0?} after a restart"
    ));
    Ok(())
}
