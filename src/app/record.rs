//! Watching a cluster, and keeping all that it delivers in a file. Does I/O.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::history::{self, Way};
use super::replay;
use crate::dump::Dumped;
use crate::model::{Clock, SystemClock};
use crate::sources::{self, Recording, Replayed, Tape};
use crate::store::Store;
use crate::telemetry::Metrics;

/// What is to be recorded, and where to.
#[derive(Clone, Debug)]
pub struct Record {
    /// The recording; if there is one, it goes on.
    pub file: PathBuf,
    /// A folder that is not there yet, or is empty; `None`: in memory.
    pub folder: Option<PathBuf>,
    /// The cluster's name in origins, instead of the uid of namespace kube-system.
    pub cluster_name: Option<String>,
    /// How long the API server keeps an Event, if not an hour.
    pub event_ttl: Option<Duration>,
    /// When to end without being asked to.
    pub span: Option<Duration>,
    /// Where the dump goes in the end, `-` for standard output.
    pub dump: Option<String>,
}

impl Record {
    /// Records until SIGTERM or SIGINT, or until the time is over. `ready` is told when the first lists are in the
    /// file, and what was in it before.
    ///
    /// It takes no part in the Lease and writes nothing to the cluster: it may run beside any other dagtrail.
    ///
    /// # Errors
    ///
    /// A sentence: there is no cluster, the file or the store cannot be used.
    pub async fn run(self, ready: impl FnOnce(Option<Replayed>)) -> anyhow::Result<Dumped> {
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let client = super::cluster::client()
            .await
            .context("there is no cluster to record: no usable kubeconfig and no ServiceAccount")?;
        let store = history::open(&self.place()?).await?;
        let (before, tape) = self.prepare(&store).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let metrics = Metrics::new();
        let way = Way::open(&store, clock.clone(), &metrics)?;
        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
        let config = sources::Config {
            cluster: self.cluster_name,
            event_ttl: self
                .event_ttl
                .map_or_else(Default::default, sources::EventTtl),
            tape: Some(tape.clone()),
            ..Default::default()
        };
        let mut listed = sources::run(
            config,
            client,
            way.ingest.clone(),
            metrics,
            &tasks,
            &stopping,
            clock.clone(),
        );
        let over = async {
            match self.span {
                Some(span) => tokio::time::sleep(span).await,
                None => std::future::pending().await,
            }
        };
        let listing = async {
            if listed.wait_for(|all| *all).await.is_ok() {
                ready(before);
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = over => {}
            () = tape.failed() => {}
            () = listing => {}
        }
        // What is being taken in is taken in: the file and the store end at the same place.
        let closed = tape.close(clock.now()).await;
        stopping.cancel();
        tasks.close();
        tasks.wait().await;
        way.close().await?;
        let dumped = match &self.dump {
            Some(to) => history::dump(&store, to).await,
            None => history::sum(&store).await,
        };
        history::close(store).await?;
        closed?;
        dumped
    }

    /// The history's place. What was in it before would be in no recording.
    fn place(&self) -> anyhow::Result<String> {
        let Some(folder) = &self.folder else {
            return Ok("memory:".into());
        };
        let place = folder.display().to_string();
        let there = folder.exists();
        ensure!(
            !there || std::fs::read_dir(folder)?.next().is_none(),
            "the folder {place} is not empty: a recording keeps a history of its own, give it a new folder"
        );
        Ok(place)
    }

    /// A recording that is there is told to the store first, so that the store has what the file has.
    async fn prepare(&self, store: &Arc<dyn Store>) -> anyhow::Result<(Option<Replayed>, Tape)> {
        let there = std::fs::metadata(&self.file).is_ok_and(|file| file.len() > 0);
        if !there {
            return Ok((None, Tape::begin(&self.file)?));
        }
        let mut recording = Recording::open(&self.file)?;
        let before = replay::tell(&mut recording, store).await?;
        if recording.torn() {
            tracing::warn!(
                file = %self.file.display(),
                "the last line of the recording was cut off; it is left out, and the recording goes on behind the one before"
            );
        }
        Ok((Some(before), Tape::go_on(&self.file, &recording)?))
    }
}
