//! A store with its one writer, for commands that serve nobody. Does I/O through the store.

use std::sync::Arc;
use std::thread;

use anyhow::{Context, anyhow};

use crate::model::Clock;
use crate::store::{self, Store};
use crate::telemetry::Metrics;
use crate::{dump, ingest};

/// Opens a store.
pub(super) async fn open(url: &str) -> anyhow::Result<Arc<dyn Store>> {
    let url = url.to_owned();
    let open = move || store::open(&url, &store::Options::default());
    Ok(tokio::task::spawn_blocking(open).await??)
}

/// Closes it.
pub(super) async fn close(store: Arc<dyn Store>) -> anyhow::Result<()> {
    let close = move || store.close().context("the store did not close well");
    tokio::task::spawn_blocking(close).await?
}

/// A way into a store, while it is open.
pub(super) struct Way {
    pub(super) ingest: ingest::Handle,
    writer: thread::JoinHandle<()>,
}

impl Way {
    pub(super) fn open(
        store: &Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> anyhow::Result<Self> {
        let (ingest, writer) = ingest::new(store.clone(), clock, metrics.clone());
        let writer = thread::Builder::new()
            .name("writer".into())
            .spawn(move || writer.run())?;
        Ok(Self { ingest, writer })
    }

    /// Returns when all is written. Every other handle must be gone, or it never does.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        drop(self.ingest);
        let writer = self.writer;
        let ended = tokio::task::spawn_blocking(move || writer.join()).await?;
        ended.map_err(|_| anyhow!("the writer has panicked"))
    }
}

/// Writes the dump of a store; to standard output if the path is `-`.
pub(super) async fn dump(store: &Arc<dyn Store>, to: &str) -> anyhow::Result<dump::Dumped> {
    let (store, to) = (store.clone(), to.to_owned());
    let write = move || {
        if to == "-" {
            let out = std::io::stdout().lock();
            return written(&*store, &mut std::io::BufWriter::new(out));
        }
        let file = std::fs::File::create(&to).with_context(|| format!("cannot write {to}"))?;
        written(&*store, &mut std::io::BufWriter::new(file))
    };
    tokio::task::spawn_blocking(write).await?
}

/// What there is in a store, in numbers.
pub(super) async fn sum(store: &Arc<dyn Store>) -> anyhow::Result<dump::Dumped> {
    let store = store.clone();
    tokio::task::spawn_blocking(move || written(&*store, &mut std::io::sink())).await?
}

fn written(store: &dyn Store, to: &mut dyn std::io::Write) -> anyhow::Result<dump::Dumped> {
    match dump::write(store, to) {
        // Whoever reads has seen enough.
        Err(dump::Error::Write(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            Ok(dump::Dumped::default())
        }
        done => Ok(done?),
    }
}
