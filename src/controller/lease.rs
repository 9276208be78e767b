//! The Lease: of several processes on one cluster, one watches and writes status. Does I/O.
//!
//! It governs nothing else: what clients tell and ask never depends on it. The library takes, renews and releases;
//! it says nothing while the API server is out of reach, so who cannot renew counts as having lost a second before
//! another may take over. A process that was stopped for a while does not know it yet when it runs again: so each
//! request that leadership governs goes through a fence, which looks at the clock first.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Method, Request};
use kube::Client;
use kube::client::Body;
use kube_lease_manager::{LeaseManager, LeaseManagerBuilder, LeaseManagerError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The name of the Lease, in the namespace of the pod.
const NAME: &str = "dagtrail";
/// How long it is held without renewal.
const DURATION: Duration = Duration::from_secs(15);
/// It is renewed so long before it ends.
const GRACE: Duration = Duration::from_secs(5);
/// Without renewal it counts as lost so long before it ends.
const MARGIN: Duration = Duration::from_secs(1);
/// A request that takes longer has failed: several must fit into [`GRACE`].
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
/// Between two tries of what fails.
const PAUSE: Duration = Duration::from_secs(1);

/// Whether this process leads; cheap to clone.
#[derive(Clone, Debug)]
pub struct Leadership {
    leads: Leads,
}

/// Until when the Lease is held; none if it is not.
type Leads = watch::Receiver<Option<Instant>>;

/// A request was not sent: the Lease is not held any more. It may be tried again once it is.
#[derive(Debug, thiserror::Error)]
#[error("not sent, for this process does not hold the Lease {NAME}")]
struct NotHeld;

impl Leadership {
    /// Seeks leadership, in a task of its own, until cancelled; then releases it, so that another can take it.
    ///
    /// To be cancelled after everything that leadership governs has ended. The Lease `dagtrail` is made in the
    /// client's default namespace: inside a cluster that of the pod. It needs `get`, `create` and `patch` on
    /// leases there. Where the API server is out of reach or refuses, it tries again for ever.
    #[must_use]
    pub fn seek(client: &Client, tracker: &TaskTracker, cancelled: CancellationToken) -> Self {
        let (says, leads) = watch::channel(None);
        tracker.spawn(Seeker::new(client, says).run(cancelled));
        Self { leads }
    }

    /// Waits until this process leads. False if it never will: the seeking has ended.
    pub async fn held(&mut self) -> bool {
        self.leads.wait_for(Option::is_some).await.is_ok()
    }

    /// Waits until this process no longer leads.
    pub async fn lost(&mut self) {
        // An end of the seeking is a loss too.
        let _ = self.leads.wait_for(Option::is_none).await;
    }

    /// The same client, but what is asked while this process does not lead is not sent and fails.
    #[must_use]
    pub fn fence(&self, client: &Client) -> Client {
        let (client, leads) = (client.clone(), self.leads.clone());
        let namespace = client.default_namespace().to_owned();
        let service = tower::service_fn(move |request: Request<Body>| {
            let client = client.clone();
            let held = leads.borrow().is_some_and(|ends| Instant::now() < ends);
            async move {
                if held {
                    client.send(request).await
                } else {
                    Err(kube::Error::Service(NotHeld.into()))
                }
            }
        });
        Client::new(service, namespace)
    }

    /// Runs `work` each time this process leads, with a token that ends when it no longer does or when `cancelled`
    /// is; waits for its end before it begins again. Returns after `cancelled`, or when the seeking has ended.
    pub async fn each_term<W: Future<Output = ()>>(
        mut self,
        cancelled: &CancellationToken,
        mut work: impl FnMut(CancellationToken) -> W,
    ) {
        while let Some(true) = cancelled.run_until_cancelled(self.held()).await {
            let term = cancelled.child_token();
            let lost = async {
                term.run_until_cancelled(self.lost()).await;
                term.cancel();
            };
            tokio::join!(work(term.clone()), lost);
        }
    }
}

struct Seeker {
    client: Client,
    identity: String,
    /// When the last change of the Lease that succeeded was sent.
    renewed: watch::Receiver<Instant>,
    says: watch::Sender<Option<Instant>>,
}

impl Seeker {
    fn new(client: &Client, says: watch::Sender<Option<Instant>>) -> Self {
        let (client, renewed) = timed(client.clone());
        // A pod's host name is its name: it shows who leads.
        let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "dagtrail".to_owned());
        Self {
            client,
            identity: format!("{host}_{}", uuid::Uuid::new_v4()),
            renewed,
            says,
        }
    }

    async fn run(mut self, cancelled: CancellationToken) {
        let mut complained = false;
        while !cancelled.is_cancelled() {
            let manager = match cancelled.run_until_cancelled(self.manager()).await {
                None => return,
                Some(Ok(manager)) => manager,
                Some(Err(error)) => {
                    if !complained {
                        tracing::warn!(
                            "the Lease {NAME} cannot be had, it is tried again: {error}"
                        );
                        complained = true;
                    }
                    cancelled.run_until_cancelled(sleep(PAUSE)).await;
                    continue;
                }
            };
            complained = false;
            self.hold(&manager, &cancelled).await;
            self.say(None);
            if cancelled.is_cancelled()
                && let Err(error) = manager.release().await
            {
                tracing::debug!("the Lease {NAME} was not released, it ends by itself: {error}");
            }
        }
    }

    async fn manager(&self) -> Result<LeaseManager, LeaseManagerError> {
        LeaseManagerBuilder::new(self.client.clone(), NAME)
            .with_namespace(self.client.default_namespace())
            .with_identity(&self.identity)
            // Two processes that apply as one manager would not see each other's conflicts.
            .with_field_manager(format!("dagtrail-{}", uuid::Uuid::new_v4()))
            .with_duration(DURATION.as_secs())
            .with_grace(GRACE.as_secs())
            .build()
            .await
    }

    /// Returns when cancelled, or when the Lease was deleted and has to be made anew.
    async fn hold(&mut self, manager: &LeaseManager, cancelled: &CancellationToken) {
        // Never dropped half way: the library would renew without having noted it, and so at once again.
        let mut changed = Box::pin(changed(manager, Duration::ZERO));
        let (mut leads, mut complained) = (false, false);
        loop {
            let ends = *self.renewed.borrow_and_update() + DURATION - MARGIN;
            let still = leads && Instant::now() < ends;
            self.say(still.then_some(ends));
            tokio::select! {
                () = cancelled.cancelled() => return,
                () = sleep_until(ends), if still => {}
                _ = self.renewed.changed(), if leads => {}
                result = &mut changed => {
                    match result {
                        Ok(now) => (leads, complained) = (now, false),
                        Err(LeaseManagerError::NonexistentLease(_)) => return,
                        Err(error) if complained => tracing::debug!(
                            "the Lease {NAME} was neither renewed nor read, it is tried again: {error}"
                        ),
                        Err(error) => {
                            tracing::warn!(
                                "the Lease {NAME} was neither renewed nor read, it is tried again: {error}"
                            );
                            complained = true;
                        }
                    }
                    changed.set(self::changed(manager, PAUSE));
                }
            }
        }
    }

    fn say(&self, until: Option<Instant>) {
        self.says.send_if_modified(|said| {
            if until.is_some() && said.is_none() {
                tracing::info!("this process leads: it watches the cluster and writes status");
            } else if until.is_none() && said.is_some() {
                tracing::info!("this process no longer leads");
            }
            std::mem::replace(said, until) != until
        });
    }
}

/// Whether it leads, when that has changed; first pauses.
async fn changed(manager: &LeaseManager, pause: Duration) -> Result<bool, LeaseManagerError> {
    sleep(pause).await;
    manager.changed().await
}

/// The same client, but no request takes longer than [`REQUEST_TIMEOUT`]; and when the last change that succeeded
/// was sent.
fn timed(client: Client) -> (Client, watch::Receiver<Instant>) {
    let (renewed, told) = watch::channel(Instant::now());
    let (renewed, namespace) = (Arc::new(renewed), client.default_namespace().to_owned());
    let service = tower::service_fn(move |request: Request<Body>| {
        let (client, renewed) = (client.clone(), renewed.clone());
        async move {
            let (sent, changes) = (Instant::now(), request.method() == Method::PATCH);
            let answer = timeout(REQUEST_TIMEOUT, client.send(request)).await;
            let answer = answer.map_err(|late| kube::Error::Service(late.into()))??;
            if changes && answer.status().is_success() {
                renewed.send_replace(sent);
            }
            Ok::<_, kube::Error>(answer)
        }
    });
    (Client::new(service, namespace), told)
}
