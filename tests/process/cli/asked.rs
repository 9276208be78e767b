//! Commands and what they answer.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{Server, dagtrail};

/// What a command said.
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// A command that is not run yet; nothing of the surroundings' language, colours and clusters reaches it.
pub(super) fn command(args: &[&str]) -> Command {
    let mut command = dagtrail(args);
    for name in [
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "CLICOLOR",
    ] {
        command.env_remove(name);
    }
    command
        .env("TZ", "UTC")
        .env("TERM", "xterm")
        .env("KUBECONFIG", "/nowhere")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(super) fn run(args: &[&str]) -> Said {
    command(args).output().unwrap().into()
}

impl Server {
    /// A command that asks this server.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command.env("DAGTRAIL_SERVER", &self.url);
        command
    }

    pub(super) fn ask(&self, args: &[&str]) -> Said {
        self.command(args).output().unwrap().into()
    }

    /// The standard output of a command that must do well.
    pub(super) fn get(&self, args: &[&str]) -> String {
        let said = self.ask(args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said.out
    }

    /// Tells events through the command, as lines.
    pub(super) fn emit(&self, execution: &str, events: &[Value]) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines: Vec<String> = events.iter().map(|event| format!("{event}\n")).collect();
        std::fs::write(&file, lines.concat()).unwrap();
        let path = file.path().to_str().unwrap();
        self.get(&["emit", execution, "-f", path]);
    }

    /// Serves a folder at an address of before.
    pub(super) fn start_at(data: &Path, address: &str) -> Self {
        let data = data.to_str().unwrap();
        Self::spawn(dagtrail(&[
            "serve",
            "--listen",
            address,
            "--kube",
            "off",
            "--data-dir",
            data,
        ]))
    }
}

/// An event of a second of the year 2026.
pub(super) fn event(reason: &str, element: &str, second: u32) -> Value {
    json!({
        "reason": reason, "elemId": element, "elemType": "Test.step", "actionName": "run",
        "involvedObject": {"name": "nightly", "namespace": "team"},
        "firstTimestamp": format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60),
    })
}

/// Waits for a command to end by itself.
pub(super) fn ended(mut child: Child, patience: Duration) -> Said {
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > patience {
            let _ = child.kill();
            let said = Said::from_killed(child);
            panic!(
                "it goes on after {patience:?}; it said {} {}",
                said.out, said.err
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap().into()
}

impl Said {
    fn from_killed(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: -1,
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}
