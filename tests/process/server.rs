//! A dagtrail process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long the slowest machine may take to start one.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs until it is killed, stopped or dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

/// A command of the binary under test, cut off from the surroundings' settings and clusters.
pub(crate) fn dagtrail(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dagtrail"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DAGTRAIL_")) {
        command.env_remove(name);
    }
    command
        .args(args)
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Runs a command to its end: whether it went well, what it printed, and what it said.
pub(crate) fn output(args: &[&str]) -> (bool, String, String) {
    let done = dagtrail(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it speaks UTF-8");
    (done.status.success(), text(done.stdout), text(done.stderr))
}

impl Server {
    /// Serves a folder without a cluster; returns when it listens.
    pub(crate) fn start(data: &Path) -> Self {
        let data = data.to_str().expect("a path in UTF-8");
        Self::spawn(dagtrail(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--kube",
            "off",
            "--data-dir",
            data,
        ]))
    }

    /// Starts a command that serves; returns when it says where it listens.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let (found, url) = mpsc::channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                match line.split_once("://") {
                    Some((begin, rest)) if line.starts_with("dagtrail ") => {
                        let address: String =
                            rest.chars().take_while(|c| !",/; ".contains(*c)).collect();
                        let scheme = if begin.ends_with('s') {
                            "https"
                        } else {
                            "http"
                        };
                        let _ = found.send(Ok(format!("{scheme}://{address}")));
                    }
                    _ => {
                        eprintln!("dagtrail: {line}");
                        let _ = found.send(Err(line));
                    }
                }
            }
        });
        let mut said = Vec::new();
        loop {
            match url.recv_timeout(PATIENCE) {
                Ok(Ok(url)) => return Self { child, url },
                Ok(Err(line)) => said.push(line),
                Err(_) => panic!("dagtrail does not serve; it said: {said:?}"),
            }
        }
    }

    /// As the kernel does when memory is short: no goodbye.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// As a deployment does: asks it to end, and waits.
    pub(crate) fn terminate(mut self) -> bool {
        self.signal("TERM");
        self.child.wait().expect("it ends").success()
    }

    /// Sends it a signal, by name.
    pub(crate) fn signal(&self, name: &str) {
        let (signal, pid) = (format!("-{name}"), self.pid().to_string());
        Command::new("kill")
            .args([signal, pid])
            .status()
            .expect("kill(1) is there");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Bytes of memory, as the kernel counts them: `VmRSS` now, `VmHWM` at most so far.
    pub(crate) fn memory(&self, what: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("a kernel that tells of processes");
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let number =
            line.and_then(|rest| rest.trim_matches([':', '\t', ' ', 'k', 'B']).parse().ok());
        let kibibytes: u64 = number.expect("a line of kB");
        kibibytes << 10
    }

    pub(crate) fn events(&self, execution: &str) -> String {
        format!("{}/v1/executions/{execution}/events", self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
