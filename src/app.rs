//! The wiring: which room gets which handle, and in which order everything starts and stops. Does I/O.
//!
//! Shutdown follows the flow: sources and accepting stop, every way in is dropped, the writer drains and commits,
//! streams end, the engine closes. Closed channels are the signal.

mod catalogue;
mod cluster;
mod entrance;
mod files;
mod history;
mod moving;
mod record;
mod replay;
mod signals;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::middleware;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::catalogue::{Catalogue, ConfigMaps};
use self::cluster::{Cluster, connect};
use self::entrance::Entrance;
pub use self::moving::{formats, with_history};
pub use self::record::Record;
pub use self::replay::{Replay, Told, dump};
use self::signals::Signals;
use crate::api::{Answers, Bodies, StreamTimings, Tools};
use crate::model::{Clock, Rules, SystemClock};
use crate::query::Reader;
use crate::server::{Audiences, Gate, Health, Limits, Listening, assets, guard};
pub use crate::sources::{Engine, Replayed};
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::{api, ingest, live, retention, sources, store, ui};

/// Threads that may wait for the disk. A thousand who connect at once would otherwise make hundreds, each with a stack and
/// memory of its own, that stay for a while.
const WAITING: usize = 32;
/// How long tasks may take to end.
const STOP: Duration = Duration::from_secs(10);
/// Whose history it is that clients post for an id that nobody has told of.
const TENANT: &str = "default";

/// Whether to watch a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kube {
    /// If there is a configuration for one.
    Auto,
    /// No.
    Off,
    /// Without one, do not start.
    Required,
}

/// What the process is to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// `memory:` or a folder.
    pub store: String,
    /// Whether to watch a cluster.
    pub kube: Kube,
    /// The cluster's name in origins, instead of the uid of namespace kube-system.
    pub cluster_name: Option<String>,
    /// The one namespace that is watched; without it all are.
    pub watch_namespace: Option<String>,
    /// The engines whose objects are watched; without it those of all.
    pub engines: Option<Vec<Engine>>,
    /// How long the API server keeps an Event, if not an hour.
    pub event_ttl: Option<Duration>,
    /// The tokens of those who may ask; without it nobody is asked who they are.
    pub token_file: Option<PathBuf>,
    /// How often Dataflow's workers are told to report how they are; zero: as they do.
    pub report_interval: Duration,
    /// The key by which short-lived tokens are signed for clients of the Genomcore dialect.
    pub genomcore_key_file: Option<PathBuf>,
    /// Ask the cluster's API server who somebody is and what they may.
    pub auth_kubernetes: bool,
    /// For whom the tokens are to be that it is asked about.
    pub audiences: Audiences,
    /// The files of the certificate and its key; without them connections are plain.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Connections at a time.
    pub connections: usize,
    /// How much may be asked.
    pub limits: Limits,
    /// Serve others although nobody is asked who they are.
    pub insecure_no_auth: bool,
    /// The proxies that are believed when they say who asks.
    pub trusted_proxies: Vec<IpNet>,
    /// The label by which a Pod is somebody's Nublado lab; without it no Pod is.
    pub nublado_user_label: Option<String>,
    /// How many bytes of answered histories are kept for who asks again.
    pub history_cache: u64,
    /// The folder with words of operators.
    pub catalog_dir: Option<PathBuf>,
    /// The namespaces whose ConfigMaps with words are used.
    pub catalog_namespaces: Vec<String>,
    /// How long histories are kept.
    pub rules: Rules,
    /// The version of Prefect that its clients are told, if not the one that this was made for.
    pub prefect_version: Option<String>,
}

/// A running dagtrail.
pub struct App {
    address: SocketAddr,
    is_encrypted: bool,
    place: String,
    ingest: Option<ingest::Handle>,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    writer: thread::JoinHandle<()>,
    tracker: TaskTracker,
    stopping: CancellationToken,
    signals: Option<Signals>,
    gate: Gate,
    metrics: Metrics,
}

/// Runs the process's future on a runtime of its own.
///
/// # Errors
///
/// The future's.
pub fn block_on(future: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    files::as_many_as_allowed();
    tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(WAITING)
        .enable_all()
        .build()?
        .block_on(future)
}

