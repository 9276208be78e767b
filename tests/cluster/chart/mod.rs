//! The chart on a control plane: taken, installed, and with the rights that it gives dagtrail. Does I/O.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::control_plane::ControlPlane;

mod accepted;
mod installed;
mod people;
mod rights;
mod subject;

/// The chart's folder.
const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/dagtrail");

/// The values files that renderings are checked with, by name.
fn sets() -> Result<Vec<(String, PathBuf)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/install/values");
    let mut sets = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().context("it has a name")?;
        sets.push((name.to_string_lossy().into_owned(), path));
    }
    sets.sort();
    Ok(sets)
}

/// What a command printed, and what it said beside.
async fn said(mut command: Command, input: &str) -> Result<(String, String)> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut stdin = child.stdin.take().context("it is piped")?;
    // One that ends before it has read all tells the reason by its status.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let done = child.wait_with_output().await?;
    let (out, err) = (
        String::from_utf8(done.stdout)?,
        String::from_utf8(done.stderr)?,
    );
    ensure!(done.status.success(), "{command:?}: {err}");
    Ok((out, err))
}

/// Runs Helm as the administrator.
async fn helm(plane: &ControlPlane, args: &[&str]) -> Result<String> {
    let mut command = Command::new(plane.binary("helm"));
    command
        .args(args)
        .arg("--kubeconfig")
        .arg(plane.kubeconfig_path())
        .env_remove("KUBECONFIG");
    Ok(said(command, "").await?.0)
}

/// The chart rendered for a namespace, with more arguments.
async fn rendered(plane: &ControlPlane, namespace: &str, more: &[&str]) -> Result<String> {
    let args = ["template", "dagtrail", CHART, "--namespace", namespace];
    helm(plane, &[&args, more].concat()).await
}

/// The documents of a rendering.
fn documents(rendered: &str) -> Result<Vec<Value>> {
    Ok(serde_saphyr::from_multiple(rendered)?)
}

/// `kubectl apply` by the server, which is to know every field; what it warned of.
async fn apply(plane: &ControlPlane, yaml: &str) -> Result<String> {
    let mut command = Command::new(plane.binary("kubectl"));
    command
        .arg(format!(
            "--kubeconfig={}",
            plane.kubeconfig_path().display()
        ))
        .args(["apply", "--server-side", "--validate=strict", "-f", "-"]);
    Ok(said(command, yaml).await?.1)
}

/// A token of a ServiceAccount that is for dagtrail alone, as the command line asks for one.
async fn token(plane: &ControlPlane, namespace: &str, name: &str) -> Result<String> {
    let create = [
        "create",
        "token",
        name,
        "-n",
        namespace,
        "--audience=dagtrail",
    ];
    Ok(plane.kubectl(&create).await?.trim().to_owned())
}

/// Makes a namespace that lets in only what the restricted profile allows, and warns of the rest.
async fn restricted(plane: &ControlPlane, name: &str) -> Result<()> {
    let namespace = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n    \
         pod-security.kubernetes.io/enforce: restricted\n    pod-security.kubernetes.io/warn: restricted\n"
    );
    apply(plane, &namespace).await?;
    Ok(())
}
