//! What goes over sockets, to the byte, and how they end.

use serde_json::{Value, json};

use super::socket::Socket;
use super::stage::{MOUNT, ago, events, http, post, serve};

/// The largest frame that Prefect's client reads.
const FRAME: usize = 1024 * 1024;

fn event(number: u128, name: &str) -> Value {
    json!({
        "id": uuid::Uuid::from_u128(number).to_string(), "occurred": ago(5), "event": name,
        "resource": { "prefect.resource.id": "frames.1" },
    })
}

fn filter() -> Value {
    json!({ "type": "filter", "filter": {
        "occurred": { "since": ago(600), "until": "2100-01-01T00:00:00Z" },
        "event": null, "id": { "id": [] }, "resource": { "id": ["frames.1"] },
    } })
}

#[tokio::test]
async fn a_bad_frame_is_left_out_and_counted_and_those_around_it_are_taken() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), 0, &[]);
    let mut socket = Socket::greeted(&server.url, "/events/in", None).await;
    let long = "n".repeat(1025);
    let huge = "p".repeat(1_500_000);
    let mut many = json!({ "prefect.resource.id": "frames.1" });
    for at in 0..500 {
        many[format!("l{at}")] = json!("v");
    }
    let actor = json!({ "prefect.resource.id": "u", "prefect.resource.role": "r" });
    let with = |field: &str, value: Value| {
        let mut event = event(99, "f.bad");
        event[field] = value;
        event.to_string()
    };
    let bad = [
        "{".into(),
        "[]".into(),
        "null".into(),
        "1".into(),
        r#"{"type":"auth","token":null}"#.into(),
        "{}".into(),
        with("id", json!("no")),
        with("id", Value::Null),
        with("occurred", json!("no")),
        with("occurred", json!("9999-01-01T00:00:00Z")),
        with("event", json!(1)),
        with("event", json!(long)),
        with("resource", json!({})),
        with("resource", json!({ "prefect.resource.id": "" })),
        with("resource", json!({ "prefect.resource.id": 1 })),
        with("resource", many),
        with("related", Value::Null),
        with("related", json!([{ "prefect.resource.id": "u" }])),
        with("related", json!(vec![actor; 101])),
        with("payload", json!([])),
        with("payload", json!({ "p": huge })),
        with("payload", json!({})).replace("\"payload\":{}", r#""payload":{"half":"\ud83d"}"#),
        with("follows", json!("no")),
    ];
    let mut number = 100;
    for frame in &bad {
        number += 1;
        socket.say(&event(number, "f.good")).await;
        socket.text(frame.clone()).await;
    }
    socket
        .binary(event(98, "f.bad").to_string().into_bytes())
        .await;
    socket.say(&event(200, "f.good")).await;
    socket.ponged().await;
    let stored = events(&server, "frames.1").await;
    assert_eq!(stored.len(), bad.len() + 1);
    assert!(stored.iter().all(|event| event["event"] == "f.good"));
    let metrics = http()
        .get(format!("{}/metrics", server.url))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let counted = format!(
        "dagtrail_skipped_events_total{{of=\"prefect\"}} {}",
        bad.len() + 1
    );
    assert!(metrics.contains(&counted), "{metrics}");
}

#[tokio::test]
async fn a_frame_above_16_mib_ends_the_socket_by_name_and_what_came_before_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), 0, &[]);
    let mut socket = Socket::greeted(&server.url, "/events/in", None).await;
    socket.say(&event(1, "f.before")).await;
    socket.attempt("x".repeat(16 * 1024 * 1024 + 1)).await;
    let told = (1009, "frame exceeds limit of 16777216 bytes".to_owned());
    assert_eq!(socket.goodbye().await, told);
    assert_eq!(events(&server, "frames.1").await.len(), 1);
}

#[tokio::test]
async fn a_payload_comes_out_byte_for_byte() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), 0, &[]);
    let payload = r#"{"big": 12345678901234567890123, "one":1.0,"e":1E+2,  "z":[ ],"u":"\u4e2d中\/","a":-0.0}"#;
    let bare = event(1, "f.exact").to_string();
    let text = format!(
        "{},\"payload\":{payload}}}",
        bare.trim_end_matches('}').to_owned() + "}"
    );
    let mut socket = Socket::greeted(&server.url, "/events/in", None).await;
    socket.text(text).await;
    socket.ponged().await;
    let mut out = Socket::greeted(&server.url, "/events/out", None).await;
    out.say(&filter()).await;
    let frame = out.frame().await;
    assert!(
        frame.contains(&format!("\"payload\":{payload},\"id\"")),
        "{frame}"
    );
    let page = http()
        .post(format!("{}{MOUNT}/events/filter", server.url))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains(payload), "{page}");
}

