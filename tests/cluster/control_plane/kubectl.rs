//! kubectl, as the administrator. Does I/O.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::ControlPlane;

impl ControlPlane {
    /// Runs kubectl as the administrator and returns what it printed.
    pub(crate) async fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.kubectl_with(args, "").await
    }

    /// `kubectl apply` of a file, or of a text if it has more than one line.
    pub(crate) async fn apply(&self, yaml: &str) -> Result<String> {
        if yaml.contains('\n') {
            self.kubectl_with(&["apply", "-f", "-"], yaml).await
        } else {
            self.kubectl(&["apply", "-f", yaml]).await
        }
    }

    async fn kubectl_with(&self, args: &[&str], input: &str) -> Result<String> {
        let mut process = Command::new(self.binary("kubectl"))
            .arg(format!("--kubeconfig={}", self.kubeconfig_path().display()))
            .args(args)
            .env("HOME", &self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start kubectl")?;
        let mut stdin = process.stdin.take().expect("the input is piped");
        // A kubectl that ends before it has read all tells the reason by its status.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = process.wait_with_output().await?;
        ensure!(
            output.status.success(),
            "kubectl {} failed: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }
}
