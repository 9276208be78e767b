//! What is done in a cluster as long as this process holds the Lease: it is watched, and status is written. Does I/O.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Kube;
use crate::controller::{self, Leadership};
use crate::model::Clock;
use crate::query::Reader;
use crate::server::Health;
use crate::telemetry::Metrics;
use crate::{ingest, sources};

/// The part of the process that readiness waits for.
const SOURCES: &str = "sources";

/// A client for the cluster, if there is one and it is wanted.
pub(super) async fn connect(kube: Kube) -> anyhow::Result<Option<kube::Client>> {
    if kube == Kube::Off {
        return Ok(None);
    }
    match client().await {
        Ok(client) => Ok(Some(client)),
        Err(error) if kube == Kube::Auto => {
            tracing::info!(
                "no cluster is watched: there is neither a usable kubeconfig nor a ServiceAccount ({error:#})"
            );
            Ok(None)
        }
        Err(error) => {
            Err(error
                .context("--kube required, and there is no usable kubeconfig or ServiceAccount"))
        }
    }
}

/// A client for the cluster of the kubeconfig, else of the ServiceAccount.
pub(super) async fn client() -> anyhow::Result<kube::Client> {
    let config = kube::Config::infer().await?;
    Ok(kube::Client::try_from(config)?)
}

/// All that has to do with a cluster.
pub(super) struct Cluster {
    pub(super) client: kube::Client,
    pub(super) config: sources::Config,
    pub(super) ingest: ingest::Handle,
    pub(super) reader: Reader,
    pub(super) metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) health: Health,
}

impl Cluster {
    /// Watches the cluster and writes Execution.status while this process holds the Lease.
    pub(super) async fn lead(mut self, tracker: TaskTracker, stopping: CancellationToken) {
        // Given back last, so that the next holder never works beside this one.
        let seeking = CancellationToken::new();
        let leadership = Leadership::seek(&self.client, &tracker, seeking.clone());
        self.client = leadership.fence(&self.client);
        self.health.hold(SOURCES, "waiting for the Lease");
        leadership
            .each_term(&stopping, |term| self.term(term))
            .await;
        seeking.cancel();
    }

    async fn term(&self, term: CancellationToken) {
        let tasks = TaskTracker::new();
        self.health
            .hold(SOURCES, "the first lists are not finished");
        let mut listed = sources::run(
            self.config.clone(),
            self.client.clone(),
            self.ingest.clone(),
            self.metrics.clone(),
            &tasks,
            &term,
            self.clock.clone(),
        );
        let (client, reader) = (self.client.clone(), self.reader.clone());
        let (metrics, clock) = (self.metrics.clone(), self.clock.clone());
        tasks.spawn(controller::run(
            client,
            self.config.scope.namespace.clone(),
            reader,
            metrics,
            clock,
            tasks.clone(),
            term.clone(),
        ));
        if let Some(Ok(_)) = term.run_until_cancelled(listed.wait_for(|all| *all)).await {
            self.health.release(SOURCES);
        }
        term.cancelled().await;
        self.health.hold(SOURCES, "waiting for the Lease");
        tasks.close();
        tasks.wait().await;
    }
}
