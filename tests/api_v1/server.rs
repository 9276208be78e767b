//! A server in this process: the real router, listener and writer over a real store.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use dagtrail::api::{self, Answers, Bodies, State, StreamTimings, Tools};
use dagtrail::model::{Clock, Observation, Time};
use dagtrail::query::Reader;
use dagtrail::server::{Access, Health, listener};
use dagtrail::store::{self, Store};
use dagtrail::telemetry::Metrics;
use dagtrail::{ingest, live};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A clock that tests set.
#[derive(Debug)]
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    pub(crate) fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(Time::parse(text).unwrap().0)))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let nanoseconds = i64::try_from(by.as_nanos()).unwrap();
        self.0.fetch_add(nanoseconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

/// A running server; its directory goes with the test.
pub(crate) struct Server {
    pub(crate) base: String,
    pub(crate) client: Client,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) ingest: ingest::Handle,
    pub(crate) health: Health,
    pub(crate) stopping: CancellationToken,
    pub(crate) store: Arc<dyn Store>,
    tracker: TaskTracker,
    writer: JoinHandle<()>,
    directory: Option<TempDir>,
}

pub(crate) const TIMINGS: StreamTimings = StreamTimings {
    retry: Duration::from_secs(3),
    keep_alive: Duration::from_millis(150),
    done_after: Duration::from_millis(300),
};

impl Server {
    /// Over the embedded engine, in a directory of its own.
    pub(crate) async fn start() -> Self {
        Self::in_directory(tempfile::tempdir().unwrap()).await
    }

    /// Over the reference engine, where a test is about the dialect and asks often.
    pub(crate) async fn in_memory() -> Self {
        let store = store::open("memory:", &store::Options::default()).unwrap();
        Self::over(store, None, Access::open()).await
    }

    /// Where only those are let in who are known.
    pub(crate) async fn guarded(access: Access) -> Self {
        let store = store::open("memory:", &store::Options::default()).unwrap();
        Self::over(store, None, access).await
    }

    async fn in_directory(directory: TempDir) -> Self {
        let path = directory.path().to_str().unwrap();
        let store = store::open(path, &store::Options::default()).unwrap();
        Self::over(store, Some(directory), Access::open()).await
    }

    async fn over(store: Arc<dyn Store>, directory: Option<TempDir>, access: Access) -> Self {
        Self::keeping(store, directory, access, 1 << 20).await
    }

    /// Over a store that others use, too, with room for so many bytes of answers.
    pub(crate) async fn over_store(store: Arc<dyn Store>, answers: u64) -> Self {
        Self::keeping(store, None, Access::open(), answers).await
    }

    async fn keeping(
        store: Arc<dyn Store>,
        directory: Option<TempDir>,
        access: Access,
        answers: u64,
    ) -> Self {
        let clock = SetClock::at("2030-01-01T00:00:00Z");
        let metrics = Metrics::new();
        let (ingest, writer) = ingest::new(store.clone(), clock.clone(), metrics.clone());
        let writer = std::thread::spawn(move || writer.run());
        let (stopping, tracker) = (CancellationToken::new(), TaskTracker::new());
        let live = live::Handle::default();
        tracker.spawn(live.clone().follow(store.clone(), stopping.clone()));
        let health = Health::new();
        let answers = Answers::new(answers, metrics.clone());
        let state = State::from(Tools {
            answers: Arc::new(answers),
            ingest: ingest.clone(),
            reader: Reader::new(store.clone(), live),
            clock: clock.clone(),
            metrics,
            tenant: "default".into(),
            access,
            health: health.clone(),
            stopping: stopping.clone(),
            bodies: Bodies::default(),
            report_interval: Duration::from_millis(7500),
            streams: TIMINGS,
            rules: Arc::default(),
            prefect_version: api::PREFECT_VERSION.into(),
        });
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let router = api::router(state);
        let (inner, token) = (tracker.clone(), stopping.clone());
        tracker.spawn(listener::serve(socket, router, inner, token));
        Self {
            base: format!("http://{address}"),
            client: Client::builder().no_proxy().build().unwrap(),
            clock,
            ingest,
            health,
            stopping,
            store,
            tracker,
            writer,
            directory,
        }
    }

    /// Stops it as the process does, in the order in which things flow; its directory stays.
    pub(crate) async fn stop(self) -> Option<TempDir> {
        self.stopping.cancel();
        self.tracker.close();
        tokio::time::timeout(Duration::from_secs(5), self.tracker.wait())
            .await
            .expect("streams and requests end when the server stops");
        drop(self.ingest);
        let writer = self.writer;
        tokio::task::spawn_blocking(|| writer.join().unwrap())
            .await
            .unwrap();
        self.store.close().unwrap();
        self.directory
    }

    /// Another process on the same directory.
    pub(crate) async fn restart(self) -> Self {
        let directory = self.stop().await.expect("it has a directory");
        Self::in_directory(directory).await
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn post(&self, id: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.post_as("application/json", id, body)
    }

    pub(crate) fn post_as(
        &self,
        kind: &str,
        id: &str,
        body: impl Into<reqwest::Body>,
    ) -> RequestBuilder {
        self.client
            .post(format!("{}/v1/executions/{id}/events", self.base))
            .header("content-type", kind)
            .body(body)
    }

    /// Posts what is to be stored.
    pub(crate) async fn tell(&self, id: &str, events: &Value) -> Value {
        let (status, body) = read(self.post(id, events.to_string()).send().await.unwrap()).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Tells what a source would tell.
    pub(crate) async fn observe(&self, observation: Observation) {
        self.ingest.submit(vec![observation]).await.unwrap();
    }
}

pub(crate) async fn read(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// That an answer is an error in the envelope, with this status; gives its sentence.
#[track_caller]
pub(crate) fn refused(answer: &(u16, Value), status: u16) -> String {
    let (found, body) = answer;
    assert_eq!(*found, status, "{body}");
    let code = body["error_code"].as_str().expect("an error code");
    let digits = code.strip_prefix("GCS.").expect("a code of this dialect");
    assert!(
        digits.len() == 7 && digits.starts_with(&status.to_string()),
        "{code}"
    );
    body["error_msg"].as_str().expect("a sentence").to_owned()
}
