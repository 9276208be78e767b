//! What a real API server cannot be made to do: a scripted one answers each request with the next line of its script.

use std::collections::VecDeque;
use std::convert::Infallible as Never;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use kube::Client;
use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use serde_json::{Value, json};

use super::{Change, Pace, Sink, Watcher};
use crate::sources::delivery::Stopped;
use crate::telemetry::{Labelled, Metrics, OfKind, Restart};

/// One answer of the script.
enum Say {
    /// A page of a list: names, version, and the token of the next page.
    Page(&'static [&'static str], &'static str, &'static str),
    /// An HTTP status.
    Status(u16),
    /// Lines of a watch, then a clean close.
    Closed(Vec<String>),
    /// Lines of a watch that stays open.
    Open(Vec<String>),
    /// Any body.
    Raw(&'static str),
}

struct Server {
    script: Mutex<VecDeque<Say>>,
    asked: Mutex<Vec<String>>,
}

fn object(name: &str, version: &str) -> Value {
    json!({"metadata": {"name": name, "uid": name, "resourceVersion": version}})
}

fn line(of: &str, name: &str, version: &str) -> String {
    json!({"type": of, "object": object(name, version)}).to_string() + "\n"
}

fn gone_line() -> String {
    let status = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"});
    json!({"type": "ERROR", "object": status}).to_string() + "\n"
}

fn status(code: u16) -> Response {
    let body = json!({"kind": "Status", "status": "Failure", "code": code, "message": "no"});
    let code = axum::http::StatusCode::from_u16(code).unwrap();
    (code, body.to_string()).into_response()
}

impl Server {
    fn new(script: impl IntoIterator<Item = Say>) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(script.into_iter().collect()),
            asked: Mutex::default(),
        })
    }

    fn answer(&self, request: &Request) -> Response {
        let query = request.uri().query().unwrap_or_default();
        self.asked.lock().push(query.to_owned());
        let lines = |lines: Vec<String>| stream::iter(lines.into_iter().map(Ok::<_, Never>));
        match self.script.lock().pop_front() {
            None => Body::from_stream(stream::pending::<Result<String, Never>>()).into_response(),
            Some(Say::Page(names, version, token)) => {
                let items: Vec<_> = names.iter().map(|name| object(name, "1")).collect();
                let metadata = json!({"resourceVersion": version, "continue": token});
                json!({"metadata": metadata, "items": items})
                    .to_string()
                    .into_response()
            }
            Some(Say::Status(code)) => status(code),
            Some(Say::Closed(said)) => Body::from_stream(lines(said)).into_response(),
            Some(Say::Open(said)) => {
                Body::from_stream(lines(said).chain(stream::pending())).into_response()
            }
            Some(Say::Raw(body)) => body.into_response(),
        }
    }

    fn client(self: &Arc<Self>) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: axum::http::Request<kube::client::Body>| {
            let answer = server.answer(&request.map(Body::new));
            async move { Ok::<_, Never>(answer) }
        });
        Client::new(service, "default")
    }
}

/// Takes note of all, in words.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Sink for Notes {
    async fn take(&mut self, changes: Vec<Change>) -> Result<(), Stopped> {
        for change in changes {
            if let Change::Watched = change {
                continue;
            }
            let name = |object: &serde_json::value::RawValue| {
                let object: Value = serde_json::from_str(object.get()).unwrap();
                object["metadata"]["name"]
                    .as_str()
                    .unwrap_or("?")
                    .to_owned()
            };
            self.0.lock().push(match change {
                Change::Listing => "listing".into(),
                Change::Listed => "listed".into(),
                Change::Watched => "watched".into(),
                Change::Forbidden => "forbidden".into(),
                Change::Applied(object) => format!("+{}", name(&object)),
                Change::Deleted(object) => format!("-{}", name(&object)),
            });
        }
        Ok(())
    }
}

fn quick() -> Pace {
    Pace {
        first_wait: Duration::from_millis(2),
        longest_wait: Duration::from_millis(10),
        absent: Duration::from_millis(5),
        opens: 100,
        ..Pace::default()
    }
}

