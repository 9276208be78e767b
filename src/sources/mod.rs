//! The cluster as a source: objects and Events become observations.
//!
//! ```text
//! watch ──► reception ──► desk: correlate ─ observe ──► delivery ──► ingest::Handle::submit
//! one task per kind       one state machine, pure       returns when it is on disk = back-pressure
//! ```
//!
//! [`run`] starts a list-watch loop for each kind: our Executions, the runs of each engine, Jobs, Pods, Events. One
//! that is slow or broken stops no other. A watch goes on from a resource version only when all before it is on
//! disk, and every start lists anew: what was told is told again, which changes nothing. Does I/O: `watch` with the
//! API server, `delivery` with the store.

mod argo;
mod catalogs;
mod cluster;
mod correlate;
mod delivery;
mod derive;
mod desk;
mod events;
mod execution;
mod jobs;
mod kubegene;
mod kueue;
mod lot;
mod nublado;
mod object;
mod objects;
mod pods;
mod recent;
mod reception;
mod recording;
mod scope;
mod seat;
mod tekton;
mod told;
mod vigil;
mod volcano;
mod watch;
mod watched;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::sync::watch as channel;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

pub use self::catalogs::{CATALOG, Catalog, Catalogs, catalogs};
use self::delivery::Delivery;
use self::desk::Desk;
use self::object::Kind;
use self::reception::{Progress, Reception, Room};
pub use self::recording::{
    Error as RecordingError, Header, RecordedClock, Recording, Replayed, Tape, replay,
};
pub use self::scope::{Engine, Scope};
use self::seat::Seat;
use self::vigil::Vigil;
pub use self::watch::Pace;
use self::watch::Watcher;
use self::watched::Watched;
use crate::ingest::Handle;
use crate::model::{Clock, Identity, Observation};
use crate::telemetry::Metrics;

/// The API groups and resources that are watched: each has to be allowed to be got, listed and watched.
pub fn resources() -> impl Iterator<Item = (&'static str, &'static str)> {
    let paths = Watched::ALL
        .into_iter()
        .flat_map(|watched| watched.paths().first());
    paths.filter_map(|path| {
        let mut parts = path.split('/').skip(1);
        let group = match parts.next()? {
            "apis" => parts.next()?,
            _ => "",
        };
        Some((group, parts.last()?))
    })
}

/// Turns objects of one kind into observations. Pure; what it remembers is bounded.
trait Source {
    /// What it reads.
    type Object;

    /// What a state of an object says, its whole life so far. `gone`: this was its last.
    fn observe(&mut self, seat: &Seat, object: &Self::Object, gone: bool) -> Vec<Observation>;
}

/// How the sources work. The default is meant for production.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The cluster's name; without one its id is the uid of namespace kube-system.
    pub cluster: Option<String>,
    /// What of it is watched.
    pub scope: Scope,
    /// How the API server is treated.
    pub pace: Pace,
    /// Who waits, and how long.
    pub parking: Parking,
    /// How long the API server keeps an Event; its default if not given.
    pub event_ttl: EventTtl,
    /// Where all that the cluster delivers is written, too.
    pub tape: Option<Tape>,
    /// The label by which a Pod is somebody's Nublado lab; without it no Pod is.
    pub nublado_user_label: Option<String>,
}

/// How long the API server keeps an Event: its `--event-ttl`, an hour by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTtl(pub Duration);

impl Default for EventTtl {
    fn default() -> Self {
        Self(Duration::from_secs(3600))
    }
}

/// How many wait for whom, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Parking {
    /// Events that may wait for the object that they are about.
    pub events: usize,
    /// How long such an Event waits.
    pub age: Duration,
    /// Objects that may wait for their owner.
    pub objects: usize,
    /// How long one waits for an owner, or for an Execution that its label names, once all owners are listed. An
    /// Event of a Job that is not there waits as long, and is then recorded by the Job's uid.
    pub grace: Duration,
    /// How long it waits while the owners cannot be listed.
    pub patience: Duration,
    /// How long Events are held back at the start for the lists of the objects that they are about.
    pub lead: Duration,
    /// Decisions that are kept in memory; the stored index keeps all but those about strangers.
    pub remembered: usize,
}

impl Default for Parking {
    fn default() -> Self {
        Self {
            events: 10_000,
            age: Duration::from_secs(5 * 60),
            objects: 10_000,
            grace: Duration::from_secs(5),
            patience: Duration::from_secs(60),
            lead: Duration::from_secs(10),
            remembered: 128 * 1024,
        }
    }
}

/// Between two looks at who has waited long enough.
const TICK: Duration = Duration::from_millis(500);

