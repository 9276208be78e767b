//! Where a watch delivers: parses, asks the stored index, lets the desk decide, and waits until it is on disk.
//! Does I/O through the delivery.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio::sync::watch as channel;

use super::Parking;
use super::delivery::{Delivery, Stopped};
use super::desk::{Desk, Incoming};
use super::events::Sighting;
use super::object::Kind;
use super::objects::Object;
use super::recent::Recent;
use super::vigil::{self, Vigil};
use super::watch::{Change, Sink};
use crate::model::{Clock, Observation, Time};
use crate::telemetry::{Labelled, Loss, Metrics, OfKind};

/// Objects that did not parse, remembered so that each is reported once.
const REMEMBERED_GARBAGE: usize = 1024;

/// The kinds that are watched, in the order in which they are listed at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Watched {
    Executions,
    Workflows,
    Kubegene,
    PipelineRuns,
    CustomRuns,
    TaskRuns,
    JobFlows,
    VolcanoJobs,
    Jobs,
    Pods,
    Workloads,
    Events,
}

impl Watched {
    pub(super) const ALL: [Self; 12] = [
        Self::Executions,
        Self::Workflows,
        Self::Kubegene,
        Self::PipelineRuns,
        Self::CustomRuns,
        Self::TaskRuns,
        Self::JobFlows,
        Self::VolcanoJobs,
        Self::Jobs,
        Self::Pods,
        Self::Workloads,
        Self::Events,
    ];

    /// Where the API server has them, in all namespaces; the version that is preferred first.
    pub(super) const fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Executions => &["/apis/dagtrail.dev/v1alpha1/executions"],
            Self::Workflows => &["/apis/argoproj.io/v1alpha1/workflows"],
            Self::Kubegene => &["/apis/execution.kubegene.io/v1alpha1/executions"],
            Self::PipelineRuns => &["/apis/tekton.dev/v1/pipelineruns"],
            Self::CustomRuns => &["/apis/tekton.dev/v1beta1/customruns"],
            Self::TaskRuns => &["/apis/tekton.dev/v1/taskruns"],
            Self::JobFlows => &["/apis/flow.volcano.sh/v1alpha1/jobflows"],
            Self::VolcanoJobs => &["/apis/batch.volcano.sh/v1alpha1/jobs"],
            Self::Jobs => &["/apis/batch/v1/jobs"],
            Self::Pods => &["/api/v1/pods"],
            Self::Workloads => &[
                "/apis/kueue.x-k8s.io/v1beta2/workloads",
                "/apis/kueue.x-k8s.io/v1beta1/workloads",
            ],
            Self::Events => &["/api/v1/events"],
        }
    }

    /// As metrics and logs call them.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Executions => "executions",
            Self::Workflows => "workflows",
            Self::Kubegene => "executions.execution.kubegene.io",
            Self::PipelineRuns => "pipelineruns",
            Self::CustomRuns => "customruns",
            Self::TaskRuns => "taskruns",
            Self::JobFlows => "jobflows",
            Self::VolcanoJobs => "jobs.batch.volcano.sh",
            Self::Jobs => "jobs",
            Self::Pods => "pods",
            Self::Workloads => "workloads",
            Self::Events => "events",
        }
    }

    /// Those that are listed before.
    pub(super) fn before(self) -> &'static [Self] {
        let own = Self::ALL.iter().position(|other| *other == self);
        &Self::ALL[..own.unwrap_or_default()]
    }

    fn kind(self) -> Option<Kind> {
        match self {
            Self::Executions => Some(Kind::Execution),
            Self::Workflows => Some(Kind::Workflow),
            Self::Kubegene => Some(Kind::Kubegene),
            Self::PipelineRuns => Some(Kind::PipelineRun),
            Self::CustomRuns => Some(Kind::CustomRun),
            Self::TaskRuns => Some(Kind::TaskRun),
            Self::JobFlows => Some(Kind::JobFlow),
            Self::VolcanoJobs => Some(Kind::VolcanoJob),
            Self::Jobs => Some(Kind::Job),
            Self::Pods => Some(Kind::Pod),
            Self::Workloads => Some(Kind::Workload),
            Self::Events => None,
        }
    }

    fn parse(self, json: &str) -> Result<Incoming, String> {
        let said = |error: serde_json::Error| error.to_string();
        let parsed = match self.kind() {
            Some(Kind::Execution) => Incoming::Execution(serde_json::from_str(json).map_err(said)?),
            Some(kind) => Incoming::Object(Object::parse(kind, json)?),
            None => Incoming::Event(Sighting::parse(json)?),
        };
        let uid = match &parsed {
            Incoming::Execution(execution) => &execution.metadata.uid,
            Incoming::Object(object) => &object.meta().uid,
            Incoming::Event(event) => &event.name,
        };
        if uid.is_empty() {
            return Err("it has no name and uid".into());
        }
        Ok(parsed)
    }
}

