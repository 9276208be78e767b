//! dagtrail as the process that has to bear it. Does I/O.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::DeleteParams;
use kube::{Api, Client};
use serde_json::json;
use tempfile::TempDir;

use crate::server::{Server, dagtrail};

/// A dagtrail with a directory of its own, which reaches the cluster by `http://` alone.
pub(crate) struct Subject {
    server: Option<Server>,
    folder: TempDir,
    leases: Api<Lease>,
}

impl Subject {
    /// Starts it. Its Lease is in `namespace`.
    pub(crate) async fn start(admin: Client, cluster: &str, namespace: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(
            folder.path().join("kubeconfig"),
            kubeconfig(cluster, namespace),
        )?;
        let leases = Api::namespaced(admin, namespace);
        let mut subject = Self {
            server: None,
            folder,
            leases,
        };
        subject.spawn().await?;
        Ok(subject)
    }

    async fn spawn(&mut self) -> Result<()> {
        let data: PathBuf = self.folder.path().join("data");
        let data = data.to_str().context("a path in UTF-8")?;
        let mut command = dagtrail(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--kube",
            "required",
            "--data-dir",
            data,
        ]);
        command.env("KUBECONFIG", self.folder.path().join("kubeconfig"));
        // What it complains of is what is done to it.
        command.env("RUST_LOG", log_filter());
        let spawn = move || Server::spawn(command);
        self.server = Some(tokio::task::spawn_blocking(spawn).await?);
        Ok(())
    }

    fn server(&self) -> Result<&Server> {
        self.server.as_ref().context("it runs")
    }

    pub(crate) fn url(&self) -> Result<&str> {
        Ok(&self.server()?.url)
    }

    /// `kill -9`. Its Lease is deleted, so that nobody has to wait until it ends.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.server.take().context("it runs")?.kill();
        match self
            .leases
            .delete("dagtrail", &DeleteParams::default())
            .await
        {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// As a deployment does: asks it to end, and waits. It gives the Lease back.
    pub(crate) async fn end(mut self) -> Result<()> {
        let server = self.server.take().context("it runs")?;
        let ended = tokio::task::spawn_blocking(move || server.terminate()).await?;
        ensure!(ended, "it did not end well");
        Ok(())
    }

    /// `kill -9`, and a new process on the same directory.
    pub(crate) async fn kill_and_restart(&mut self) -> Result<()> {
        self.kill().await?;
        self.spawn().await
    }

    pub(crate) fn pause(&self) -> Result<()> {
        self.server()?.signal("STOP");
        Ok(())
    }

    pub(crate) fn resume(&self) -> Result<()> {
        self.server()?.signal("CONT");
        Ok(())
    }

    /// The value of a counter, by its name and labels as they are told.
    pub(crate) async fn metric(&self, name: &str) -> Result<u64> {
        let asked = format!("{}/metrics", self.url()?);
        let client = reqwest::Client::builder().no_proxy().build()?;
        let text = client.get(asked).send().await?.text().await?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(Ok(0), |value| Ok(value.trim().parse()?))
    }

    /// Whether all kinds have been listed once since it began to watch.
    pub(crate) async fn ready(&self) -> Result<bool> {
        let asked = format!("{}/readyz", self.url()?);
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(client.get(asked).send().await?.status().is_success())
    }
}

/// A kubeconfig for what is reached by `http://` alone.
pub(crate) fn kubeconfig(cluster: &str, namespace: &str) -> String {
    // The proxy takes this token off and uses its own.
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "proxy", "cluster": {"server": cluster}}],
        "users": [{"name": "bearer", "user": {"token": "taken-off"}}],
        "contexts": [{"name": "proxy", "context": {
            "cluster": "proxy", "user": "bearer", "namespace": namespace,
        }}],
        "current-context": "proxy",
    });
    config.to_string()
}

fn log_filter() -> String {
    std::env::var("FAULTS_LOG").unwrap_or_else(|_| "off".into())
}
