//! `dagtrail record` as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::server::{dagtrail, output};

/// Records until it is killed, ended or dropped.
pub(crate) struct Recorder {
    child: Child,
}

impl Recorder {
    /// Starts `dagtrail record` with these arguments and this kubeconfig; returns when all kinds are listed.
    pub(crate) fn start(args: &[&str], kubeconfig: &Path) -> Self {
        let mut command = dagtrail(&[&["record"], args].concat());
        command.env("KUBECONFIG", kubeconfig);
        // What it would complain of is what is done to it.
        command.env("RUST_LOG", "off");
        let child = command.stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the binary starts");
        let mut said = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut lines = String::new();
        while !lines.contains("; all kinds are listed") {
            let read = said.read_line(&mut lines).expect("it speaks UTF-8");
            assert!(read > 0, "dagtrail does not record; it said: {lines}");
        }
        // Who is not listened to might wait for it.
        thread::spawn(move || said.lines().map_while(Result::ok).for_each(drop));
        Self { child }
    }

    /// As the kernel does when memory is short: no goodbye.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end, and waits.
    pub(crate) fn end(mut self) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.expect("kill(1) is there").success());
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command prints that has to go well, and what it says beside.
pub(crate) fn printed(args: &[&str]) -> (String, String) {
    let (fine, printed, said) = output(args);
    assert!(fine, "{args:?}: {said}");
    (printed, said)
}