#[tokio::test]
async fn no_frame_that_goes_out_is_larger_than_the_client_reads() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), 0, &[]);
    let mut large = event(1, "f.large");
    large["payload"] = json!({ "p": "x".repeat(1_300_000) });
    let (status, _) = post(
        &server,
        "/events",
        json!([large, event(2, "f.small")]).to_string(),
    )
    .await;
    assert_eq!(status, 204);
    let mut out = Socket::greeted(&server.url, "/events/out", None).await;
    out.say(&filter()).await;
    let frame = out.frame().await;
    assert!(frame.len() <= FRAME);
    let told: Value = serde_json::from_str(&frame).unwrap();
    assert_eq!(told["event"]["event"], "f.large");
    assert!(
        told["event"]["payload"]["dagtrail.left-out"]["bytes"]
            .as_u64()
            .unwrap()
            > 1_300_000
    );
    assert_eq!(out.read().await["event"]["event"], "f.small");
    let whole = events(&server, "frames.1").await;
    assert_eq!(
        whole[0]["payload"]["p"].as_str().unwrap().len(),
        1_300_000,
        "pages have it whole"
    );
}

#[tokio::test]
async fn a_server_that_stops_keeps_what_it_has_read_and_asks_its_clients_to_come_back() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), 0, &[]);
    let mut inlet = Socket::greeted(&server.url, "/events/in", None).await;
    let mut outlet = Socket::greeted(&server.url, "/events/out", None).await;
    outlet.say(&filter()).await;
    inlet.say(&event(1, "f.last")).await;
    assert_eq!(outlet.read().await["event"]["event"], "f.last");
    let ended = tokio::task::spawn_blocking(|| server.terminate());
    assert_eq!(inlet.goodbye().await.0, 1012);
    assert_eq!(outlet.goodbye().await.0, 1012);
    inlet.closed().await;
    outlet.closed().await;
    assert!(ended.await.unwrap(), "it ends in order");
    let again = serve(data.path(), 0, &[]);
    assert_eq!(events(&again, "frames.1").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_what_is_stored_and_what_comes_no_event_is_lost_or_told_twice() {
    const EVENTS: u128 = 3000;
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), 0, &[]);
    let url = server.url.clone();
    let telling = async {
        let mut socket = Socket::greeted(&url, "/events/in", None).await;
        for number in 1..=EVENTS {
            socket.say(&event(number, "f.flow")).await;
            if number % 100 == 0 {
                socket.ponged().await;
            }
        }
        socket.closed().await;
    };
    let following = async {
        let mut found = Vec::new();
        for late in 0..3 {
            tokio::time::sleep(std::time::Duration::from_millis(60 * late)).await;
            let mut socket = Socket::greeted(&server.url, "/events/out", None).await;
            socket.say(&filter()).await;
            let mut seen = Vec::new();
            while seen.len() < EVENTS as usize {
                seen.push(
                    socket.read().await["event"]["id"]
                        .as_str()
                        .unwrap()
                        .to_owned(),
                );
            }
            seen.sort_unstable();
            seen.dedup();
            found.push(seen.len());
        }
        found
    };
    let ((), found) = tokio::join!(telling, following);
    assert_eq!(found, [EVENTS as usize; 3]);
}

#[tokio::test]
async fn rows_of_the_native_dialect_are_events_that_change_with_their_count() {
    let data = tempfile::tempdir().unwrap();
    let server = serve(data.path(), 0, &[]);
    let mut out = Socket::greeted(&server.url, "/events/out", None).await;
    let asked = json!({ "type": "filter", "filter": {
        "occurred": { "since": ago(600), "until": "2100-01-01T00:00:00Z" },
        "resource": { "id": ["dagtrail.execution.run-1"] },
    } });
    out.say(&asked).await;
    let mut ids = Vec::new();
    for count in 1..=2_u64 {
        let item = json!({ "reason": "BackOff", "message": "m", "elemId": "step", "lastTimestamp": ago(10 - count), "id": count.to_string() });
        let told = http()
            .post(server.events("run-1"))
            .header("content-type", "application/json")
            .body(item.to_string());
        assert_eq!(told.send().await.unwrap().status(), 200);
        let event = out.read().await["event"].clone();
        assert_eq!(
            (&event["event"], &event["payload"]["count"]),
            (&json!("dagtrail.BackOff"), &json!(count))
        );
        assert_eq!(event["payload"]["reason"], "回退等待##BackOff");
        assert_eq!(
            event["related"][0]["prefect.resource.id"],
            "dagtrail.element.run-1.step"
        );
        ids.push(event["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
    assert_eq!(
        events(&server, "dagtrail.execution.run-1").await.len(),
        1,
        "stored it is one"
    );
}
