//! The one list-watch loop.
//!
//! ```text
//! list, page by page ──► watch ──► closed: watch again from where it was
//!   ▲                      │
//!   └── gone (410), or closed at once without a word: the resource version is too old, whatever it says
//! ```
//!
//! kube's own watcher asks a server that closes a watch at once and without a word thousands of times a second, for
//! ever, and never lists again after a 410 as HTTP status. Events have no watch cache and get no bookmarks, so an
//! idle watch often falls behind what the server keeps; and nothing of them should be held in memory. Hence this
//! loop, on requests of kube. Objects are handed on unparsed: one that cannot be read stops no other. Does I/O.

mod backoff;
mod list;
mod pace;
mod stream;

#[cfg(test)]
mod tests;

use std::convert::Infallible;

use kube::Client;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub(super) use self::backoff::Backoff;
use self::backoff::Bucket;
pub use self::pace::Pace;
use self::stream::Over;
use super::delivery::Stopped;
use crate::telemetry::{Labelled, Metrics, OfKind, Restart};

/// Watches that fail one after another before the loop lists anew: the version may be one that the server has never
/// given out, after it was restored from a copy.
const FAILURES_BEFORE_LIST: u32 = 5;
/// So many lists in a row that are refused mean that the right is missing, and not that the server has just started.
const REFUSALS_BEFORE_NEWS: u32 = 3;

/// What is delivered, in order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Change {
    /// A list begins.
    Listing,
    /// The object is there, or has changed.
    Applied(Box<RawValue>),
    /// The object is gone; this was its last state.
    Deleted(Box<RawValue>),
    /// The list is complete, or there is no such kind.
    Listed,
    /// There is no right to list the kind: nobody is to wait for it.
    Forbidden,
    /// A watch has come to its end as it should: all that was to be told up to now was delivered.
    Watched,
}

/// Who takes what is delivered.
pub(super) trait Sink: Send {
    /// Returns when it is on disk; only then the watch goes on.
    fn take(&mut self, changes: Vec<Change>) -> impl Future<Output = Result<(), Stopped>> + Send;

    /// A list or a watch has ended. What it leads to is delivered; this is for those who want to know why.
    fn interrupted(
        &mut self,
        _reason: &'static str,
    ) -> impl Future<Output = Result<(), Stopped>> + Send {
        std::future::ready(Ok(()))
    }
}

/// Why a list or a watch has ended.
#[derive(Debug)]
enum End {
    /// The resource version, or the page's token, is too old: list anew.
    Gone,
    /// There is no such kind, yet.
    Absent,
    /// There is no right to it.
    Forbidden(String),
    /// The server closed a watch at once and without a word: drop the version, list anew.
    Silent,
    /// Anything else; try again.
    Failed(String),
    /// Nothing more is taken.
    Stopped,
}

impl From<Stopped> for End {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<kube::Error> for End {
    fn from(error: kube::Error) -> Self {
        match &error {
            kube::Error::Api(status) if status.code == 410 => Self::Gone,
            kube::Error::Api(status) if status.code == 404 => Self::Absent,
            kube::Error::Api(status) if status.code == 403 => Self::Forbidden(said(&error)),
            _ => Self::Failed(said(&error)),
        }
    }
}

/// What has failed, in words; kube shows the whole status, twice.
pub(super) fn said(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => {
            format!("{} {}: {}", status.code, status.reason, status.message)
        }
        _ => error.to_string(),
    }
}

/// `metadata.resourceVersion` of an object or a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Versioned {
    metadata: Version,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Version {
    resource_version: Option<Box<str>>,
    r#continue: Option<Box<str>>,
}

fn version_of(object: &RawValue) -> Option<Box<str>> {
    let read: Versioned = serde_json::from_str(object.get()).ok()?;
    read.metadata.resource_version
}

/// Lists and watches one kind.
pub(super) struct Watcher<S> {
    client: Client,
    /// Where the kind is, by version; one after another is tried if it is not there.
    paths: Vec<String>,
    path: String,
    /// Which objects of the kind, by their labels.
    labels: Option<&'static str>,
    kind: Labelled,
    pace: Pace,
    metrics: Metrics,
    sink: S,
    backoff: Backoff,
    opens: Bucket,
}

impl<S: Sink> Watcher<S> {
    pub(super) fn new(
        client: Client,
        paths: Vec<String>,
        label: &'static str,
        pace: Pace,
        metrics: Metrics,
        sink: S,
    ) -> Self {
        Self {
            client,
            path: paths.first().cloned().unwrap_or_default(),
            paths,
            labels: None,
            kind: Labelled { of: label },
            backoff: Backoff::new(&pace),
            opens: Bucket::new(pace.opens, pace.open_every),
            pace,
            metrics,
            sink,
        }
    }

