//! `?view=full`: more keys than the eleven, in every representation, and what rows say of each other.

use std::sync::Arc;

use dagtrail::model::{
    Body, EventType, ExecutionKey, InvolvedObject, Key, MessageKey, Observation, Origin, Policy,
    Sample, Telling, Time,
};
use serde_json::{Value, json};

use super::follower::{Follower, seq};
use super::seed::sample;
use super::server::{Server, read, refused};

const PATH: &str = "/v1/executions/x/events";
const FULL: &str = "/v1/executions/x/events?view=full";
const MORE: [&str; 13] = [
    "uid",
    "origins",
    "reporter",
    "original",
    "countLowerBound",
    "unobserved",
    "aggregated",
    "gap",
    "statusOnly",
    "eventOnly",
    "labels",
    "payload",
    "samples",
];

/// A row of element `p`: of an Event if it has a uid, else derived from a status.
fn told(uid: &str, code: &str, count: u64, second: i64) -> Observation {
    let time = Time(second * 1_000_000_000);
    Observation::Event(Telling {
        execution: ExecutionKey::new("default", "x"),
        key: Arc::new(Key {
            element: "p".into(),
            elem_type: "K8s.Pod".into(),
            action: "".into(),
            event_type: EventType::Normal,
            code: code.into(),
            involved_uid: uid.into(),
            field_path: "".into(),
            message: MessageKey::Text("".into()),
        }),
        policy: Policy::Fold,
        origin: Origin::of_event("cluster", "default", code, Time(0)),
        count,
        first: Time(0),
        last: time,
        name: code.into(),
        digests: None,
        body: Arc::new(Body {
            elem_id: "p".into(),
            involved: InvolvedObject {
                kind: "Pod".into(),
                ..InvolvedObject::default()
            },
            reporter: if uid.is_empty() {
                "dagtrail"
            } else {
                "kubelet"
            }
            .into(),
            ..Body::default()
        }),
    })
}

fn of_code<'a>(rows: &'a Value, code: &str) -> &'a Value {
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row["metadata"]["name"] == code).unwrap()
}

#[tokio::test]
async fn the_full_view_is_the_plain_one_and_more() {
    let server = Server::start().await;
    server.tell("x", &sample()).await;
    let full = server.json(FULL).await;
    let mut plain = full.clone();
    for row in plain.as_array_mut().unwrap() {
        let row = row.as_object_mut().unwrap();
        for key in MORE {
            assert!(row.remove(key).is_some(), "{key}");
        }
    }
    assert_eq!(plain, sample());
    assert_eq!(server.json(PATH).await, sample());
    let (first, given) = (&full[0], &sample()[0]);
    assert_eq!(first["original"]["reason"], given["reason"]);
    assert_eq!(first["original"]["message"], given["message"]);
    assert_eq!(first["payload"], Value::Null);
    assert_eq!(first["origins"], 1);
    // In one language, too: what was given stays.
    let english = server.json(&format!("{FULL}&lang=en&limit=1")).await;
    assert_eq!(english[0]["original"], first["original"]);
    assert_ne!(english[0]["reason"], first["reason"]);
}