/// Which kinds have been listed once.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    listed: Arc<channel::Sender<HashSet<Watched>>>,
    seen: channel::Receiver<HashSet<Watched>>,
}

impl Default for Progress {
    fn default() -> Self {
        let (listed, seen) = channel::channel(HashSet::new());
        Self {
            listed: Arc::new(listed),
            seen,
        }
    }
}

impl Progress {
    fn note(&self, watched: Watched) {
        self.listed.send_if_modified(|all| all.insert(watched));
    }

    fn has(&self, watched: &[Watched]) -> bool {
        let listed = self.seen.borrow();
        watched.iter().all(|one| listed.contains(one))
    }

    /// Waits until all of these have been listed.
    pub(super) async fn all(&mut self, watched: &[Watched]) {
        let has = |listed: &HashSet<Watched>| watched.iter().all(|one| listed.contains(one));
        // The sender lives as long as this.
        let _ = self.seen.wait_for(has).await;
    }
}

/// What all receptions share.
pub(super) struct Room {
    desk: Mutex<Desk>,
    delivery: Delivery,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
    progress: Progress,
}

impl Room {
    pub(super) fn new(
        cluster: &str,
        parking: Parking,
        delivery: Delivery,
        metrics: Metrics,
        clock: Arc<dyn Clock>,
        progress: Progress,
    ) -> Self {
        Self {
            desk: Mutex::new(Desk::new(cluster, parking)),
            delivery,
            metrics,
            clock,
            progress,
        }
    }

    /// Looks who has waited long enough.
    pub(super) async fn tick(&self) -> Result<(), Stopped> {
        let now = self.clock.now();
        let owners = self.progress.has(Watched::Workloads.before());
        let found = self.desk.lock().tick(now, owners);
        self.count();
        self.delivery.submit(found).await
    }

    /// A watch has ended by a defect: what it has taken last may not be on disk.
    pub(super) fn doubt(&self) {
        self.desk.lock().doubt();
    }

    /// Asks the stored index for whom the desk does not know.
    async fn look_up(&self, incoming: &Incoming, asked: &mut HashSet<Box<str>>) {
        let unknown = self.desk.lock().unknown(incoming);
        for uid in unknown {
            if !asked.insert(uid.into()) {
                continue;
            }
            let Some(stored) = self.delivery.correlation(uid).await else {
                continue;
            };
            let of = if *stored.execution.id == *uid {
                None
            } else {
                self.delivery.correlation(&stored.execution.id).await
            };
            let of = of.as_ref().or(Some(&stored));
            self.desk.lock().correlator().learn(&stored, of);
        }
    }

    fn count(&self) {
        let mut desk = self.desk.lock();
        let tally = desk.take_tally();
        self.metrics.unrelated.inc_by(tally.unrelated);
        let lost = self.metrics.events_lost.get_or_create(&Loss::UNRESOLVED);
        lost.inc_by(tally.dropped);
        self.metrics
            .unresolved
            .set(i64::try_from(desk.parked()).unwrap_or(i64::MAX));
    }
}

/// Where the watch of one kind delivers.
pub(super) struct Reception {
    watched: Watched,
    room: Arc<Room>,
    garbage: Recent<u64, ()>,
    hasher: RandomState,
    /// The uids of the objects that the list under way has brought so far.
    listing: Option<HashSet<Box<str>>>,
    /// Of the watch of Events; `true` when it knows what was noted before.
    vigil: Option<(Vigil, bool)>,
}