    /// The same, but only of objects with these labels.
    pub(super) fn with_labels(self, labels: &'static str) -> Self {
        Self {
            labels: Some(labels),
            ..self
        }
    }

    /// Runs until nothing more is taken, or until it is dropped.
    pub(super) async fn run(mut self) {
        let Err(Stopped) = self.forever().await;
    }

    async fn forever(&mut self) -> Result<Infallible, Stopped> {
        let mut refusals = 0;
        loop {
            self.metrics.watch_lists.get_or_create(&self.of()).inc();
            let ended = match self.list_any().await {
                Ok(version) => {
                    refusals = 0;
                    self.follow(version).await
                }
                Err(end) => end,
            };
            match ended {
                End::Stopped => return Err(Stopped),
                End::Absent => {
                    tracing::debug!(kind = self.kind.of, "not installed; it is asked again");
                    self.sink.interrupted("absent").await?;
                    self.sink.take(vec![Change::Listed]).await?;
                    tokio::time::sleep(self.pace.absent).await;
                }
                End::Forbidden(problem) => {
                    self.restarts("forbidden").await?;
                    tracing::warn!(
                        kind = self.kind.of,
                        problem,
                        "there is no right to list or watch this kind, so nothing of it is recorded; it is asked again"
                    );
                    refusals += 1;
                    if refusals == REFUSALS_BEFORE_NEWS {
                        self.sink.take(vec![Change::Forbidden]).await?;
                    }
                    self.backoff.wait().await;
                }
                End::Gone => {
                    self.restarts("gone").await?;
                    self.backoff.wait().await;
                }
                End::Silent => {
                    let closes = &self.metrics.watch_silent_closes;
                    closes.get_or_create(&self.of()).inc();
                    self.restarts("silent").await?;
                    tracing::info!(
                        kind = self.kind.of,
                        "the server closed a watch at once without a word; listing anew"
                    );
                    self.backoff.wait_at_most(self.pace.silence).await;
                }
                End::Failed(problem) => self.stumble(&problem).await?,
            }
        }
    }

    /// Lists in the first version of the kind that there is.
    async fn list_any(&mut self) -> Result<Box<str>, End> {
        for path in self.paths.clone() {
            self.path = path;
            match self.list().await {
                Err(End::Absent) => {}
                ended => return ended,
            }
        }
        Err(End::Absent)
    }

    /// Watches from a version on, again and again, until the kind has to be listed anew.
    async fn follow(&mut self, mut version: Box<str>) -> End {
        let mut failures = 0;
        loop {
            self.opens.take().await;
            self.metrics.watch_opens.get_or_create(&self.of()).inc();
            let opened = tokio::time::Instant::now();
            let mut messages = 0;
            let ended = self.watch(&mut version, &mut messages).await;
            let lived = messages > 0 || opened.elapsed() >= self.pace.silent;
            if lived {
                self.backoff.reset();
                failures = 0;
            }
            match ended {
                Ok(over) if lived => {
                    if let Err(stopped) = self.watched(over).await {
                        return stopped.into();
                    }
                }
                Ok(_) => return End::Silent,
                // A server that has just started refuses those whose rights it has not read yet.
                Err(End::Failed(problem) | End::Forbidden(problem)) => {
                    failures += 1;
                    if failures >= FAILURES_BEFORE_LIST {
                        return End::Failed(problem);
                    }
                    if let Err(stopped) = self.stumble(&problem).await {
                        return stopped.into();
                    }
                }
                Err(end) => return end,
            }
        }
    }

    /// A watch has come to its end as it should.
    async fn watched(&mut self, over: Over) -> Result<(), Stopped> {
        self.restarts(over.reason()).await?;
        self.sink.take(vec![Change::Watched]).await
    }

    fn of(&self) -> OfKind {
        OfKind { kind: self.kind.of }
    }

    async fn restarts(&mut self, reason: &'static str) -> Result<(), Stopped> {
        let restart = Restart {
            kind: self.kind.of,
            reason,
        };
        self.metrics.watch_restarts.get_or_create(&restart).inc();
        self.sink.interrupted(reason).await
    }

    async fn stumble(&mut self, problem: &str) -> Result<(), Stopped> {
        self.restarts("failed").await?;
        tracing::warn!(
            kind = self.kind.of,
            problem,
            "a list or watch has failed; it is tried again"
        );
        self.backoff.wait().await;
        Ok(())
    }
}
