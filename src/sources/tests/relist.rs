//! From a scripted API server that closes watches to the store: lists again and again, and breaks that are too long.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::flow::{EVENTS, JOBS, PODS, Running};
use super::scene::{event, job, pod_of};
use crate::model::{Clock, Phase, Time};
use crate::store::Store;
use crate::telemetry::OfKind;

fn many(pods: usize) -> Value {
    let events = (0..1000).map(|number| {
        let pod = format!("p{}", number % pods);
        let mut event = event("Pod", &pod, &format!("Reason{}", number / pods));
        event["count"] = json!(number % 7 + 1);
        event
    });
    events.collect()
}

#[tokio::test]
async fn a_thousand_events_that_are_listed_three_times_more_write_nothing() {
    let running = Running::new(0);
    running.server.set(JOBS, json!([job("j")]));
    let pods: Vec<Value> = (0..50).map(|at| pod_of("j", &format!("p{at}"))).collect();
    running.server.set(PODS, json!(pods));
    running.server.set(EVENTS, many(50));
    let mut ready = running.start();
    ready.wait_for(|ready| *ready).await.unwrap();
    let rows = running.rows("u-j");
    assert_eq!(rows.len(), 1000 + 50 + 2);
    let (seq, commits) = (
        *running.store.passed().borrow(),
        running.metrics.commits.get(),
    );
    let lists = |running: &Running| {
        let of = OfKind { kind: "events" };
        running.metrics.watch_lists.get_or_create(&of).get()
    };
    let before = lists(&running);
    // A watch that is closed at once and without a word has the list behind it made anew.
    running.server.close_watches(true);
    running
        .until("four more lists", |running| lists(running) >= before + 4)
        .await;
    assert_eq!(running.rows("u-j"), rows);
    assert_eq!(*running.store.passed().borrow(), seq);
    assert_eq!(running.metrics.commits.get(), commits);
    running.end().await;
}

#[tokio::test]
async fn a_new_process_that_lists_all_again_changes_no_row() {
    let running = Running::new(0);
    running.server.set(JOBS, json!([job("j")]));
    let pods: Vec<Value> = (0..50).map(|at| pod_of("j", &format!("p{at}"))).collect();
    running.server.set(PODS, json!(pods));
    running.server.set(EVENTS, many(50));
    running.start().wait_for(|ready| *ready).await.unwrap();
    let (rows, seq) = (running.rows("u-j"), *running.store.passed().borrow());
    for _ in 0..3 {
        // Nothing is remembered but by the store.
        running.start().wait_for(|ready| *ready).await.unwrap();
    }
    assert_eq!(running.rows("u-j"), rows);
    assert_eq!(*running.store.passed().borrow(), seq);
    running.end().await;
}

/// Set by hand.
#[derive(Debug)]
struct Hand(Mutex<Time>);

impl Clock for Hand {
    fn now(&self) -> Time {
        *self.0.lock()
    }
}

#[tokio::test]
async fn a_break_that_is_longer_than_an_event_lives_is_told_to_who_was_open() {
    let start = Time::parse("2026-01-01T01:00:00Z").unwrap();
    let clock = Arc::new(Hand(Mutex::new(start)));
    let running = Running::at(0, clock.clone());
    running
        .server
        .set(JOBS, json!([job("open"), super::scene::complete("over")]));
    running.server.set(PODS, json!([]));
    running.server.set(EVENTS, json!([]));
    running.start().wait_for(|ready| *ready).await.unwrap();
    let gaps = |id: &str| {
        let rows = running.rows(id);
        let found = rows.iter().filter(|row| &*row.key.code == "Gap");
        let found = found.map(|row| (row.first(), row.last(), row.body().params.clone()));
        found.collect::<Vec<_>>()
    };
    let after = |minutes: u64| start.after(Duration::from_secs(60 * minutes));
    // Away for half an hour: all Events of it are still there.
    *clock.0.lock() = after(30);
    running.start().wait_for(|ready| *ready).await.unwrap();
    assert!(gaps("u-open").is_empty());
    // Away for two hours. What has ended meanwhile was open at first; a new one begins later.
    *clock.0.lock() = after(150);
    let mut ended = super::scene::complete("open");
    ended["status"]["completionTime"] = json!("2026-01-01T02:00:00Z");
    running.server.set(JOBS, json!([ended]));
    running.start().wait_for(|ready| *ready).await.unwrap();
    running
        .until("a gap", |running| {
            let rows = running.rows("u-open");
            rows.iter().any(|row| &*row.key.code == "Gap")
        })
        .await;
    let found = gaps("u-open");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].1), (after(30), after(150)));
    assert_eq!(&*found[0].2["since"], "2026-01-01T01:30:00Z");
    assert_eq!(&*found[0].2["until"], "2026-01-01T03:30:00Z");
    assert!(gaps("u-over").is_empty());
    let open = running.store.united("u-open").unwrap().remove(0);
    assert_eq!(open.status.phase, Phase::Succeeded);
    running.end().await;
}