#[tokio::test]
async fn a_view_has_a_tag_of_its_own_and_another_word_is_refused() {
    let server = Server::start().await;
    server.tell("x", &sample()).await;
    let tag = async |path: &str| {
        let answer = server.get(path).send().await.unwrap();
        answer.headers()["etag"].clone()
    };
    let (plain, full) = (tag(PATH).await, tag(FULL).await);
    assert_ne!(plain, full);
    let known = async |path: &str| {
        let request = server.get(path).header("if-none-match", full.clone());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((known(FULL).await, known(PATH).await), (304, 200));
    let answer = server
        .get(&format!("{PATH}?view=half"))
        .send()
        .await
        .unwrap();
    let problem = refused(&read(answer).await, 400);
    assert!(problem.contains("view"), "{problem}");
}

#[tokio::test]
async fn a_payload_comes_back_as_it_was_and_a_line_stays_one_line() {
    let server = Server::start().await;
    let body = "{\"reason\":\"R\",\"lastTimestamp\":\"2026-01-01T00:00:00Z\",\"labels\":{\"a\":\"1\"},\
                \"payload\":{\"z\": 1.0e2,\n \"a\":[ ]}}";
    let request = server.client.post(format!("{}{PATH}", server.base));
    let request = request.header("content-type", "application/json");
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
    let text = async |accept: &str| {
        let request = server.get(FULL).header("accept", accept);
        request.send().await.unwrap().text().await.unwrap()
    };
    let lines = text("application/x-ndjson").await;
    assert_eq!(lines.matches('\n').count(), 1, "{lines}");
    for text in [&lines, &text("application/json").await] {
        assert!(
            text.contains(r#""payload":{"z": 1.0e2,  "a":[ ]}"#),
            "{text}"
        );
        assert!(text.contains(r#""labels":{"a":"1"}"#), "{text}");
    }
    let row = &Follower::open(&server, FULL, None).await.rows(1).await[0];
    assert!(
        row.data.contains(r#"{"z": 1.0e2,  "a":[ ]}"#),
        "{}",
        row.data
    );
}

#[tokio::test]
async fn a_stream_tells_a_row_again_when_others_change_what_is_said_of_it() {
    let server = Server::start().await;
    server.observe(told("u", "BackOff", 20, 20)).await;
    server.observe(told("", "FailedFinish", 1, 1)).await;
    let mut follower = Follower::open(&server, FULL, None).await;
    let parse = |data: &str| serde_json::from_str::<Value>(data).unwrap();
    let rows = follower.rows(2).await;
    assert_eq!(parse(&rows[0].data)["countLowerBound"], false);
    server.observe(told("", "Retrying", 132, 132)).await;
    let again = follower.rows(2).await;
    let (back_off, retrying) = (parse(&again[0].data), parse(&again[1].data));
    assert_eq!(back_off["metadata"]["name"], "BackOff");
    assert_eq!(back_off["countLowerBound"], true);
    assert_eq!(
        (&retrying["count"], &retrying["countLowerBound"]),
        (&json!(132), &json!(false))
    );
    assert_eq!(again.iter().map(seq).collect::<Vec<_>>(), [2, 3]);
    // Who was away is told of it as well.
    let mut back = Follower::open(&server, FULL, Some(&rows[1].id)).await;
    let names: Vec<Value> = back
        .rows(3)
        .await
        .iter()
        .map(|row| parse(&row.data))
        .collect();
    assert!(names.contains(&back_off) && names.contains(&retrying));
    let all = server.json(FULL).await;
    assert_eq!(of_code(&all, "BackOff"), &back_off);
    // Filters do not change what is said.
    let filtered = server.json(&format!("{FULL}&reason=BackOff")).await;
    assert_eq!(filtered, json!([back_off]));
}

#[tokio::test]
async fn an_end_without_an_event_is_marked_until_one_is_seen() {
    let server = Server::start().await;
    server.observe(told("", "SuccessfulFinish", 1, 1)).await;
    let all = server.json(FULL).await;
    assert_eq!(all[0]["statusOnly"], true);
    server.observe(told("u", "Pulled", 1, 2)).await;
    let all = server.json(FULL).await;
    assert_eq!(of_code(&all, "SuccessfulFinish")["statusOnly"], false);
    assert_eq!(of_code(&all, "Pulled")["eventOnly"], false);
}

#[tokio::test]
async fn samples_stand_on_the_last_row_of_their_element_in_streams_too() {
    let server = Server::start().await;
    let measured = |second: i64, value: &str| {
        Observation::Sample(Sample {
            execution: ExecutionKey::new("default", "x"),
            element: "p".into(),
            name: "cpu".into(),
            at: Time(second * 1_000_000_000),
            value: value.into(),
        })
    };
    server.observe(measured(2, "{\"ms\":2}")).await;
    server.observe(told("", "SuccessfulFinish", 1, 1)).await;
    server.observe(measured(1, "{\"ms\":1}")).await;
    let sample = json!({"cpu": {"at": "1970-01-01T00:00:02Z", "value": {"ms": 2}}});
    let mut follower = Follower::open(&server, FULL, None).await;
    let parse = |data: &str| serde_json::from_str::<Value>(data).unwrap();
    assert_eq!(parse(&follower.rows(1).await[0].data)["samples"], sample);
    // A sample alone tells no row again: the next is another one, with what was measured by then.
    server.observe(measured(3, "3")).await;
    server.observe(told("", "Zeta", 1, 1)).await;
    let row = parse(&follower.rows(1).await[0].data);
    assert_eq!(row["metadata"]["name"], "Zeta");
    assert_eq!(row["samples"]["cpu"]["value"], 3);
    let all = server.json(FULL).await;
    assert_eq!(of_code(&all, "SuccessfulFinish")["samples"], json!({}));
    let alone = server.json("/v1/executions/x/samples").await;
    assert_eq!(alone[0]["value"], 3);
    let refusal = server.get("/v1/executions/x/samples?a=b").send();
    refused(&read(refusal.await.unwrap()).await, 400);
    let unknown = server.get("/v1/executions/nobody/samples").send();
    refused(&read(unknown.await.unwrap()).await, 404);
}