impl App {
    /// Starts everything; returns when it listens.
    ///
    /// # Errors
    ///
    /// A sentence: the address is taken or not to be used, the store does not open, there is no cluster.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let metrics = Metrics::new();
        let (tracker, stopping) = (TaskTracker::new(), CancellationToken::new());
        let entrance = Entrance::open(&settings, &clock, &metrics, &stopping).await?;
        let gate = entrance.access.gate().clone();
        let (is_asked, is_encrypted) = (!entrance.access.is_open(), entrance.tls.is_some());
        let client = connect(settings.kube).await?;
        let words = Catalogue::open(settings.catalog_dir, metrics.clone())?;
        let maps = ConfigMaps {
            client: client.as_ref(),
            namespaces: &settings.catalog_namespaces,
            tracker: &tracker,
            stopping: &stopping,
        };
        let words = words.with(&maps)?;
        tracker.spawn(words.follow(stopping.clone()));
        let place = settings.store.clone();
        let url = settings.store.clone();
        let store =
            tokio::task::spawn_blocking(move || store::open(&url, &store::Options::default()))
                .await??;
        let (ingest, writer) = ingest::new(store.clone(), clock.clone(), metrics.clone());
        let rules = Arc::new(settings.rules);
        let keeper = Arc::new(retention::Keeper::new(
            store.clone(),
            clock.clone(),
            rules.clone(),
            metrics.clone(),
        ));
        let kept = keeper.clone();
        let writer = writer.then(move |grown| kept.touched(grown));
        // Without a writer nothing can be taken in: whatever ends it ends the process.
        let ended = stopping.clone().drop_guard();
        let writer = thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                let _ended = ended;
                writer.run();
            })?;
        let live = live::Handle::default();
        tracker.spawn(live.clone().follow(store.clone(), stopping.clone()));
        tracker.spawn(keeper.run(stopping.clone()));
        let reader = Reader::new(store.clone(), live);
        let health = Health::new();
        // It was opened above: whoever asks what is well is told so.
        health.release("store");
        if let Some(client) = client {
            let cluster = Cluster {
                client,
                config: sources::Config {
                    cluster: settings.cluster_name,
                    scope: sources::Scope {
                        namespace: settings.watch_namespace,
                        engines: settings.engines,
                    },
                    event_ttl: settings
                        .event_ttl
                        .map_or_else(Default::default, sources::EventTtl),
                    nublado_user_label: settings.nublado_user_label,
                    ..Default::default()
                },
                ingest: ingest.clone(),
                reader: reader.clone(),
                metrics: metrics.clone(),
                clock: clock.clone(),
                health: health.clone(),
            };
            tracker.spawn(cluster.lead(tracker.clone(), stopping.clone()));
        }
        // Whoever can connect can also ask it to stop.
        let signals = Signals::listen()?;
        let socket = TcpListener::bind(settings.listen)
            .await
            .with_context(|| format!("cannot listen on {}", settings.listen))?;
        let address = socket.local_addr()?;
        let answers = Answers::new(settings.history_cache, metrics.clone());
        let state = api::State::from(Tools {
            answers: Arc::new(answers),
            ingest: ingest.clone(),
            reader,
            clock: clock.clone(),
            metrics: metrics.clone(),
            tenant: TENANT.into(),
            access: entrance.access,
            health,
            stopping: stopping.clone(),
            bodies: Bodies::default(),
            report_interval: settings.report_interval,
            streams: StreamTimings::default(),
            rules,
            prefect_version: settings
                .prefect_version
                .as_deref()
                .unwrap_or(api::PREFECT_VERSION)
                .into(),
        });
        let mut router = api::router(state)
            .merge(assets::routes(&ui::ASSETS))
            .merge(assets::routes(&ui::DOCS));
        if !settings.insecure_no_auth && !is_asked {
            router = router.layer(middleware::from_fn(|request, next| {
                guard::loopback_only(api::refuse, request, next)
            }));
        }
        for kept in entrance.follow {
            tracker.spawn(kept);
        }
        let listening = Listening {
            socket,
            router,
            tls: entrance.tls,
            connections: settings.connections,
            render: api::refuse,
            metrics: metrics.clone(),
        };
        tracker.spawn(listening.serve(tracker.clone(), stopping.clone()));
        Ok(Self {
            address,
            is_encrypted,
            place,
            ingest: Some(ingest),
            clock,
            store,
            writer,
            tracker,
            stopping,
            signals: Some(signals),
            gate,
            metrics,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to find it.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where the history is kept, for people.
    #[must_use]
    pub fn store_place(&self) -> &str {
        &self.place
    }

    /// The way in, for the demo.
    ///
    /// # Panics
    ///
    /// After [`App::stop`], which takes the app, so never.
    #[must_use]
    pub fn ingest(&self) -> ingest::Handle {
        self.ingest
            .clone()
            .expect("it is there until the app stops")
    }

    /// How much may be asked, which can change.
    #[must_use]
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Ends when the process is to stop.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Starts a task that ends with the app.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tracker.spawn(async move {
            tokio::select! { () = task => {}, () = stopping.cancelled() => {} }
        });
    }

    /// Runs until SIGTERM or SIGINT, then stops in order; a second signal stops at once.
    ///
    /// # Errors
    ///
    /// If the engine does not close well.
    pub async fn run_until_signal(mut self) -> anyhow::Result<()> {
        let mut signals = self.signals.take().expect("they are taken here only");
        tokio::select! {
            () = signals.next() => {}
            () = self.stopping.cancelled() => tracing::error!("the writer has ended, so the process ends"),
        }
        tracing::info!("stopping: a second signal stops at once");
        tokio::select! {
            stopped = self.stop() => stopped,
            () = signals.next() => Err(anyhow!("stopped at once by a second signal")),
        }
    }

    /// Stops in the order of the flow.
    ///
    /// # Errors
    ///
    /// If the engine does not close well; what was acknowledged is on disk all the same.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.stopping.cancel();
        self.tracker.close();
        if tokio::time::timeout(STOP, self.tracker.wait())
            .await
            .is_err()
        {
            tracing::warn!("some tasks did not end within {} s", STOP.as_secs());
        }
        // The last way in: now the writer's queue ends.
        self.ingest = None;
        let (writer, store) = (self.writer, self.store);
        let close = move || {
            writer
                .join()
                .map_err(|_| anyhow!("the writer has panicked"))?;
            store.close().context("the store did not close well")
        };
        match tokio::time::timeout(STOP, tokio::task::spawn_blocking(close)).await {
            Ok(closed) => closed?,
            Err(_) => Err(anyhow!(
                "the writer did not end within {} s",
                STOP.as_secs()
            )),
        }
    }
}