impl Reception {
    pub(super) fn new(watched: Watched, room: Arc<Room>, vigil: Option<Vigil>) -> Self {
        Self {
            watched,
            room,
            garbage: Recent::new(REMEMBERED_GARBAGE),
            hasher: RandomState::new(),
            listing: None,
            vigil: vigil.map(|vigil| (vigil, false)),
        }
    }

    fn parse(&mut self, object: &RawValue) -> Option<Incoming> {
        match self.watched.parse(object.get()) {
            Ok(incoming) => Some(incoming),
            Err(problem) => {
                let hash = self.hasher.hash_one(object.get());
                if self.garbage.get(&hash).is_none() {
                    self.garbage.insert(hash, ());
                    let of = self.watched.label();
                    self.room
                        .metrics
                        .unparsed
                        .get_or_create(&Labelled { of })
                        .inc();
                    if self.watched == Watched::Events {
                        let lost = &self.room.metrics.events_lost;
                        lost.get_or_create(&Loss::UNREADABLE).inc();
                    }
                    tracing::warn!(
                        kind = of,
                        problem,
                        "an object cannot be read and is left out"
                    );
                }
                None
            }
        }
    }

    /// All up to now is on disk, unless a list is under way. Tells who is concerned if that was not so for too long.
    async fn watched_on(&mut self, now: Time) -> Result<(), Stopped> {
        let Some((vigil, learned)) = self.vigil.as_mut().filter(|_| self.listing.is_none()) else {
            return Ok(());
        };
        let delivery = &self.room.delivery;
        if !*learned {
            vigil.learn(delivery.correlation(vigil.name()).await.as_ref());
            *learned = true;
        }
        let seen = vigil.seen(now);
        let mut found = Vec::new();
        if let Some((since, until)) = seen.gap {
            let all = delivery.executions().await;
            found.extend(all.iter().filter_map(|one| vigil::gap(one, since, until)));
            tracing::warn!(
                since = since.to_seconds(),
                concerned = found.len(),
                "Events were not watched for longer than they live"
            );
        }
        found.extend(seen.note.then(|| vigil.note(now)));
        delivery.submit(found).await
    }

    fn decide(&self, incoming: Incoming, gone: bool, now: Time) -> Vec<Observation> {
        let mut desk = self.room.desk.lock();
        if gone {
            desk.deleted(incoming, now)
        } else {
            desk.applied(incoming, now)
        }
    }
}

impl Sink for Reception {
    async fn take(&mut self, changes: Vec<Change>) -> Result<(), Stopped> {
        let now = self.room.clock.now();
        let mut asked = HashSet::new();
        let mut found = Vec::new();
        let (mut listed, mut forbidden) = (false, false);
        let brings = |change: &Change| matches!(change, Change::Applied(_) | Change::Deleted(_));
        let brought = changes.iter().any(brings);
        for change in changes {
            let (object, gone) = match change {
                Change::Applied(object) => (object, false),
                // That an Event is gone says nothing: its age has come.
                Change::Deleted(_) if self.watched == Watched::Events => continue,
                Change::Deleted(object) => (object, true),
                Change::Listing => {
                    self.listing = Some(HashSet::new());
                    continue;
                }
                Change::Listed => {
                    listed = true;
                    continue;
                }
                Change::Forbidden => {
                    forbidden = true;
                    continue;
                }
                Change::Watched => continue,
            };
            let Some(incoming) = self.parse(&object) else {
                continue;
            };
            self.room.look_up(&incoming, &mut asked).await;
            if let (Incoming::Object(object), Some(listing)) = (&incoming, &mut self.listing) {
                listing.insert(object.meta().uid.clone());
            }
            found.extend(self.decide(incoming, gone, now));
        }
        self.room.count();
        self.room.delivery.submit(found).await?;
        if brought {
            let kind = self.watched.label();
            let last = &self.room.metrics.watch_last_event;
            last.get_or_create(&OfKind { kind })
                .set(now.to_chrono().timestamp());
        }
        let listing = if listed { self.listing.take() } else { None };
        if let (Some(kind), Some(there)) = (self.watched.kind(), listing) {
            self.room.desk.lock().listed(kind, &there);
        }
        if !forbidden {
            self.watched_on(now).await?;
        }
        if listed || forbidden {
            self.room.progress.note(self.watched);
        }
        Ok(())
    }
}
