//! Answers that are kept are those that would be made: beside a server that keeps answers stands one over the same store
//! that keeps none, and both must say the same at every moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dagtrail::model::{ExecutionKey, Observation, Sample, Time};
use dagtrail::store::{self, Store};
use serde_json::json;
use tokio_util::task::TaskTracker;

use super::server::Server;

/// What is asked of each id, now and then.
const QUERIES: [&str; 5] = ["", "?lang=zh", "?type=Warning", "?limit=2", "?view=full"];
/// Ids and aliases: the last one is nobody's at first.
const NAMES: [&str; 4] = ["a", "b", "c", "x"];

/// A chain of numbers that look like chance, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }
}

fn at(second: u64) -> String {
    let nanoseconds = 1_893_456_000_000_000_000 + i64::try_from(second).unwrap() * 1_000_000_000;
    Time(nanoseconds).to_exact()
}

fn event(message: &str, second: u64) -> serde_json::Value {
    json!([{
        "reason": "BackOff", "message": message, "type": "Warning", "elemId": "e",
        "firstTimestamp": at(second),
    }])
}

/// Everything of an answer that says what the history is.
async fn said(server: &Server, path: &str) -> (u16, String, String, String) {
    let answer = server.get(path).send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let header = |name: &str| {
        let value = headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    let (tag, language) = (header("etag"), header("content-language"));
    let body = answer.text().await.unwrap();
    (status, tag, language, body)
}

/// How many histories a server has answered as they were before.
async fn known(server: &Server) -> u64 {
    let page = server.get("/metrics").send().await.unwrap();
    let page = page.text().await.unwrap();
    let mut lines = page.lines();
    let line = lines.find_map(|line| line.strip_prefix("dagtrail_history_known_total "));
    line.expect("the metric is there").parse().unwrap()
}

async fn sample(server: &Server, id: &str, second: u64) {
    let sample = Sample {
        execution: ExecutionKey::new("default", id),
        element: "e".into(),
        name: "cpu".into(),
        at: Time::parse(&at(second)).unwrap(),
        value: second.to_string().into(),
    };
    server.observe(Observation::Sample(sample)).await;
}

/// One change, or none; what comes of it is not looked at.
async fn change(server: &Server, chance: &mut Chance, second: u64) {
    server.clock.advance(Duration::from_secs(1));
    let id = chance.of(&NAMES[..3]);
    match chance.below(10) {
        0..4 => {
            let message = format!("message {}", chance.below(6));
            let told = server.post(id, event(&message, second).to_string());
            told.send().await.unwrap();
        }
        4 => sample(server, id, second).await,
        5 => {
            let alias = chance.of(&NAMES);
            let path = format!("{}/v1/executions/{id}/aliases/{alias}", server.base);
            server.client.put(path).send().await.unwrap();
        }
        6 => {
            let path = format!("{}/v1/executions/{id}", server.base);
            server.client.delete(path).send().await.unwrap();
        }
        _ => {}
    }
}

async fn are_equal_after_every_change(store: Arc<dyn Store>, seed: u64, steps: u64) {
    let keeping = Server::over_store(store.clone(), 1 << 20).await;
    let plain = Server::over_store(store, 0).await;
    let mut chance = Chance(seed);
    for step in 0..steps {
        change(&keeping, &mut chance, step + 1).await;
        for name in NAMES {
            let path = format!("/v1/executions/{name}/events{}", chance.of(&QUERIES));
            // The third time, if nothing moves, it is a kept one.
            for _ in 0..=chance.below(3) {
                let (kept, made) = (said(&keeping, &path).await, said(&plain, &path).await);
                assert_eq!(kept, made, "{path} after step {step} of seed {seed}");
            }
        }
    }
    assert!(known(&keeping).await > steps, "answers were kept");
    assert_eq!(known(&plain).await, 0, "none were kept");
    plain.stop().await;
}

#[tokio::test]
async fn a_kept_answer_is_the_one_that_would_be_made() {
    for seed in [0x9e37_79b9, 0x1234_5678] {
        let store = store::open("memory:", &store::Options::default()).unwrap();
        are_equal_after_every_change(store, seed, 120).await;
    }
}

#[tokio::test]
async fn a_kept_answer_is_the_one_that_would_be_made_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let options = store::Options {
        cached_rows: 0,
        cached_bytes: 0,
        checkpoint_every: Some(Duration::from_millis(20)),
        ..store::Options::default()
    };
    let store = store::open(folder.path().to_str().unwrap(), &options).unwrap();
    are_equal_after_every_change(store, 0x5eed, 120).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_has_been_told_that_something_is_stored_finds_it_however_many_poll() {
    let store = store::open("memory:", &store::Options::default()).unwrap();
    let server = Arc::new(Server::over_store(store, 1 << 20).await);
    server.tell("a", &event("first", 1)).await;
    let done = Arc::new(AtomicBool::new(false));
    let tasks = TaskTracker::new();
    let pollers: Vec<_> = (0..6)
        .map(|at| {
            let (server, done) = (server.clone(), done.clone());
            let path = if at % 2 == 0 { "a" } else { "x" };
            tasks.spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    said(&server, &format!("/v1/executions/{path}/events")).await;
                }
            })
        })
        .collect();
    for step in 2..150 {
        server.clock.advance(Duration::from_secs(1));
        let message = format!("told at {step};");
        server.tell("a", &event(&message, step)).await;
        let (_, _, _, body) = said(&server, "/v1/executions/a/events").await;
        assert!(body.contains(&message), "{message} is missing in {body}");
        if step % 30 == 10 {
            let path = format!("{}/v1/executions/a/aliases/x", server.base);
            let put = server.client.put(path).send().await.unwrap();
            assert_eq!(put.status(), 204);
        }
        let (status, _, _, by_alias) = said(&server, "/v1/executions/x/events").await;
        if step % 30 >= 10 && step % 30 != 29 {
            assert_eq!((status, by_alias), (200, body), "by the alias, at {step}");
        }
        if step % 30 == 29 {
            let path = format!("{}/v1/executions/a", server.base);
            let gone = server.client.delete(path).send().await.unwrap();
            assert_eq!(gone.status(), 204);
            for name in ["a", "x"] {
                let (status, ..) = said(&server, &format!("/v1/executions/{name}/events")).await;
                assert_eq!(status, 404, "{name} at {step}");
            }
        }
    }
    done.store(true, Ordering::SeqCst);
    for poller in pollers {
        poller.await.unwrap();
    }
    assert!(known(&server).await > 0, "some answers were kept");
}
