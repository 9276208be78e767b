//! What every route works with. Pure.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::body::Bodies;
use super::v1::Answers;
use crate::ingest;
use crate::model::{Clock, Rules};
use crate::query::Reader;
use crate::server::{Access, Health};
use crate::telemetry::Metrics;

/// What the routes work with; cheap to clone, for every request does it.
#[derive(Clone)]
pub struct State(Arc<Tools>);

impl From<Tools> for State {
    fn from(tools: Tools) -> Self {
        Self(Arc::new(tools))
    }
}

impl Deref for State {
    type Target = Tools;

    fn deref(&self) -> &Tools {
        &self.0
    }
}

/// What the routes work with.
#[derive(Clone)]
pub struct Tools {
    /// The way in.
    pub ingest: ingest::Handle,
    /// The way out.
    pub reader: Reader,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: Metrics,
    /// The tenant of what is posted for an id that nobody has told of.
    pub tenant: Arc<str>,
    /// Whom the server knows.
    pub access: Access,
    /// What `/readyz` tells.
    pub health: Health,
    /// Cancelled when the server stops: streams end, so that their connections can close.
    pub stopping: CancellationToken,
    /// The room for bodies that are being read.
    pub bodies: Bodies,
    /// How often Dataflow's workers are told to report how they are; zero: as they do.
    pub report_interval: Duration,
    /// When streams say what.
    pub streams: StreamTimings,
    /// Histories as they were answered.
    pub answers: Arc<Answers>,
    /// How long histories are kept.
    pub rules: Arc<Rules>,
    /// The version of Prefect that its clients are told.
    pub prefect_version: Arc<str>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// When streams say what; tests make it short.
#[derive(Clone, Copy, Debug)]
pub struct StreamTimings {
    /// How long a client is to wait before it connects again.
    pub retry: Duration,
    /// A comment is sent when nothing else was for so long, and who belongs together is looked up anew.
    pub keep_alive: Duration,
    /// From the last change of a finished execution to `done`.
    pub done_after: Duration,
}

impl Default for StreamTimings {
    fn default() -> Self {
        Self {
            retry: Duration::from_secs(3),
            keep_alive: Duration::from_secs(15),
            done_after: Duration::from_secs(5),
        }
    }
}
