//! From a scripted API server to the store, through everything that `run` starts.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use kube::Client;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::flaky::Flaky;
use super::scene::{event, job, pod_of};
use crate::ingest;
use crate::model::{
    Clock, ExecutionFilter, ExecutionKey, Filter, Observation, Order, Page, Row, SystemClock,
};
use crate::sources::delivery::{Delivery, Stopped};
use crate::sources::{Config, Pace, Parking, run};
use crate::store::Store;
use crate::telemetry::{Labelled, Loss, Metrics, Restart};

/// Lists by path; watches say nothing. A path that is not there is not installed, one that is
/// null is broken, one that is false is forbidden.
#[derive(Clone, Default)]
pub(super) struct Server {
    lists: Arc<Mutex<HashMap<&'static str, Value>>>,
    /// Whether watches are closed at once; those that are open, when it becomes true.
    closes: Arc<watch::Sender<bool>>,
}

impl Server {
    pub(super) fn set(&self, path: &'static str, items: Value) {
        self.lists.lock().insert(path, items);
    }

    /// Whether watches are closed at once.
    pub(super) fn close_watches(&self, closes: bool) {
        self.closes.send_replace(closes);
    }

    fn answer(&self, path: &str, query: &str) -> Response {
        if query.contains("watch=true") {
            let mut closes = self.closes.subscribe();
            let close = async move {
                let _ = closes.wait_for(|closes| *closes).await;
            };
            let silence = stream::pending::<Result<String, Infallible>>();
            return Body::from_stream(silence.take_until(Box::pin(close))).into_response();
        }
        let code = |code: StatusCode| {
            let status = json!({"kind": "Status", "status": "Failure", "code": code.as_u16()});
            (code, status.to_string()).into_response()
        };
        match self.lists.lock().get(path) {
            None => code(StatusCode::NOT_FOUND),
            Some(Value::Bool(false)) => code(StatusCode::FORBIDDEN),
            Some(Value::Null) => code(StatusCode::INTERNAL_SERVER_ERROR),
            Some(Value::Object(one)) => json!(one).to_string().into_response(),
            Some(items) => json!({"metadata": {"resourceVersion": "7"}, "items": items})
                .to_string()
                .into_response(),
        }
    }

    fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            let uri = request.uri();
            let answer = server.answer(uri.path(), uri.query().unwrap_or_default());
            async move { Ok::<_, Infallible>(answer) }
        });
        Client::new(service, "default")
    }
}

pub(super) struct Running {
    pub(super) store: Arc<Flaky>,
    ingest: ingest::Handle,
    pub(super) metrics: Metrics,
    tracker: TaskTracker,
    token: Mutex<CancellationToken>,
    pub(super) server: Server,
    clock: Arc<dyn Clock>,
}

impl Running {
    pub(super) fn new(failures: u32) -> Self {
        Self::at(failures, Arc::new(SystemClock))
    }

    pub(super) fn at(failures: u32, clock: Arc<dyn Clock>) -> Self {
        let store = Arc::new(Flaky::new(failures));
        let metrics = Metrics::new();
        let (ingest, writer) = ingest::new(store.clone(), clock.clone(), metrics.clone());
        std::thread::spawn(move || writer.run());
        let server = Server::default();
        let kube_system = json!({"metadata": {"name": "kube-system", "uid": "cluster"}});
        server.set("/api/v1/namespaces/kube-system", kube_system);
        Self {
            store,
            ingest,
            metrics,
            tracker: TaskTracker::new(),
            token: Mutex::default(),
            server,
            clock,
        }
    }

    /// Starts the sources; those that were started before come to their end.
    pub(super) fn start(&self) -> watch::Receiver<bool> {
        let token = CancellationToken::new();
        std::mem::replace(&mut *self.token.lock(), token.clone()).cancel();
        let pace = Pace {
            first_wait: Duration::from_millis(2),
            longest_wait: Duration::from_millis(10),
            absent: Duration::from_millis(200),
            ..Pace::default()
        };
        let parking = Parking {
            lead: Duration::from_millis(200),
            grace: Duration::from_millis(100),
            patience: Duration::from_millis(300),
            ..Parking::default()
        };
        let config = Config {
            pace,
            parking,
            ..Config::default()
        };
        let (ingest, metrics) = (self.ingest.clone(), self.metrics.clone());
        let client = self.server.client();
        let clock = self.clock.clone();
        run(
            config,
            client,
            ingest,
            metrics,
            &self.tracker,
            &token,
            clock,
        )
    }

    pub(super) fn rows(&self, id: &str) -> Vec<Row> {
        let page = Page {
            order: Order::Ascending,
            after: None,
            limit: None,
        };
        let keys = [ExecutionKey::new("n", id)];
        let listed = self.store.list(&keys, &Filter::default(), &page).unwrap();
        listed.rows.iter().map(|row| Row::clone(row)).collect()
    }

    fn codes(&self, id: &str) -> Vec<String> {
        let rows = self.rows(id);
        rows.iter().map(|row| row.key.code.to_string()).collect()
    }

