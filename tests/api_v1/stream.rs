//! Streams: history and then live in one walk, resumed exactly, with gaps and ends that are told.

use std::sync::Arc;
use std::time::Duration;

use dagtrail::model::{
    Body, EventType, ExecutionKey, Key, MessageKey, Observation, Origin, Policy, Telling, Time,
};
use futures::StreamExt;
use serde_json::{Value, json};

use super::follower::{Follower, Rows, apply, by_row, seq};
use super::seed::sample;
use super::server::{Server, TIMINGS};

const PATH: &str = "/v1/executions/x/events";

fn event(number: usize, second: usize) -> Value {
    let at = format!("2026-01-01T00:{:02}:{:02}Z", second / 60 % 60, second % 60);
    json!({"reason": "Step", "elemId": format!("e{number}"), "message": "m", "lastTimestamp": at})
}

fn store_of(id: &str) -> &str {
    id.rsplit_once('.').unwrap().0
}

#[tokio::test]
async fn history_and_then_what_happens_come_in_one_walk() {
    let server = Server::start().await;
    server.tell("x", &sample()).await;
    let mut follower = Follower::open(&server, PATH, None).await;
    let history = follower.rows(3).await;
    let shown: Vec<Value> = history
        .iter()
        .map(|row| serde_json::from_str(&row.data).unwrap())
        .collect();
    assert_eq!(Value::Array(shown), sample());
    assert_eq!(history.iter().map(seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(history[0].retry, None, "retry goes ahead of the rows");
    // Another execution's changes are not for this reader.
    server.tell("y", &sample()).await;
    let mut repeat = sample()[0].clone();
    repeat["lastTimestamp"] = json!("2018-08-20T07:00:00Z");
    server.tell("x", &repeat).await;
    let row = &follower.rows(1).await[0];
    assert_eq!(seq(row), 7);
    let row: Value = serde_json::from_str(&row.data).unwrap();
    assert_eq!(
        (&row["count"], &row["lastTimestamp"]),
        (&json!(2), &json!("2018-08-20T07:00:00Z"))
    );
}

#[tokio::test]
async fn the_bytes_on_the_wire_are_as_agreed() {
    let server = Server::start().await;
    server.tell("x", &sample()[0]).await;
    let request = server
        .get(PATH)
        .header("accept", "text/event-stream")
        .header("last-event-id", "s.1");
    let answer = request.send().await.unwrap();
    let store = answer.headers()["dagtrail-store"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(answer.headers()["dagtrail-seq"], "1");
    let mut bytes = Vec::new();
    let mut chunks = answer.bytes_stream();
    while !bytes.ends_with(b"\n\n: \n\n") {
        bytes.extend(chunks.next().await.unwrap().unwrap());
    }
    let text = String::from_utf8(bytes).unwrap();
    let text = text.replace(&store, "<store>");
    assert_eq!(text, include_str!("../../src/api/v1/golden/stream.txt"));
}

#[tokio::test]
async fn a_reader_that_resumes_after_a_restart_gets_exactly_what_it_has_not() {
    let first = Server::start().await;
    for number in 0..20 {
        first.tell("x", &event(number, number)).await;
    }
    let mut rows = Rows::new();
    let mut follower = Follower::open(&first, PATH, None).await;
    let mut last = String::new();
    for event in follower.rows(12).await {
        apply(&mut rows, &event);
        last = event.id;
    }
    // Changed while the reader is away: one that it has, twice, and one that it has not.
    let second = first.restart().await;
    for (number, at) in [(3, 100), (15, 101), (3, 102)] {
        second.tell("x", &event(number, at)).await;
    }
    let mut follower = Follower::open(&second, PATH, Some(&last)).await;
    let resumed = follower.rows(9).await;
    // 13 to 20 but for the one that moved on, then the two that changed, each once and at its latest.
    assert_eq!(
        resumed.iter().map(seq).collect::<Vec<_>>(),
        [13, 14, 15, 17, 18, 19, 20, 22, 23]
    );
    for event in &resumed {
        apply(&mut rows, event);
    }
    assert_eq!(rows, by_row(&second.json(PATH).await));
    // With the query instead of the header, for who cannot set one.
    let path = format!("{PATH}?lastEventId={}", resumed[7].id);
    let mut other = Follower::open(&second, &path, None).await;
    assert_eq!(other.rows(1).await[0].id, resumed[8].id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_are_cut_off_again_and_again_under_writes_miss_nothing_and_get_nothing_twice()
{
    let server = Arc::new(Server::start().await);
    server.tell("x", &event(0, 0)).await;
    let writer = {
        let server = server.clone();
        async move {
            for round in 1..150 {
                let batch: Vec<_> = (0..5)
                    .map(|one| event((round * 7 + one * 3) % 40, round))
                    .collect();
                server.tell("x", &Value::Array(batch)).await;
            }
            server.tell("x", &event(1000, 3599)).await;
        }
    };
    let reader = {
        let server = server.clone();
        async move {
            let (mut rows, mut last, mut told) = (Rows::new(), None::<String>, 0);
            for round in 0.. {
                let mut follower = Follower::open(&server, PATH, last.as_deref()).await;
                for _ in 0..(round * 13 % 29 + 1) {
                    let event = follower.rows(1).await.remove(0);
                    assert!(seq(&event) > told, "ascending, and nothing twice");
                    told = seq(&event);
                    apply(&mut rows, &event);
                    last = Some(event.id);
                    if rows.keys().any(|key| key.starts_with("e1000|")) {
                        return rows;
                    }
                }
            }
            unreachable!("it returns with the last row")
        }
    };
    let ((), rows) = tokio::join!(writer, reader);
    assert_eq!(rows, by_row(&server.json(PATH).await));
}

#[tokio::test]
async fn an_id_that_means_nothing_here_is_a_gap_and_then_the_full_history() {
    let server = Server::start().await;
    server.tell("x", &sample()).await;
    let mut follower = Follower::open(&server, PATH, None).await;
    let own = store_of(&follower.rows(1).await[0].id).to_owned();
    for (last, why) in [
        ("another.2".to_owned(), "foreign"),
        ("2".to_owned(), "foreign"),
        (format!("{own}.4"), "future"),
        (format!("{own}.x"), "foreign"),
    ] {
        let mut follower = Follower::open(&server, PATH, Some(&last)).await;
        let gap = follower.named("gap").await;
        assert_eq!(gap.data, json!({ "reason": why }).to_string(), "{last}");
        assert_eq!(gap.id, format!("{own}.0"));
        assert_eq!(
            follower.rows(3).await.iter().map(seq).collect::<Vec<_>>(),
            [1, 2, 3]
        );
    }
}

/// What a watcher tells of an origin whose message changes: told lower, it moves to another row.
fn counted(message: &str, count: u64) -> Observation {
    let time = Time::parse("2026-01-01T00:00:00Z").unwrap();
    Observation::Event(Telling {
        execution: ExecutionKey::new("default", "x"),
        key: Arc::new(Key {
            element: "e".into(),
            elem_type: "K8s.Pod".into(),
            action: "run".into(),
            event_type: EventType::Normal,
            code: "BackOff".into(),
            involved_uid: "u".into(),
            field_path: "".into(),
            message: MessageKey::of(message),
        }),
        policy: Policy::Fold,
        origin: Origin::of_event("cluster", "default", "x.1", time),
        count,
        first: time,
        last: time,
        name: "x.1".into(),
        digests: None,
        body: Arc::new(Body {
            message: message.into(),
            elem_id: "e".into(),
            ..Body::default()
        }),
    })
}

#[tokio::test]
async fn a_row_that_is_removed_begins_every_reader_anew() {
    let server = Server::start().await;
    server.observe(counted("second", 2)).await;
    let mut follower = Follower::open(&server, PATH, None).await;
    let last = follower.rows(1).await.remove(0).id;
    server.observe(counted("first", 1)).await;
    let gap = follower.named("gap").await;
    assert_eq!(gap.data, r#"{"reason":"pruned"}"#);
    let row = follower.rows(1).await.remove(0);
    let mut rows = Rows::new();
    apply(&mut rows, &row);
    assert_eq!(rows, by_row(&server.json(PATH).await));
    assert!(row.data.contains("first"), "{}", row.data);
    // Who was away meanwhile, too; who has begun anew is not told again.
    let mut away = Follower::open(&server, PATH, Some(&last)).await;
    away.named("gap").await;
    assert_eq!(away.rows(1).await[0].id, row.id);
    server.tell("x", &event(1, 1)).await;
    let mut back = Follower::open(&server, PATH, Some(&row.id)).await;
    assert_eq!(back.rows(1).await[0].id, follower.rows(1).await[0].id);
}

#[tokio::test]
async fn a_finished_execution_is_done_a_while_later_and_a_reader_that_has_all_is_told_so() {
    let server = Server::start().await;
    server.tell("x", &event(1, 1)).await;
    let mut follower = Follower::open(&server, PATH, None).await;
    follower.rows(1).await;
    server
        .tell(
            "x",
            &json!({"reason": "SuccessfulFinish", "lastTimestamp": "2026-01-01T01:00:00Z"}),
        )
        .await;
    let end = std::time::Instant::now();
    follower.rows(1).await;
    let done = follower.named("done").await;
    assert!(
        end.elapsed() + Duration::from_millis(20) >= TIMINGS.done_after,
        "{:?}",
        end.elapsed()
    );
    assert!(follower.next().await.is_none(), "it closes");
    server.clock.advance(TIMINGS.done_after);
    let resume = || {
        server
            .get(PATH)
            .header("accept", "text/event-stream")
            .header("last-event-id", &done.id)
    };
    let nothing = resume().send().await.unwrap();
    assert_eq!(nothing.status(), 204);
    // A latecomer is told all at once.
    let mut late = Follower::open(&server, PATH, None).await;
    late.rows(2).await;
    late.named("done").await;
    // Something is told after the end: it comes, and done comes again.
    server.tell("x", &event(2, 2)).await;
    let mut again = Follower::open(&server, PATH, Some(&done.id)).await;
    again.rows(1).await;
    again.named("done").await;
    assert!(again.next().await.is_none());
}

#[tokio::test]
async fn an_alias_that_is_told_during_a_stream_brings_the_other_history_in() {
    let server = Server::start().await;
    server.tell("x", &event(1, 1)).await;
    server.tell("y", &event(2, 2)).await;
    server.tell("x", &event(4, 4)).await;
    let mut follower = Follower::open(&server, PATH, None).await;
    let last = follower.rows(2).await.remove(1).id;
    let url = format!("{}/v1/executions/x/aliases/y", server.base);
    assert_eq!(server.client.put(url).send().await.unwrap().status(), 204);
    let gap = follower.named("gap").await;
    assert_eq!(gap.data, r#"{"reason":"aliases"}"#);
    let mut rows = Rows::new();
    for event in follower.rows(3).await {
        apply(&mut rows, &event);
    }
    assert_eq!(rows, by_row(&server.json(PATH).await));
    server.tell("y", &event(3, 3)).await;
    follower.rows(1).await;
    // Who was away meanwhile has never seen the other's rows, which are older than its place.
    let mut away = Follower::open(&server, PATH, Some(&last)).await;
    away.named("gap").await;
    away.rows(4).await;
}

#[tokio::test]
async fn a_stream_ends_when_its_execution_is_deleted_and_when_the_server_stops() {
    let server = Server::start().await;
    server.tell("x", &event(1, 1)).await;
    server.tell("y", &event(1, 1)).await;
    let mut deleted = Follower::open(&server, PATH, None).await;
    let mut other = Follower::open(&server, "/v1/executions/y/events", None).await;
    deleted.rows(1).await;
    other.rows(1).await;
    let url = format!("{}/v1/executions/x", server.base);
    server.client.delete(url).send().await.unwrap();
    assert!(deleted.next().await.is_none());
    server.stop().await;
    assert!(other.next().await.is_none());
}

#[tokio::test]
async fn a_stream_keeps_to_its_filter_and_language() {
    let server = Server::start().await;
    server.tell("x", &sample()).await;
    let path = format!("{PATH}?elemId=job-c-init&lang=en");
    let mut follower = Follower::open(&server, &path, None).await;
    let row: Value = serde_json::from_str(&follower.rows(1).await[0].data).unwrap();
    assert_eq!(
        (&row["elemId"], &row["reason"]),
        (&json!("job-c-init"), &json!("ActionStart"))
    );
    let mut repeat = sample();
    for event in repeat.as_array_mut().unwrap() {
        event["lastTimestamp"] = json!("2018-08-20T07:00:00Z");
    }
    server.tell("x", &repeat).await;
    assert_eq!(seq(&follower.rows(1).await[0]), 5);
}