/// Runs until the script has been said and one request more has been asked; gives what was delivered and asked.
async fn play(script: Vec<Say>, pace: Pace) -> (String, Vec<String>, Metrics) {
    let requests = script.len() + 1;
    let (server, notes, metrics) = (Server::new(script), Notes::default(), Metrics::new());
    let watcher = Watcher::new(
        server.client(),
        vec!["/api/v1/events".into()],
        "events",
        pace,
        metrics.clone(),
        notes.clone(),
    );
    let until = async {
        while server.asked.lock().len() < requests {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        () = watcher.run() => panic!("it never ends by itself"),
        () = until => {}
        () = tokio::time::sleep(Duration::from_secs(20)) => {
            panic!("stuck after {:?} with {:?}", server.asked.lock(), notes.0.lock());
        }
    }
    let delivered = notes.0.lock().join(" ");
    let asked = server.asked.lock().clone();
    (delivered, asked, metrics)
}

fn counted(of: &Family<OfKind, Counter>) -> u64 {
    of.get_or_create(&OfKind { kind: "events" }).get()
}

fn restarts(metrics: &Metrics, reason: &'static str) -> u64 {
    let kind = "events";
    let restarts = &metrics.watch_restarts;
    restarts.get_or_create(&Restart { kind, reason }).get()
}

fn version_asked(query: &str) -> Option<&str> {
    query
        .split('&')
        .find_map(|part| part.strip_prefix("resourceVersion="))
}

#[tokio::test]
async fn pages_come_in_order_and_the_watch_goes_on_from_what_was_taken() {
    let script = vec![
        Say::Page(&["a", "b"], "7", "more"),
        Say::Page(&["c"], "8", ""),
        Say::Closed(vec![line("ADDED", "d", "9"), line("DELETED", "a", "10")]),
        Say::Closed(vec![line("BOOKMARK", "", "20")]),
    ];
    let (delivered, asked, metrics) = play(script, quick()).await;
    assert_eq!(delivered, "listing +a +b +c listed +d -a");
    assert!(asked[0].contains("limit=500"));
    assert!(asked[1].contains("continue=more"));
    let versions: Vec<_> = asked[2..].iter().map(|one| version_asked(one)).collect();
    assert_eq!(restarts(&metrics, "closed"), 2);
    assert_eq!(versions, [Some("8"), Some("10"), Some("20")]);
    assert_eq!(counted(&metrics.watch_silent_closes), 0);
}

#[tokio::test]
async fn a_watch_that_is_closed_at_once_without_a_word_drops_the_version_and_backs_off() {
    let silent = || [Say::Page(&["a"], "8", ""), Say::Closed(vec![])];
    let script = silent()
        .into_iter()
        .chain(silent())
        .chain(silent())
        .collect();
    let start = std::time::Instant::now();
    let pace = Pace {
        first_wait: Duration::from_millis(40),
        longest_wait: Duration::from_secs(1),
        ..quick()
    };
    let (delivered, _, metrics) = play(script, pace).await;
    assert_eq!(delivered, ["listing +a listed"; 3].join(" "));
    assert_eq!(counted(&metrics.watch_silent_closes), 3);
    // At least half of 40, 80 and 160 ms.
    assert!(start.elapsed() >= Duration::from_millis(140));
}

#[tokio::test]
async fn a_410_in_the_stream_lists_anew() {
    let script = vec![
        Say::Page(&["a"], "8", ""),
        Say::Closed(vec![line("ADDED", "b", "9"), gone_line()]),
        Say::Page(&["a", "b"], "30", ""),
    ];
    let (delivered, asked, metrics) = play(script, quick()).await;
    assert_eq!(delivered, "listing +a listed +b listing +a +b listed");
    assert_eq!(version_asked(&asked[3]), Some("30"));
    assert_eq!(restarts(&metrics, "gone"), 1);
}

#[tokio::test]
async fn a_410_as_http_status_lists_anew() {
    let script = vec![
        Say::Page(&["a"], "8", ""),
        Say::Status(410),
        Say::Page(&["b"], "30", ""),
    ];
    let (delivered, asked, metrics) = play(script, quick()).await;
    assert_eq!(delivered, "listing +a listed listing +b listed");
    assert_eq!(version_asked(&asked[3]), Some("30"));
    assert_eq!(restarts(&metrics, "gone"), 1);
}

#[tokio::test]
async fn a_410_in_the_middle_of_a_list_starts_it_again_and_what_came_is_delivered() {
    let script = vec![
        Say::Page(&["a"], "8", "token"),
        Say::Status(410),
        Say::Page(&["a"], "9", "token"),
        Say::Page(&["b"], "9", ""),
    ];
    let (delivered, asked, _) = play(script, quick()).await;
    assert_eq!(delivered, "listing +a listing +a +b listed");
    assert!(!asked[2].contains("continue"));
}

#[tokio::test]
async fn a_kind_that_is_not_installed_is_asked_again_and_is_no_error() {
    let script = vec![
        Say::Status(404),
        Say::Status(404),
        Say::Page(&["a"], "8", ""),
    ];
    let (delivered, _, metrics) = play(script, quick()).await;
    assert_eq!(delivered, "listed listed listing +a listed");
    assert_eq!(restarts(&metrics, "failed"), 0);
}

#[tokio::test]
async fn a_kind_that_is_removed_while_it_is_watched_is_asked_again() {
    let script = vec![
        Say::Page(&["a"], "8", ""),
        Say::Status(404),
        Say::Status(404),
        Say::Page(&["a"], "9", ""),
    ];
    let (delivered, _, metrics) = play(script, quick()).await;
    assert_eq!(
        delivered,
        "listing +a listed listed listed listing +a listed"
    );
    assert_eq!(restarts(&metrics, "failed"), 0);
}

#[tokio::test]
async fn garbage_stops_nothing_that_comes_after_it() {
    let garbled = "{\"type\":\"ADDED\",\"object\":{\"metadata\"\n".to_owned();
    let script = vec![
        Say::Raw("this is no list"),
        Say::Page(&["a"], "8", ""),
        Say::Closed(vec![garbled, "\n".into(), line("MODIFIED", "b", "9")]),
    ];
    let (delivered, asked, metrics) = play(script, quick()).await;
    assert_eq!(delivered, "listing +a listed +b");
    assert_eq!(version_asked(&asked[3]), Some("9"));
    assert_eq!(
        metrics
            .unparsed
            .get_or_create(&Labelled { of: "events" })
            .get(),
        1
    );
    assert_eq!(restarts(&metrics, "failed"), 1);
}

#[tokio::test]
async fn a_line_that_is_cut_off_is_not_delivered_and_the_version_stays_before_it() {
    let mut cut = line("ADDED", "c", "10");
    cut.truncate(30);
    let script = vec![
        Say::Page(&["a"], "8", ""),
        Say::Closed(vec![line("ADDED", "b", "9"), cut]),
    ];
    let (delivered, asked, _) = play(script, quick()).await;
    assert_eq!(delivered, "listing +a listed +b");
    assert_eq!(version_asked(&asked[2]), Some("9"));
}

#[tokio::test]
async fn a_failing_watch_is_opened_again_at_its_version_and_then_listed_anew() {
    let failures = (0..5).map(|_| Say::Status(504));
    let script = [Say::Page(&["a"], "8", "")]
        .into_iter()
        .chain(failures)
        .chain([Say::Page(&["a"], "3", "")])
        .collect();
    let (_, asked, metrics) = play(script, quick()).await;
    assert!(
        asked[1..6]
            .iter()
            .all(|one| version_asked(one) == Some("8"))
    );
    assert_eq!(version_asked(&asked[7]), Some("3"));
    assert_eq!(restarts(&metrics, "failed"), 5);
}

#[tokio::test]
async fn an_idle_watch_is_taken_for_dead_and_opened_again_without_a_list() {
    let pace = Pace {
        watch: Duration::from_millis(20),
        idle_margin: Duration::from_millis(5),
        silent: Duration::from_millis(1),
        ..quick()
    };
    let script = vec![
        Say::Page(&["a"], "8", ""),
        Say::Open(vec![]),
        Say::Open(vec![line("ADDED", "b", "9")]),
    ];
    let (delivered, asked, metrics) = play(script, pace).await;
    assert!(restarts(&metrics, "idle") > 0);
    assert_eq!(delivered, "listing +a listed +b");
    assert_eq!(version_asked(&asked[2]), Some("8"));
    assert_eq!(version_asked(&asked[3]), Some("9"));
}

#[tokio::test]
async fn opens_are_limited_by_a_token_bucket() {
    let script: Vec<_> = [Say::Page(&["a"], "8", "")]
        .into_iter()
        .chain((0..5).map(|_| Say::Closed(vec![line("MODIFIED", "a", "9")])))
        .collect();
    let pace = Pace {
        opens: 2,
        open_every: Duration::from_millis(50),
        ..quick()
    };
    let start = std::time::Instant::now();
    let (_, _, metrics) = play(script, pace).await;
    assert_eq!(counted(&metrics.watch_opens), 6);
    assert!(start.elapsed() >= Duration::from_millis(200));
}

/// Takes nothing more.
struct Full;

impl Sink for Full {
    async fn take(&mut self, _: Vec<Change>) -> Result<(), Stopped> {
        Err(Stopped)
    }
}

#[tokio::test]
async fn the_loop_ends_when_nothing_more_is_taken() {
    let server = Server::new([Say::Page(&["a"], "8", "")]);
    let (client, metrics) = (server.client(), Metrics::new());
    let paths = vec!["/api/v1/pods".into()];
    let watcher = Watcher::new(client, paths, "pods", quick(), metrics, Full);
    watcher.run().await;
}
