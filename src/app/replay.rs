//! Telling a recording again, and dumping a history. Does I/O.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::history::{self, Way};
use crate::dump::Dumped;
use crate::sources::{self, RecordedClock, Recording, Replayed};
use crate::store::Store;
use crate::telemetry::Metrics;

/// What is to be replayed, and where to.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The recording.
    pub file: PathBuf,
    /// `memory:` or a folder.
    pub store: String,
    /// Where the dump goes, `-` for standard output.
    pub dump: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// What was in the recording.
    pub replayed: Replayed,
    /// What is in the store.
    pub kept: Dumped,
    /// Whether the last line was cut off, and left out.
    pub torn: bool,
}

impl Replay {
    /// Replays.
    ///
    /// # Errors
    ///
    /// A sentence: the file is no recording, the store does not open, the dump cannot be written.
    pub async fn run(self) -> anyhow::Result<Told> {
        // Before anything is made for it.
        let mut recording = Recording::open(&self.file)?;
        let store = history::open(&self.store).await?;
        let replayed = tell(&mut recording, &store).await;
        let kept = match (&replayed, &self.dump) {
            (Err(_), _) => Ok(Dumped::default()),
            (Ok(_), Some(to)) => history::dump(&store, to).await,
            (Ok(_), None) => history::sum(&store).await,
        };
        history::close(store).await?;
        Ok(Told {
            replayed: replayed?,
            kept: kept?,
            torn: recording.torn(),
        })
    }
}

/// Tells a recording to a store, to its end.
pub(super) async fn tell(
    recording: &mut Recording,
    store: &Arc<dyn Store>,
) -> anyhow::Result<Replayed> {
    let (clock, metrics) = (Arc::new(RecordedClock::default()), Metrics::new());
    let way = Way::open(store, clock.clone(), &metrics)?;
    let replayed = sources::replay(recording, &way.ingest, &metrics, &clock).await;
    way.close().await?;
    Ok(replayed?)
}

/// Dumps the history in a folder; `to` is a file, or `-`.
///
/// # Errors
///
/// A sentence: there is none, it does not open, the dump cannot be written.
pub async fn dump(folder: &Path, to: &str) -> anyhow::Result<Dumped> {
    anyhow::ensure!(
        folder.is_dir(),
        "there is no history in {}: the folder does not exist",
        folder.display()
    );
    let store = history::open(&folder.display().to_string()).await?;
    let dumped = history::dump(&store, to).await;
    history::close(store).await?;
    dumped
}
