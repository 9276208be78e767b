//! A recorder, and what it writes. Does I/O.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::stream::{Notice, Stream};
use super::truth;
use crate::control_plane::until;
use crate::driver::Driver;
use crate::recorder::{Recorder, printed};

/// The recorder, and what it writes.
pub(super) struct Watching {
    pub(super) recording: PathBuf,
    dump: PathBuf,
    kubeconfig: PathBuf,
}

impl Watching {
    /// Everything is in this folder.
    pub(super) fn new(folder: &Path, kubeconfig: PathBuf) -> Self {
        Self {
            recording: folder.join("run.ndjson"),
            dump: folder.join("dump"),
            kubeconfig,
        }
    }

    /// The dump of the replay, which is that of the history that was kept meanwhile.
    pub(super) fn replayed(&self) -> Result<String> {
        let path = self.recording.to_str().context("a path in UTF-8")?;
        let live = std::fs::read_to_string(&self.dump)?;
        ensure!(printed(&["replay", path]).0 == live, "the replay differs");
        Ok(live)
    }

    pub(super) async fn start(&self) -> Result<Recorder> {
        let text = |path: &Path| path.to_str().map(str::to_owned).context("a path in UTF-8");
        let (recording, dump) = (text(&self.recording)?, text(&self.dump)?);
        let kubeconfig = self.kubeconfig.clone();
        let start = move || Recorder::start(&[&recording, "--dump", &dump], &kubeconfig);
        Ok(tokio::task::spawn_blocking(start).await?)
    }

    /// Waits until the recording has the last state of each Event.
    pub(super) async fn has_all(&self, driver: &Driver) -> Result<()> {
        let written = truth::counts(driver.log());
        until("the last states in the recording", async || {
            let mut open = written.clone();
            let stream = Stream::of(&std::fs::read_to_string(&self.recording)?)?;
            for notice in stream.notices {
                if let Notice::Added(shown) | Notice::Updated(shown) = notice {
                    let origin = (shown.namespace, shown.name, shown.first);
                    if open.get(&origin).is_some_and(|count| *count <= shown.count) {
                        open.remove(&origin);
                    }
                }
            }
            Ok(open.is_empty())
        })
        .await
    }
}
