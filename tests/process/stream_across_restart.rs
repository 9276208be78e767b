//! A stream that is cut by a restart goes on where it was: no gap, no repeat.

use std::collections::BTreeMap;
use std::time::Duration;

use eventsource_stream::{Event, Eventsource};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::server::Server;

const EXECUTION: &str = "8c1d0f52-0000-4000-8000-000000000002";

async fn post(server: &Server, element: usize, second: usize) {
    let item = json!({
        "reason": "Pulled", "elemId": format!("step-{element}"), "firstTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
    });
    let answer = reqwest::Client::new()
        .post(server.events(EXECUTION))
        .json(&item)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

/// Reads what comes until nothing has come for a while, or the stream ends.
async fn read(server: &Server, after: Option<&str>) -> Vec<Event> {
    let request = reqwest::Client::new()
        .get(server.events(EXECUTION))
        .header("accept", "text/event-stream");
    let request = if let Some(id) = after {
        request.header("last-event-id", id)
    } else {
        request
    };
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = answer.bytes_stream().eventsource();
    let mut found = Vec::new();
    while let Ok(Some(Ok(event))) =
        tokio::time::timeout(Duration::from_millis(1500), events.next()).await
    {
        found.push(event);
    }
    found
}

fn seq(event: &Event) -> u64 {
    event.id.split_once('.').unwrap().1.parse().unwrap()
}

fn apply(rows: &mut BTreeMap<String, Value>, events: &[Event]) {
    for event in events {
        assert_eq!(event.event, "message", "a row is an unnamed event");
        let row: Value = serde_json::from_str(&event.data).unwrap();
        rows.insert(row["metadata"]["name"].as_str().unwrap().to_owned(), row);
    }
}

async fn get(server: &Server) -> Vec<Value> {
    let text = reqwest::get(server.events(EXECUTION))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_stream_has_every_row_above_its_id_once_in_order() {
    for kill in [false, true] {
        let data = tempfile::tempdir().unwrap();
        let server = Server::start(data.path());
        for element in 0..20 {
            post(&server, element, 1).await;
        }
        let before = read(&server, None).await;
        assert_eq!(before.len(), 20);
        let last = before[12].id.clone();
        let mut rows = BTreeMap::new();
        apply(&mut rows, &before[..=12]);
        for element in 0..5 {
            post(&server, element, 2).await;
        }
        if kill {
            server.kill();
        } else {
            assert!(server.terminate());
        }

        let server = Server::start(data.path());
        for element in 18..25 {
            post(&server, element, 3).await;
        }
        let after = read(&server, Some(&last)).await;
        let seqs: Vec<u64> = after.iter().map(seq).collect();
        assert!(
            seqs.windows(2).all(|pair| pair[0] < pair[1]),
            "in order, none twice: {seqs:?}"
        );
        assert!(
            seqs.iter().all(|seq| *seq > self::seq(&before[12])),
            "only what is above the id"
        );
        apply(&mut rows, &after);
        let mut expected = BTreeMap::new();
        for row in get(&server).await {
            expected.insert(row["metadata"]["name"].as_str().unwrap().to_owned(), row);
        }
        assert_eq!(expected.len(), 25);
        assert_eq!(rows, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_another_store_begins_with_a_gap_and_the_full_history() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::start(one.path());
    post(&server, 1, 1).await;
    let id = read(&server, None).await[0].id.clone();
    drop(server);
    let server = Server::start(other.path());
    post(&server, 1, 1).await;
    let events = read(&server, Some(&id)).await;
    assert_eq!(events[0].event, "gap");
    assert_eq!(events.len(), 2);
}
