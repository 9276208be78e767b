//! Processes that never outlive the test binary. Does I/O.
//!
//! All processes of one control plane share a process group. Its leader is a shell that waits for
//! the end of its input, which comes when [`Group`] is dropped and also when the test binary dies
//! in any way at all, `kill -9` included: then it kills the group and removes the folder.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs in the leader. The killing happens in a session of its own, outside the group.
const UNDERTAKER: &str = r#"
cat >/dev/null
setsid sh -c 'kill -s KILL -- "-$1"; test -n "$DAGTRAIL_TEST_KEEP" || rm -rf -- "$2"' - "$$" "$1"
"#;

/// A process group that dies with its owner.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Child,
    // Closing this pipe is the signal.
    lifeline: Option<ChildStdin>,
}

impl Group {
    /// Starts an empty group; `folder` is removed when the group ends, unless the environment
    /// variable `DAGTRAIL_TEST_KEEP` is set.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let mut leader = Command::new("sh")
            .args(["-c", UNDERTAKER, "undertaker"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .context("start the leader of the process group")?;
        let lifeline = leader.stdin.take();
        Ok(Self { leader, lifeline })
    }

    /// The number of the group, for `process_group`.
    pub(crate) fn id(&self) -> i32 {
        self.leader.id().cast_signed()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // Ends when the group is killed, the leader with it. Nothing to do about an error here.
        let _ = self.leader.wait();
    }
}

/// One long-running process of the control plane; its output goes to a log file.
#[derive(Debug)]
pub(crate) struct Component {
    name: &'static str,
    program: PathBuf,
    args: Vec<String>,
    log: PathBuf,
    group: i32,
    child: Option<Child>,
}

impl Component {
    /// Starts `program` in the group, with `folder` as its home.
    pub(crate) fn start(
        group: &Group,
        folder: &Path,
        name: &'static str,
        program: PathBuf,
        args: Vec<String>,
    ) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let mut component = Self {
            name,
            program,
            args,
            log,
            group: group.id(),
            child: None,
        };
        component.spawn()?;
        Ok(component)
    }

    /// Starts the process, again after [`Component::kill`].
    pub(crate) fn spawn(&mut self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("open {}", self.log.display()))?;
        let child = Command::new(&self.program)
            .args(&self.args)
            .env("HOME", self.log.parent().expect("the log is in a folder"))
            .env_remove("KUBECONFIG")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(self.group)
            .spawn()
            .with_context(|| format!("start {}", self.program.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Kills the process as a crash would (SIGKILL) and waits until it is gone.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child
                .kill()
                .with_context(|| format!("kill {}", self.name))?;
            child
                .wait()
                .with_context(|| format!("wait for {}", self.name))?;
        }
        Ok(())
    }

    /// An error with the end of the log if the process has ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        let Some(child) = &mut self.child else {
            return Ok(());
        };
        match child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}; {}", self.name, self.log_tail()),
        }
    }

    /// The last lines of the log, for error messages.
    pub(crate) fn log_tail(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(25)..].join("\n");
        format!("the end of {}:\n{tail}", self.log.display())
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        // The group's end kills whatever this does not.
        let _ = self.kill();
    }
}
