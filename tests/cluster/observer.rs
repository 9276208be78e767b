//! dagtrail as the process under test, watching a control plane with exactly the ServiceAccount of
//! `deploy/dagtrail.yaml`. Does I/O.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::core::v1::Event;
use kube::Api;
use kube::api::ListParams;
use serde_json::Value;
use tempfile::TempDir;

use crate::control_plane::{ControlPlane, until};
use crate::server::{Server, dagtrail};

/// A dagtrail, and its folder that outlives it.
pub(crate) struct Observer {
    server: Option<Server>,
    kubeconfig: PathBuf,
    data: TempDir,
}

impl Observer {
    /// Applies the manifest and starts dagtrail outside of the cluster, as its ServiceAccount. The
    /// manifest's own Pod runs on a fake node, so it does nothing.
    pub(crate) async fn start(plane: &ControlPlane) -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/dagtrail.yaml");
        let manifest = manifest.to_str().context("a path in UTF-8")?;
        plane.apply(manifest).await?;
        let condition = ["wait", "--for=condition=Established", "--timeout=60s"];
        let definition = ["crd/executions.dagtrail.dev"];
        plane
            .kubectl(&[&condition[..], &definition[..]].concat())
            .await?;
        let kubeconfig = plane
            .kubeconfig_for_service_account("dagtrail-system", "dagtrail")
            .await?;
        // As in the Pod, where the client's namespace is the Pod's: there is the Lease.
        let file = format!("--kubeconfig={}", kubeconfig.display());
        let namespace = [
            "config",
            "set-context",
            "--current",
            "--namespace=dagtrail-system",
            &file,
        ];
        plane.kubectl(&namespace).await?;
        let mut observer = Self {
            server: None,
            kubeconfig,
            data: tempfile::tempdir()?,
        };
        observer.spawn().await;
        Ok(observer)
    }

    async fn spawn(&mut self) {
        let data = self.data.path().to_str().expect("a path in UTF-8");
        let args = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--kube",
            "required",
            "--nublado-user-label",
            "--data-dir",
            data,
        ];
        let mut command = dagtrail(&args);
        command.env("KUBECONFIG", &self.kubeconfig);
        let start = move || Server::spawn(command);
        let server = tokio::task::spawn_blocking(start).await.expect("it starts");
        self.server = Some(server);
    }

    /// `kill -9`, and a new process on the same folder, which waits until the Lease of the killed one ends.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.server.take().expect("it runs").kill();
        self.spawn().await;
    }

    /// `kill -9`, and a new process on the same folder. The Lease of the killed one is deleted: nobody waits for its end.
    pub(crate) async fn kill_and_lead_again(&mut self, plane: &ControlPlane) -> Result<()> {
        self.server.take().expect("it runs").kill();
        let lease = ["-n", "dagtrail-system", "delete", "lease", "dagtrail"];
        plane
            .kubectl(&[&lease[..], &["--ignore-not-found"]].concat())
            .await?;
        self.spawn().await;
        Ok(())
    }

    /// Where it serves.
    pub(crate) fn url(&self) -> &str {
        &self.server.as_ref().expect("it runs").url
    }

    /// The process.
    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().expect("it runs")
    }

    /// Waits until it has listed all kinds; one that is not installed counts.
    pub(crate) async fn ready(&self) -> Result<()> {
        until("the first lists", async || {
            let answer = reqwest::get(format!("{}/readyz", self.server().url)).await?;
            Ok(answer.status().is_success())
        })
        .await
    }

    /// The value of a counter or gauge, by its name and labels as they are told; 0 while it is not.
    pub(crate) async fn metric(&self, name: &str) -> Result<u64> {
        let answer = reqwest::get(format!("{}/metrics", self.server().url)).await?;
        let text = answer.text().await?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(Ok(0), |value| Ok(value.trim().parse()?))
    }

    /// Asks the API.
    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        let server = self.server.as_ref().context("it runs")?;
        let answer = reqwest::get(format!("{}{path}", server.url)).await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// An execution's history in one language; empty while it is not known.
    pub(crate) async fn timeline(&self, id: &str) -> Result<Vec<Value>> {
        match self
            .get(&format!("/v1/executions/{id}/events?lang=en"))
            .await
        {
            Ok(Value::Array(rows)) => Ok(rows),
            Err(error) if error.to_string().contains("404") => Ok(Vec::new()),
            Ok(other) => anyhow::bail!("not an array: {other}"),
            Err(error) => Err(error),
        }
    }
}

/// (involved object, type, reason, message) of a row or of Events that are one row.
pub(crate) type What = (String, String, String, String);

/// (count, first, last)
pub(crate) type Seen = (i64, String, String);

/// What the API server holds about objects of these uids, as `kubectl get events` shows it: Events that differ in
/// their name only are added up.
pub(crate) async fn events(plane: &ControlPlane, uids: &[String]) -> Result<BTreeMap<What, Seen>> {
    let api = Api::<Event>::all(plane.client().await?);
    let mut found: BTreeMap<What, Seen> = BTreeMap::new();
    for event in api.list(&ListParams::default()).await? {
        let involved = event.involved_object;
        if !uids.contains(&involved.uid.unwrap_or_default()) {
            continue;
        }
        let seconds = |time: Option<String>| time.map(|time| time[..19].to_owned() + "Z");
        let made = event
            .metadata
            .creation_timestamp
            .map(|time| time.0.to_string());
        let event_time = event.event_time.map(|time| time.0.to_string());
        let first = event.first_timestamp.map(|time| time.0.to_string());
        let last = event.last_timestamp.map(|time| time.0.to_string());
        let first = seconds(first.or(event_time.clone()).or(made.clone())).unwrap_or_default();
        let last = seconds(last.or(event_time).or(made)).unwrap_or_default();
        let what = (
            involved.name.unwrap_or_default(),
            event.type_.unwrap_or_default(),
            event.reason.unwrap_or_default(),
            event.message.unwrap_or_default().trim().to_owned(),
        );
        let count = i64::from(event.count.unwrap_or(1).max(1));
        let seen = found
            .entry(what)
            .or_insert_with(|| (0, first.clone(), last.clone()));
        *seen = (
            seen.0 + count,
            seen.1.clone().min(first),
            seen.2.clone().max(last),
        );
    }
    Ok(found)
}

/// The rows of a timeline that Kubernetes Events made; those that are derived carry the execution as involved object.
pub(crate) fn rows(timeline: &[Value]) -> BTreeMap<What, Seen> {
    let text = |row: &Value, pointer: &str| {
        row.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let show = |row: &Value| {
        let what = (
            text(row, "/involvedObject/name"),
            text(row, "/type"),
            text(row, "/reason"),
            text(row, "/message"),
        );
        let seen = (
            row["count"].as_i64().unwrap_or_default(),
            text(row, "/firstTimestamp"),
            text(row, "/lastTimestamp"),
        );
        (what, seen)
    };
    timeline.iter().map(show).collect()
}

/// Which of the Events are not in the timeline just so.
pub(crate) fn missing(events: &BTreeMap<What, Seen>, timeline: &[Value]) -> Vec<String> {
    let rows = rows(timeline);
    let differs = |(what, seen): (&What, &Seen)| match rows.get(what) {
        Some(row) if row == seen => None,
        other => Some(format!(
            "{what:?}: the cluster says {seen:?}, the timeline {other:?}"
        )),
    };
    events.iter().filter_map(differs).collect()
}
