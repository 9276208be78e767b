//! dagtrail with the arguments of a rendering, as a ServiceAccount, outside of the cluster. Does I/O.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Child;
use tokio::time::{Instant, sleep};

use crate::control_plane::ControlPlane;
use crate::server::dagtrail;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token that nobody has: who asks here asks for what is open to everybody.
const TOKENS: &str = "tokens:\n- name: nobody\n  sha256: 0000000000000000000000000000000000000000000000000000000000000000\n";

/// A process; it ends when it is dropped.
pub(super) struct Subject {
    _process: Child,
    folder: TempDir,
    asks: bool,
}

/// The arguments of the container with what this machine has instead of the Pod's.
fn args(stateful_set: &Value, listen: &str, folder: &Path) -> Result<Vec<String>> {
    let container = &stateful_set["spec"]["template"]["spec"]["containers"][0];
    let args: Vec<String> = serde_json::from_value(container["args"].clone())?;
    let tokens = folder.join("tokens.yaml");
    fs::write(&tokens, TOKENS)?;
    let here = |arg: String| match arg.split_once('=') {
        Some(("--listen", _)) => format!("--listen={listen}"),
        Some(("--data-dir", _)) => format!("--data-dir={}", folder.join("data").display()),
        Some(("--token-file", _)) => format!("--token-file={}", tokens.display()),
        _ => arg,
    };
    Ok(args.into_iter().map(here).collect())
}

impl Subject {
    /// Starts it as the ServiceAccount `dagtrail` of a namespace, where its Lease will be.
    pub(super) async fn start(
        plane: &ControlPlane,
        stateful_set: &Value,
        namespace: &str,
        listen: &str,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let given = plane
            .kubeconfig_for_service_account(namespace, "dagtrail")
            .await?;
        let mut kubeconfig: Value = serde_json::from_slice(&fs::read(given)?)?;
        kubeconfig["contexts"][0]["context"]["namespace"] = namespace.into();
        let file = folder.path().join("kubeconfig");
        fs::write(&file, kubeconfig.to_string())?;
        let args = args(stateful_set, listen, folder.path())?;
        let asks = args.iter().any(|arg| arg == "--auth-kubernetes");
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut command = dagtrail(&args);
        command
            .env("KUBECONFIG", file)
            .stderr(fs::File::create(folder.path().join("log"))?)
            .stdout(Stdio::null());
        let process = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self {
            _process: process,
            folder,
            asks,
        })
    }

    /// All that it has said, with quotation marks as they were before they became JSON, or a text in JSON.
    pub(super) fn log(&self) -> Result<String> {
        let log = fs::read_to_string(self.folder.path().join("log"))?;
        Ok(log.replace('\\', ""))
    }

    /// Waits until it says this.
    pub(super) async fn says(&self, words: &str) -> Result<()> {
        let begin = Instant::now();
        while !self.log()?.contains(words) {
            if begin.elapsed() > PATIENCE {
                bail!("it never said {words:?} but: {}", self.log()?);
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Where it listens.
    pub(super) async fn url(&self) -> Result<String> {
        self.says("dagtrail listens on ").await?;
        let log = self.log()?;
        let (_, rest) = log
            .split_once("dagtrail listens on ")
            .context("it said so")?;
        let url = rest.split(',').next().context("an address")?;
        Ok(url.to_owned())
    }

    /// Whether it asks the API server who somebody is.
    pub(super) fn asks_who_it_is(&self) -> bool {
        self.asks
    }

    /// Asks it for what there is, with a token: the HTTP status of its answer.
    pub(super) async fn asked(&self, token: &str) -> Result<u16> {
        let url = format!("{}/v1/executions", self.url().await?);
        let request = reqwest::Client::new().get(url).bearer_auth(token);
        Ok(request.send().await?.status().as_u16())
    }
}
