//! The run: a recorder that is killed, ended and begun again, while a driver writes. Does I/O.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::compared::{Compared, Error};
use super::stream::{Notice, Stream};
use super::{testdata, truth};
use crate::control_plane::{ControlPlane, until};
use crate::driver::Driver;
use crate::ground;
use crate::recorder::{Recorder, printed};
use crate::tally::Tally;

/// The recorder, and what it writes.
struct Watching {
    recording: PathBuf,
    dump: PathBuf,
    kubeconfig: PathBuf,
}

impl Watching {
    async fn start(&self) -> Result<Recorder> {
        let text = |path: &Path| path.to_str().map(str::to_owned).context("a path in UTF-8");
        let (recording, dump) = (text(&self.recording)?, text(&self.dump)?);
        let kubeconfig = self.kubeconfig.clone();
        let start = move || Recorder::start(&[&recording, "--dump", &dump], &kubeconfig);
        Ok(tokio::task::spawn_blocking(start).await?)
    }

    /// Waits until the recording has the last state of each Event.
    async fn has_all(&self, driver: &Driver) -> Result<()> {
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

async fn steps(driver: &mut Driver, steps: u32) -> Result<()> {
    for _ in 0..steps {
        driver.step().await?;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Ok(())
}

/// Events tell whole seconds: so long nothing happens, so that what is before and what is after differ.
async fn a_second() {
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_recorded_run_with_restarts_our_error_is_none() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let watching = Watching {
        recording: folder.path().join("run.ndjson"),
        dump: folder.path().join("dump"),
        kubeconfig: ground::installed(&plane).await?,
    };
    let namespace = plane.namespace("peers").await?;
    let about = ground::objects(&plane, &namespace).await?;
    let (client, tally) = (plane.client().await?, Tally::default());
    let mut driver = Driver::new(client, &namespace, about, 5, tally).on_time();

    steps(&mut driver, 10).await?;
    a_second().await;
    let first = watching.start().await?;
    steps(&mut driver, 40).await?;
    first.kill();
    steps(&mut driver, 15).await?;
    a_second().await;
    let second = watching.start().await?;
    steps(&mut driver, 25).await?;
    // The revision from which Events are watched is then older than what is compacted.
    plane.namespace("beside").await?;
    plane.stop_apiserver()?;
    plane.compact_etcd().await?;
    plane.start_apiserver().await?;
    steps(&mut driver, 20).await?;
    watching.has_all(&driver).await?;
    driver.part().await?;
    steps(&mut driver, 5).await?;
    tokio::task::spawn_blocking(move || second.end()).await?;
    steps(&mut driver, 15).await?;
    a_second().await;
    let third = watching.start().await?;
    steps(&mut driver, 50).await?;
    watching.has_all(&driver).await?;
    tokio::task::spawn_blocking(move || third.end()).await?;

    let path = watching.recording.to_str().context("a path in UTF-8")?;
    let live = std::fs::read_to_string(&watching.dump)?;
    ensure!(printed(&["replay", path]).0 == live, "the replay differs");
    let compared = Compared::of(&watching.recording, driver.log())?;
    println!("{}", compared.page());
    let exact = Error {
        kept: compared.written,
        ..Error::default()
    };
    assert_eq!(compared.ours, exact);
    ensure!(compared.stream.starts == 3 && compared.stream.gone > 0);
    if std::env::var("UPDATE_PEERS").is_ok_and(|set| set == "1") {
        testdata::keep(&watching.recording, driver.log(), &compared)?;
    }
    Ok(())
}