/// Starts the sources through the tracker; they end by the token. What is given becomes true when the first lists
/// of all kinds are on disk; a kind that is not installed counts as listed.
#[must_use]
pub fn run(
    config: Config,
    client: Client,
    ingest: Handle,
    metrics: Metrics,
    tracker: &TaskTracker,
    token: &CancellationToken,
    clock: Arc<dyn Clock>,
) -> channel::Receiver<bool> {
    let (ready, is_ready) = channel::channel(false);
    let start = Start {
        config,
        client,
        delivery: Delivery::new(ingest, metrics.clone()),
        metrics,
        tracker: tracker.clone(),
        token: token.clone(),
        clock,
    };
    tracker.spawn(
        token
            .clone()
            .run_until_cancelled_owned(async move { start.run(ready).await }),
    );
    is_ready
}

struct Start {
    config: Config,
    client: Client,
    delivery: Delivery,
    metrics: Metrics,
    tracker: TaskTracker,
    token: CancellationToken,
    clock: Arc<dyn Clock>,
}

impl Start {
    async fn run(self, ready: channel::Sender<bool>) {
        let Config {
            cluster,
            scope,
            pace,
            parking,
            event_ttl,
            tape,
            nublado_user_label,
        } = self.config;
        let cluster = match cluster {
            Some(name) => name,
            None => cluster::uid(&self.client, &pace).await,
        };
        if let Some(tape) = &tape {
            let header =
                Header::new(&cluster, event_ttl.0).with_labs(nublado_user_label.as_deref());
            if tape.started(header, self.clock.now()).await.is_err() {
                return;
            }
        }
        let progress = Progress::default();
        let vigil = || Vigil::new(&cluster, event_ttl.0);
        let room = Arc::new(Room::new(
            Desk::new(&cluster, parking).with_labs(nublado_user_label.as_deref()),
            self.delivery,
            self.metrics.clone(),
            self.clock,
            progress.clone(),
            tape,
        ));
        let kinds = scope.kinds();
        // Nobody waits for what is not watched.
        let others = Watched::ALL.iter().filter(|one| !kinds.contains(one));
        others.for_each(|one| progress.note(*one));
        for watched in kinds {
            let watch = Watch {
                watched,
                paths: scope.paths(watched),
                client: self.client.clone(),
                pace: pace.clone(),
                metrics: self.metrics.clone(),
                room: room.clone(),
                vigil: (watched == Watched::Events).then(vigil),
                lead: parking.lead,
                progress: progress.clone(),
            };
            let watch = watch.supervised(self.tracker.clone());
            self.tracker
                .spawn(self.token.clone().run_until_cancelled_owned(watch));
        }
        let mut ticks = tokio::time::interval(TICK);
        let mut all = progress.clone();
        let waiting = async move {
            all.all(&Watched::ALL).await;
            // Nobody asks any more: that is all right.
            let _ = ready.send(true);
            std::future::pending::<()>().await;
        };
        let ticking = async move {
            loop {
                ticks.tick().await;
                if room.tick().await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = waiting => {}
            () = ticking => {}
        }
    }
}

/// The watch of one kind.
#[derive(Clone)]
struct Watch {
    watched: Watched,
    paths: Vec<String>,
    client: Client,
    pace: Pace,
    metrics: Metrics,
    room: Arc<Room>,
    /// Of the watch of Events.
    vigil: Option<Vigil>,
    lead: Duration,
    progress: Progress,
}

impl Watch {
    /// Runs, and starts anew after a defect: it must not silently end what the process is for.
    async fn supervised(self, tracker: TaskTracker) {
        let wait = self.pace.longest_wait;
        loop {
            let run = AbortOnDropHandle::new(tracker.spawn(self.clone().run()));
            let Err(defect) = run.await else {
                return;
            };
            self.room.doubt();
            tracing::error!(%defect, kind = self.watched.label(), "a watch has ended by a defect; it starts anew");
            tokio::time::sleep(wait).await;
        }
    }

    async fn run(mut self) {
        // Whoever decides where others belong is listed first, if it can be.
        let before = self.progress.all(self.watched.before());
        let _ = tokio::time::timeout(self.lead, before).await;
        let watcher = Watcher::new(
            self.client,
            self.paths,
            self.watched.label(),
            self.pace,
            self.metrics,
            Reception::new(self.watched, self.room, self.vigil),
        );
        watcher.run().await;
    }
}

/// The names by which people know an execution.
fn identity(kind: Kind, seat: &Seat) -> Identity {
    Identity {
        engine: seat.elem_type.clone(),
        group: kind.group().into(),
        kind: kind.name().into(),
        namespace: seat.subject.namespace.clone(),
        name: seat.subject.name.clone(),
    }
}
