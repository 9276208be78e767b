//! Executions as the API server tells of them. Does I/O.
//!
//! Executions are few, so the library's watcher does it. It goes on from a stale version for ever when the server
//! refuses that by HTTP status, so after any error a new one lists anew; and it opens without pause what the server
//! closes without a word, so its requests are paced.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use kube::api::Api;
use kube::client::Body;
use kube::core::DeserializeGuard;
use kube::runtime::watcher::{self, watcher};
use kube::{Client, ResourceExt};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};

use crate::crd::Execution;
use crate::telemetry::{Labelled, Metrics};

/// So many requests in one [`WINDOW`].
const REQUESTS: u32 = 40;
const WINDOW: Duration = Duration::from_secs(20);
/// The shortest and the longest wait after an error.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));
/// How the metrics name what is watched here.
const OF: Labelled = Labelled { of: "Execution" };

/// One thing that the watch tells.
#[derive(Debug)]
pub(super) enum Told {
    /// All of them are told of from here to [`Told::All`].
    Start,
    /// It is there, so or anew.
    There(Arc<Execution>),
    /// It is there, but nobody can read it; only its uid is known.
    Unread(String),
    /// Those that were told of since [`Told::Start`] are all.
    All,
    /// It is gone; its uid.
    Gone(String),
    /// The definition is not installed: there are none.
    NotInstalled,
}

/// The watch over all namespaces.
pub(super) struct Executions {
    api: Api<DeserializeGuard<Execution>>,
    metrics: Metrics,
    stream: Option<BoxStream<'static, watcher::Result<Event>>>,
    patience: Duration,
    installed: bool,
}

type Event = watcher::Event<DeserializeGuard<Execution>>;

impl Executions {
    pub(super) fn new(client: Client, metrics: Metrics) -> Self {
        Self {
            api: Api::all(paced(client)),
            metrics,
            stream: None,
            patience: PATIENCE.0,
            installed: true,
        }
    }

    /// The next thing told; waits through all errors. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Told {
        loop {
            let stream = self.stream.get_or_insert_with(|| {
                watcher(self.api.clone(), watcher::Config::default()).boxed()
            });
            match stream.try_next().await {
                Ok(Some(event)) => return self.read(event),
                Ok(None) => self.stream = None,
                Err(error) => {
                    self.stream = None;
                    match code(&error) {
                        Some(404) if self.installed => {
                            tracing::info!(
                                "executions.dagtrail.dev is not installed: no status is kept until it is"
                            );
                            self.installed = false;
                            return Told::NotInstalled;
                        }
                        Some(404) => {}
                        // Routine: the version that the watch stood at is no longer kept.
                        Some(410) => {
                            tracing::debug!("the watch of Executions begins anew: {error}");
                        }
                        _ => self.complain(&error),
                    }
                    self.pause().await;
                }
            }
        }
    }

    fn read(&mut self, event: Event) -> Told {
        // `Init` is said before the server has answered anything.
        if matches!(event, watcher::Event::InitDone) {
            self.patience = PATIENCE.0;
            self.installed = true;
        }
        match event {
            watcher::Event::Init => Told::Start,
            watcher::Event::InitDone => Told::All,
            watcher::Event::Delete(object) => Told::Gone(object.uid().unwrap_or_default()),
            watcher::Event::Apply(object) | watcher::Event::InitApply(object) => match object.0 {
                Ok(execution) => Told::There(Arc::new(execution)),
                Err(invalid) => {
                    let (namespace, name) = (&invalid.metadata.namespace, &invalid.metadata.name);
                    tracing::warn!(?namespace, ?name, "an Execution cannot be read: {invalid}");
                    self.metrics.unparsed.get_or_create(&OF).inc();
                    Told::Unread(invalid.metadata.uid.unwrap_or_default())
                }
            },
        }
    }

    /// Warns once, until a list has come through.
    fn complain(&self, error: &watcher::Error) {
        self.metrics.watch_errors.get_or_create(&OF).inc();
        if self.patience == PATIENCE.0 {
            tracing::warn!("the watch of Executions begins anew: {error}");
        } else {
            tracing::debug!("the watch of Executions begins anew: {error}");
        }
    }

    async fn pause(&mut self) {
        let pause = self.patience;
        self.patience = (pause * 2).min(PATIENCE.1);
        sleep(pause).await;
    }
}

/// The HTTP status that the server answered with.
fn code(error: &watcher::Error) -> Option<u16> {
    match error {
        watcher::Error::WatchError(status)
        | watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status)) => Some(status.code),
        _ => None,
    }
}

/// The same client, but with no more than [`REQUESTS`] in a [`WINDOW`].
fn paced(client: Client) -> Client {
    let namespace = client.default_namespace().to_owned();
    let window = Arc::new(Mutex::new((Instant::now(), 0)));
    let service = tower::service_fn(move |request: hyper::Request<Body>| {
        let (client, window) = (client.clone(), window.clone());
        async move {
            let mut window = window.lock().await;
            if window.0.elapsed() >= WINDOW {
                *window = (Instant::now(), 0);
            } else if window.1 >= REQUESTS {
                sleep_until(window.0 + WINDOW).await;
                *window = (Instant::now(), 0);
            }
            window.1 += 1;
            drop(window);
            client.send(request).await
        }
    });
    Client::new(service, namespace)
}
