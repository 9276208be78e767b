//! Executions as the API server tells of them. Does I/O.
//!
//! Executions are few, so the library's watcher does it. It goes on from a stale version for ever when the server
//! refuses that by HTTP status, so after any error a new one lists anew; and it opens without pause, and for ever,
//! what the server closes without a word, so its requests are paced, and a few of those are an error.

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
use crate::telemetry::{Labelled, Metrics, Restart};

/// So many requests in one [`WINDOW`].
const REQUESTS: u32 = 40;
const WINDOW: Duration = Duration::from_secs(20);
/// A watch that is asked for sooner than this after the one before it: that one was closed at once.
const SILENT: Duration = Duration::from_secs(2);
/// The second waits so long, the third twice as long, ...
const APART: Duration = Duration::from_secs(1);
/// ... and after so many the version is too old, whatever the server says: list anew.
const CLOSES: u32 = 4;
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

/// The watch over all namespaces, or over one.
pub(super) struct Executions {
    api: Api<DeserializeGuard<Execution>>,
    metrics: Metrics,
    stream: Option<BoxStream<'static, watcher::Result<Event>>>,
    patience: Duration,
    installed: bool,
}

type Event = watcher::Event<DeserializeGuard<Execution>>;

impl Executions {
    pub(super) fn new(client: Client, namespace: Option<&str>, metrics: Metrics) -> Self {
        let client = paced(client);
        Self {
            api: match namespace {
                Some(namespace) => Api::namespaced(client, namespace),
                None => Api::all(client),
            },
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
                    self.restarts(code(&error));
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

    fn restarts(&self, code: Option<u16>) {
        let reason = match code {
            // There is no such kind, which is no failure.
            Some(404) => return,
            Some(410) => "gone",
            _ => "failed",
        };
        let restart = Restart {
            kind: OF.of,
            reason,
        };
        self.metrics.watch_restarts.get_or_create(&restart).inc();
    }

    /// Warns once, until a list has come through.
    fn complain(&self, error: &watcher::Error) {
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

/// When requests were sent.
#[derive(Debug)]
struct Sent {
    /// Since when, and how many.
    window: (Instant, u32),
    /// When the last watch was sent, and how many at once before it.
    watch: Option<(Instant, u32)>,
}

impl Sent {
    /// How long a watch has to wait. `None` if it must not be sent: it is closed again and again.
    fn wait(&mut self, now: Instant) -> Option<Duration> {
        let at_once = match self.watch {
            Some((sent, before)) if now < sent + SILENT => before + 1,
            _ => 0,
        };
        if at_once >= CLOSES {
            self.watch = None;
            return None;
        }
        let wait = APART * at_once;
        self.watch = Some((now + wait, at_once));
        Some(wait)
    }

    /// Waits until one more may be sent; false if it must not be.
    async fn one_more(&mut self, watches: bool) -> bool {
        if watches {
            match self.wait(Instant::now()) {
                Some(wait) => sleep(wait).await,
                None => return false,
            }
        }
        if self.window.0.elapsed() >= WINDOW {
            self.window = (Instant::now(), 0);
        } else if self.window.1 >= REQUESTS {
            sleep_until(self.window.0 + WINDOW).await;
            self.window = (Instant::now(), 0);
        }
        self.window.1 += 1;
        true
    }
}

/// A watch was not sent: those before it were closed at once, without a word. A list is to come first.
#[derive(Debug, thiserror::Error)]
#[error("the watch is closed at once and without a word, again and again")]
struct Closed;

/// The same client, but with no more than [`REQUESTS`] in a [`WINDOW`], and not for ever with what is closed at once.
fn paced(client: Client) -> Client {
    let namespace = client.default_namespace().to_owned();
    let sent = Sent {
        window: (Instant::now(), 0),
        watch: None,
    };
    let sent = Arc::new(Mutex::new(sent));
    let service = tower::service_fn(move |request: hyper::Request<Body>| {
        let (client, sent) = (client.clone(), sent.clone());
        async move {
            let query = request.uri().query().unwrap_or_default();
            let watches = query.split('&').any(|part| part == "watch=true");
            if sent.lock().await.one_more(watches).await {
                client.send(request).await
            } else {
                Err(kube::Error::Service(Closed.into()))
            }
        }
    });
    Client::new(service, namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_that_is_closed_at_once_is_asked_for_less_often_and_then_listed_anew() {
        let mut now = Instant::now();
        let mut sent = Sent {
            window: (now, 0),
            watch: None,
        };
        for times in 0..CLOSES {
            assert_eq!(sent.wait(now), Some(APART * times));
            now += APART * times + SILENT / 2;
        }
        assert_eq!(sent.wait(now), None, "a list comes first");
        for _ in 0..2 * CLOSES {
            assert_eq!(sent.wait(now), Some(Duration::ZERO), "these live");
            now += SILENT;
        }
    }
}