    pub(super) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            while !holds(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
        assert!(waited.is_ok(), "waited in vain for {what}");
    }

    pub(super) async fn end(self) {
        self.token.lock().cancel();
        self.tracker.close();
        let ended = tokio::time::timeout(Duration::from_secs(5), self.tracker.wait()).await;
        assert!(ended.is_ok(), "the token does not end the sources");
    }
}

pub(super) const JOBS: &str = "/apis/batch/v1/jobs";
pub(super) const PODS: &str = "/api/v1/pods";
pub(super) const EVENTS: &str = "/api/v1/events";

#[tokio::test]
async fn a_broken_kind_stops_no_other_and_readiness_waits_for_it() {
    let running = Running::new(0);
    running.server.set(JOBS, json!([job("j")]));
    running.server.set(PODS, Value::Null);
    let events = [
        event("Job", "j", "SuccessfulCreate"),
        event("Pod", "p", "Pulled"),
    ];
    running.server.set(EVENTS, json!(events));
    let mut ready = running.start();
    running
        .until("the Job's Event", |running| running.codes("u-j").len() == 3)
        .await;
    assert!(!*ready.borrow());
    assert_eq!(running.metrics.unresolved.get(), 1);
    running.server.set(PODS, json!([pod_of("j", "p")]));
    let is_ready = tokio::time::timeout(Duration::from_secs(20), ready.wait_for(|ready| *ready));
    assert!(is_ready.await.is_ok());
    running
        .until("the Pod's Event", |running| running.codes("u-j").len() == 5)
        .await;
    running
        .until("nobody parked", |running| {
            running.metrics.unresolved.get() == 0
        })
        .await;
    running.end().await;
}

#[tokio::test]
async fn a_forbidden_kind_is_reported_and_holds_nobody_back() {
    let running = Running::new(0);
    running.server.set(JOBS, json!([job("j")]));
    running.server.set(PODS, json!(false));
    running
        .server
        .set(EVENTS, json!([event("Pod", "p", "Pulled")]));
    let mut ready = running.start();
    let is_ready = tokio::time::timeout(Duration::from_secs(20), ready.wait_for(|ready| *ready));
    assert!(is_ready.await.is_ok());
    let (kind, reason) = ("pods", "forbidden");
    let forbidden = running
        .metrics
        .watch_restarts
        .get_or_create(&Restart { kind, reason })
        .get();
    assert!(forbidden > 0);
    // The right is given later: it is asked for again.
    running.server.set(PODS, json!([pod_of("j", "p")]));
    running
        .until("the Pod's Event", |running| {
            running.codes("u-j").contains(&"Pulled".to_owned())
        })
        .await;
    running.end().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_once_and_stops_nothing() {
    let running = Running::new(0);
    let broken = json!({"metadata": {"name": "b", "uid": "u-b"}, "status": {"failed": "many"}});
    running
        .server
        .set(JOBS, json!([broken, broken, 5, job("j")]));
    running.server.set(PODS, json!([]));
    running.server.set(EVENTS, json!([]));
    let mut ready = running.start();
    ready.wait_for(|ready| *ready).await.unwrap();
    assert_eq!(running.codes("u-j").len(), 2);
    let of = running
        .metrics
        .unparsed
        .get_or_create(&Labelled { of: "jobs" })
        .get();
    assert_eq!(of, 2);
    running.end().await;
}

#[tokio::test]
async fn nothing_is_dropped_while_the_store_cannot_write() {
    let running = Running::new(3);
    running.server.set(JOBS, json!([job("j")]));
    running.server.set(PODS, json!([pod_of("j", "p")]));
    running
        .server
        .set(EVENTS, json!([event("Pod", "p", "Pulled")]));
    let mut ready = running.start();
    ready.wait_for(|ready| *ready).await.unwrap();
    assert_eq!(running.codes("u-j").len(), 4);
    assert_eq!(running.metrics.commit_failures.get(), 3);
    running.end().await;
}

#[tokio::test]
async fn an_observation_that_breaks_a_rule_is_left_out_and_the_others_are_written() {
    let running = Running::new(0);
    let mut scene = super::scene::Scene::new();
    let found = scene.desk.applied(super::scene::read(&job("j")), scene.now);
    let mut observations: Vec<_> = found;
    for observation in &mut observations {
        if let Observation::Event(telling) = observation
            && &*telling.key.code == "Created"
        {
            telling.count = 0;
        }
    }
    let delivery = Delivery::new(running.ingest.clone(), running.metrics.clone());
    assert_eq!(delivery.submit(observations).await, Ok::<_, Stopped>(()));
    assert_eq!(running.codes("u-j"), ["ActionStart"]);
    assert_eq!(running.metrics.refused.get(), 1);
    let lost = &running.metrics.events_lost;
    assert_eq!(lost.get_or_create(&Loss::REFUSED).get(), 1);
    let (all, _) = running
        .store
        .executions(&ExecutionFilter::default(), 0, 9)
        .unwrap();
    assert_eq!(&*all[0].identity.engine, "K8s.Job");
}
