//! Events told by client-go's own recorder, see `go/emitter`. Does I/O.

use std::process::Stdio;

use anyhow::{Context, Result};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::control_plane::ControlPlane;

/// What is to be told, and how: the emitter's flags.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    args: Vec<String>,
}

impl Telling {
    /// About an object of kind `kind`; without a spam filter, so that all repeats are written.
    pub(crate) fn about(kind: &str, namespace: &str, name: &str, reason: &str) -> Self {
        Self { args: Vec::new() }
            .with("kind", kind)
            .with("namespace", namespace)
            .with("name", name)
            .with("reason", reason)
    }

    /// Sets any flag of the emitter, such as `uid`, `field-path`, `type`, `message` or `burst`.
    pub(crate) fn with(mut self, flag: &str, value: &str) -> Self {
        self.args.push(format!("--{flag}={value}"));
        self
    }
}

/// What one batch came to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Told {
    /// Tellings that the spam filter kept back.
    pub(crate) filtered: u32,
    pub(crate) created: u32,
    pub(crate) patched: u32,
    /// PATCHes that found no Event, each followed by a Create.
    pub(crate) missing: u32,
    /// Tellings that the API server refused; the recorder dropped them.
    pub(crate) refused: u32,
    /// Tellings that could not be brought to the API server in 12 tries, 2 s apart.
    pub(crate) lost: u32,
    /// Name and count of the Event written last.
    pub(crate) name: String,
    pub(crate) count: u32,
}

/// A running recorder; it remembers what it told until it is dropped.
#[derive(Debug)]
pub(crate) struct Emitter {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Emitter {
    /// Starts a recorder for one telling.
    pub(crate) fn start(plane: &ControlPlane, telling: &Telling) -> Result<Self> {
        let mut process = Command::new(plane.binary("emitter"))
            .arg("--stdin")
            .arg(format!(
                "--kubeconfig={}",
                plane.kubeconfig_path().display()
            ))
            .args(&telling.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(plane.log_file("emitter")?)
            .process_group(plane.process_group())
            .kill_on_drop(true)
            .spawn()
            .context("start the emitter")?;
        let input = process.stdin.take().expect("the input is piped");
        let output = process.stdout.take().expect("the output is piped");
        Ok(Self {
            _process: process,
            input,
            output: BufReader::new(output).lines(),
        })
    }

    /// Tells `times` more and returns when all are written, or dropped for good.
    pub(crate) async fn tell(&mut self, times: u32) -> Result<Told> {
        self.input
            .write_all(format!("{times}\n").as_bytes())
            .await?;
        let line = self
            .output
            .next_line()
            .await?
            .context("the emitter ended; see its log")?;
        serde_json::from_str(&line).with_context(|| format!("the emitter printed {line}"))
    }
}
