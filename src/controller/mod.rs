//! Committed events to `Execution.status`, and the Lease that says who writes it.
//!
//! ```text
//! watch  Executions ──► keepers ──► reconcile: one task each
//! query  Reader: tail, get ──► history ─ fact ──► status (elements, condition) ──► server-side apply if it differs
//! lease  Leadership: when to run all this
//! ```
//!
//! An Execution's rows are those under (its namespace, its uid), united with its aliases, as every reader sees them.
//! The status is a function of the declaration and of those rows, so whoever writes it next writes the same. Does I/O.

mod condition;
mod elements;
mod fact;
mod history;
mod keepers;
mod lease;
mod reconcile;
mod status;
mod watch;

use std::sync::Arc;

use kube::Client;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::model::Clock;
use crate::query::Reader;
use crate::telemetry::Metrics;

use self::keepers::Keepers;
pub use self::lease::Leadership;
use self::reconcile::Shared;
use self::watch::{Executions, Told};

/// Executions that are read and written at once.
const TURNS: usize = 8;

/// Keeps the status of every Execution of the cluster, or of one namespace, until cancelled; returns when nothing is written any more.
///
/// To be run by one process at a time, see [`Leadership`]. Where the definition is not installed, it waits for it.
/// It needs `list` and `watch` on executions.dagtrail.dev and `patch` on their `status`.
pub async fn run(
    client: Client,
    namespace: Option<String>,
    reader: Reader,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
    tracker: TaskTracker,
    cancelled: CancellationToken,
) {
    let mut executions = Executions::new(client.clone(), namespace.as_deref(), metrics.clone());
    let shared = Shared {
        client,
        reader,
        metrics,
        clock,
        turns: Arc::new(Semaphore::new(TURNS)),
    };
    let mut keepers = Keepers::new(shared, tracker);
    while let Some(told) = cancelled.run_until_cancelled(executions.next()).await {
        match told {
            Told::Start => keepers.start(),
            Told::There(execution) => keepers.there(execution),
            Told::Unread(uid) => keepers.unread(uid),
            Told::All => keepers.all(),
            Told::Gone(uid) => keepers.gone(&uid),
            Told::NotInstalled => {
                keepers.start();
                keepers.all();
            }
        }
    }
    keepers.end().await;
}
