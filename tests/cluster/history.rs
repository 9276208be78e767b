//! A history in memory with its writing and its reading half, as a process has them. Does I/O.

use std::sync::Arc;

use anyhow::Result;
use dagtrail::model::event::{Body, EventType, Key, MessageKey};
use dagtrail::model::{ExecutionKey, Observation, Origin, Policy, SystemClock, Telling, Time};
use dagtrail::query::Reader;
use dagtrail::store::Bounds;
use dagtrail::store::Store;
use dagtrail::store::memory::Memory;
use dagtrail::telemetry::Metrics;
use dagtrail::{ingest, live};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What is told through [`History::tell`].
pub(crate) struct Tale<'a> {
    /// The element.
    pub(crate) element: &'a str,
    /// The code.
    pub(crate) code: &'a str,
    /// `Normal` or `Warning`.
    pub(crate) event_type: &'a str,
    /// The second, since 1970.
    pub(crate) second: i64,
    /// How often so far.
    pub(crate) count: u64,
}

/// A history.
pub(crate) struct History {
    pub(crate) reader: Reader,
    pub(crate) metrics: Metrics,
    ingest: ingest::Handle,
}

impl History {
    /// An empty one; it is followed until cancelled.
    pub(crate) fn start(tracker: &TaskTracker, cancelled: CancellationToken) -> Self {
        let store: Arc<dyn Store> = Arc::new(Memory::new(Bounds::default()));
        let metrics = Metrics::new();
        let (ingest, writer) = ingest::new(store.clone(), Arc::new(SystemClock), metrics.clone());
        std::thread::spawn(move || writer.run());
        let live = live::Handle::default();
        tracker.spawn(live.clone().follow(store.clone(), cancelled));
        Self {
            reader: Reader::new(store, live),
            metrics,
            ingest,
        }
    }

    /// Tells one thing of an execution, as a source that derives rows does. Returns when it is committed.
    pub(crate) async fn tell(&self, execution: &ExecutionKey, tale: &Tale<'_>) -> Result<()> {
        let time = Time::from_parts(tale.second, 0).expect("a time of these years");
        let key = Key {
            element: tale.element.into(),
            elem_type: "KubeDAG.job".into(),
            action: "run".into(),
            event_type: EventType::from_text(tale.event_type),
            code: tale.code.into(),
            involved_uid: "".into(),
            field_path: "".into(),
            message: MessageKey::of(""),
        };
        let telling = Telling {
            execution: execution.clone(),
            key: Arc::new(key),
            policy: Policy::Fold,
            origin: Origin::of_transition(&execution.id, tale.element, 0, tale.code),
            count: tale.count,
            first: time,
            last: time,
            name: "".into(),
            digests: None,
            body: Arc::new(Body {
                elem_id: tale.element.into(),
                ..Body::default()
            }),
        };
        self.ingest
            .submit(vec![Observation::Event(telling)])
            .await?;
        Ok(())
    }

    /// Deletes an execution; false if there is none.
    pub(crate) async fn delete(&self, execution: &ExecutionKey) -> Result<bool> {
        Ok(self.ingest.delete(execution.clone()).await?)
    }
}
