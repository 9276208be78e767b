//! What is refused: the field is named, nothing of it is stored, and the process serves on.

use serde_json::{Value, json};

use super::server::{Server, read, refused};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";

/// An event that is right, with some keys replaced; `null` takes a key away.
fn event(changes: &Value) -> String {
    let mut event = json!({
        "metadata": {"name": "x.1", "namespace": "ns"},
        "involvedObject": {"name": "x", "namespace": "ns"},
        "reason": "Started", "message": "m", "type": "Normal", "count": 1,
        "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z",
        "elemType": "A.b", "elemId": "e", "actionName": "run"
    });
    for (key, value) in changes.as_object().unwrap() {
        if value.is_null() {
            event.as_object_mut().unwrap().remove(key);
        } else {
            event[key] = value.clone();
        }
    }
    event.to_string()
}

/// One wrong field of an event, and how it is named.
fn wrong_fields() -> Vec<(Value, &'static str)> {
    let times = |first, last| json!({"firstTimestamp": first, "lastTimestamp": last});
    vec![
        (json!({"reason": null}), "reason"),
        (json!({"reason": ""}), "reason"),
        (json!({"reason": "  "}), "reason"),
        (json!({"reason": 7}), "reason"),
        (json!({"reason": "r".repeat(1025)}), "reason"),
        (times(Value::Null, Value::Null), "firstTimestamp"),
        (json!({"firstTimestamp": "yesterday"}), "firstTimestamp"),
        (json!({"firstTimestamp": 1_700_000_000}), "firstTimestamp"),
        (
            json!({"firstTimestamp": "2026-02-30T00:00:00Z"}),
            "firstTimestamp",
        ),
        (
            json!({"firstTimestamp": "2026-01-01 00:00:00"}),
            "firstTimestamp",
        ),
        (
            times(json!("0001-01-01T00:00:00Z"), Value::Null),
            "firstTimestamp",
        ),
        (json!({"lastTimestamp": ""}), "lastTimestamp"),
        (
            json!({"lastTimestamp": "9999-12-31T23:59:59Z"}),
            "lastTimestamp",
        ),
        (
            json!({"lastTimestamp": "2025-12-31T23:59:59Z"}),
            "lastTimestamp",
        ),
        (json!({"count": 0}), "count"),
        (json!({"count": -1}), "count"),
        (json!({"count": 2_147_483_648_u64}), "count"),
        (json!({"count": u64::MAX}), "count"),
        (json!({"count": 1.5}), "count"),
        (json!({"count": "2"}), "count"),
        (json!({"count": [1]}), "count"),
        (json!({"type": "Error"}), "type"),
        (json!({"type": ""}), "type"),
        (json!({"type": 1}), "type"),
        (json!({"message": {"zh": "x"}}), "message"),
        (json!({"message": "m".repeat(1024 * 1024)}), "message"),
        (json!({"payload": "p".repeat(1024 * 1024)}), "payload"),
        (json!({"labels": {"a": "l".repeat(1024 * 1024)}}), "labels"),
        (json!({"elemId": "e".repeat(1025)}), "elemId"),
        (json!({"elemId": 1}), "elemId"),
        (json!({"elemType": "t".repeat(1025)}), "elemType"),
        (json!({"elemType": false}), "elemType"),
        (json!({"actionName": "a".repeat(1025)}), "actionName"),
        (json!({"actionName": []}), "actionName"),
        (json!({"metadata": "x"}), "metadata"),
        (json!({"metadata": ["x", "ns"]}), "metadata"),
        (json!({"involvedObject": [null, null]}), "involvedObject"),
        (json!({"metadata": {"name": 1}}), "metadata.name"),
        (
            json!({"metadata": {"name": "n".repeat(1025)}}),
            "metadata.name",
        ),
        (json!({"metadata": {"uid": "u"}}), "metadata.uid"),
        (
            json!({"involvedObject": {"namespace": []}}),
            "involvedObject.namespace",
        ),
        (
            json!({"involvedObject": {"kind": "Job"}}),
            "involvedObject.kind",
        ),
        (json!({"labels": {"a": 1}}), "labels.a"),
        (json!({"labels": ["a"]}), "labels"),
        (json!({"id": ""}), "id"),
        (json!({"id": 12}), "id"),
        (json!({"id": "i".repeat(1025)}), "id"),
        (json!({"reasons": "Started"}), "reasons"),
        (json!({"eventTime": "2026-01-01T00:00:00Z"}), "eventTime"),
    ]
}

#[tokio::test]
async fn a_wrong_field_is_named_alone_beside_valid_neighbours_and_where_all_or_nothing_is_asked() {
    let server = Server::start().await;
    let mut told = 0;
    for (change, field) in wrong_fields() {
        let bad = event(&change);
        // Alone: nothing is stored.
        let alone = read(server.post("alone", bad.clone()).send().await.unwrap()).await;
        let sentence = refused(&alone, 400);
        assert!(
            sentence.starts_with(&format!("event 0: {field}: ")),
            "{field}: {sentence}"
        );
        assert_eq!(alone.1["results"][0]["field"], field, "{}", alone.1);
        // Between neighbours: they are stored, with or without lines.
        for kind in [JSON, LINES] {
            told += 1;
            let first = event(&json!({"message": format!("first {told}")}));
            let third = event(&json!({"message": format!("third {told}")}));
            let batch = match kind {
                JSON => format!("[{first},{bad},{third}]"),
                _ => format!("{first}\n{bad}\n{third}\n"),
            };
            let answer = server.post_as(kind, "between", batch.clone()).send().await;
            let (status, body) = read(answer.unwrap()).await;
            assert_eq!(status, 200, "{body}");
            assert_eq!(
                (&body["created"], &body["invalid"]),
                (&json!(2), &json!(1)),
                "{body}"
            );
            assert_eq!(body["results"][1]["status"], "invalid");
            assert_eq!(body["results"][1]["field"], field);
            assert!(!body["results"][1]["message"].as_str().unwrap().is_empty());
            // All or nothing.
            let url = format!("{}/v1/executions/atomic/events?atomic=true", server.base);
            let request = server
                .client
                .post(url)
                .header("content-type", kind)
                .body(batch);
            let atomic = read(request.send().await.unwrap()).await;
            let sentence = refused(&atomic, 400);
            assert!(
                sentence.starts_with(&format!("event 1: {field}: ")),
                "{sentence}"
            );
        }
    }
    for empty in ["alone", "atomic"] {
        let path = format!("/v1/executions/{empty}/events");
        refused(&read(server.get(&path).send().await.unwrap()).await, 404);
    }
    let rows = server.json("/v1/executions/between/events").await;
    assert_eq!(rows.as_array().unwrap().len(), 2 * told);
}

#[tokio::test]
async fn a_body_that_is_no_list_of_events_is_refused_with_the_place_that_is_wrong() {
    let server = Server::start().await;
    let good = event(&json!({}));
    let too_many = format!("[{}]", vec!["{}"; 10_001].join(","));
    let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        (JSON, b"".to_vec(), 400, "body: is empty"),
        (JSON, b" \r\n\t".to_vec(), 400, "body: is empty"),
        (LINES, b"\n\n".to_vec(), 400, "body: is empty"),
        (JSON, b"hello".to_vec(), 400, "line 1 column 1"),
        (
            JSON,
            b"{\"reason\": \"x\"".to_vec(),
            400,
            "line 1 column 14",
        ),
        (
            JSON,
            format!("[{good},\n]").into_bytes(),
            400,
            "line 2 column 1",
        ),
        (
            JSON,
            format!("[{good}] x").into_bytes(),
            400,
            "trailing characters",
        ),
        (JSON, b"{'reason': 'x'}".to_vec(), 400, "line 1 column 2"),
        (JSON, b"[NaN]".to_vec(), 400, "line 1 column 2"),
        (JSON, b"\xef\xbb\xbf{}".to_vec(), 400, "line 1 column 1"),
        (
            JSON,
            b"{\n\"message\": \"\xc3\x28\"}".to_vec(),
            400,
            "byte 14, on line 2",
        ),
        (
            JSON,
            deep.into_bytes(),
            400,
            "event 0: event: is not an object",
        ),
        (
            JSON,
            b"null".to_vec(),
            400,
            "event 0: event: is not an object",
        ),
        (
            JSON,
            b"[[]]".to_vec(),
            400,
            "event 0: event: is not an object",
        ),
        (
            JSON,
            b"[1, \"x\"]".to_vec(),
            400,
            "event 0: event: is not an object",
        ),
        (
            LINES,
            b"\xff\xfe\n".to_vec(),
            400,
            "line 1: is not UTF-8 at byte 0",
        ),
        (
            LINES,
            b"{\n".to_vec(),
            400,
            "event 0: event: line 1: is not JSON",
        ),
        (
            JSON,
            br#"{"reason":"a","reason":"b"}"#.to_vec(),
            400,
            "event 0: reason: is given twice",
        ),
        (
            JSON,
            br#"{"metadata":{"name":"a","name":"b"}}"#.to_vec(),
            400,
            "event 0: metadata.name: is given twice",
        ),
        (
            JSON,
            br#"{"message":"\ud800"}"#.to_vec(),
            400,
            "event 0: message: ",
        ),
        (JSON, too_many.into_bytes(), 413, "10001 events"),
        (
            JSON,
            vec![b' '; 8 * 1024 * 1024 + 1],
            413,
            "larger than 8388608 bytes",
        ),
        (
            JSON,
            vec![b' '; 64 * 1024 * 1024],
            413,
            "larger than 8388608 bytes",
        ),
        (
            "application/x-www-form-urlencoded",
            b"a=b".to_vec(),
            415,
            "application/json",
        ),
        (
            "text/plain",
            good.clone().into_bytes(),
            415,
            "application/json",
        ),
    ];
    for (kind, body, status, told) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = read(server.post_as(kind, "a", body).send().await.unwrap()).await;
        let sentence = refused(&answer, status);
        assert!(sentence.contains(told), "{shown}: {sentence}");
        assert_eq!(
            server.get("/livez").send().await.unwrap().status(),
            200,
            "{shown}"
        );
    }
    for (coding, status) in [("gzip", 400), ("br", 415)] {
        let packed = server
            .post("a", good.clone())
            .header("content-encoding", coding);
        refused(&read(packed.send().await.unwrap()).await, status);
    }
    let missing = server.get("/v1/executions/a/events").send().await.unwrap();
    refused(&read(missing).await, 404);
    server
        .tell("a", &serde_json::from_str(&good).unwrap())
        .await;
}

#[tokio::test]
async fn a_wrong_query_is_refused_with_its_key() {
    let server = Server::start().await;
    server.tell("a", &json!([])).await;
    for (path, status, told) in [
        ("a/events?elemtype=x", 400, "elemtype"),
        ("a/events?page=2", 400, "page"),
        ("a/events?=", 400, "query parameter"),
        ("a/events?order=up", 400, "order"),
        ("a/events?order=", 400, "order"),
        ("a/events?order=asc&order=asc", 400, "order: is given twice"),
        ("a/events?limit=0", 400, "limit"),
        ("a/events?limit=-1", 400, "limit"),
        ("a/events?limit=%2B5", 400, "limit"),
        ("a/events?limit=10001", 400, "limit"),
        ("a/events?limit=ten", 400, "limit"),
        ("a/events?limit=99999999999999999999", 400, "limit"),
        ("a/events?since=now", 400, "since"),
        ("a/events?until=2026-13-01T00:00:00Z", 400, "until"),
        ("a/events?type=", 400, "type"),
        ("a/events?reason=", 400, "reason"),
        ("a/events?lang=fr", 400, "lang"),
        ("a/events?cursor=", 400, "cursor"),
        ("a/events?cursor=AAAA", 400, "cursor"),
        ("a/events?cursor=%00%ff", 400, "cursor"),
        ("a?view=full", 400, "view"),
        ("%ff/events", 400, "path"),
        ("a/event", 404, "/v1/executions/a/event"),
        ("a/b/c/d", 404, "/v1/executions/a/b/c/d"),
        ("b/events", 404, "\"b\""),
        ("b", 404, "\"b\""),
        ("a/job/b", 404, "a/job/b"),
    ] {
        let answer = server
            .get(&format!("/v1/executions/{path}"))
            .send()
            .await
            .unwrap();
        let answer = read(answer).await;
        let sentence = refused(&answer, status);
        assert!(sentence.contains(told), "{path}: {sentence}");
    }
    for (query, told) in [
        ("atomic=yes", "atomic"),
        ("atomic", "atomic"),
        ("dryRun=true", "dryRun"),
    ] {
        let url = format!("{}/v1/executions/a/events?{query}", server.base);
        let answer = server
            .client
            .post(url)
            .header("content-type", JSON)
            .body("[]")
            .send();
        let sentence = refused(&read(answer.await.unwrap()).await, 400);
        assert!(sentence.contains(told), "{query}: {sentence}");
    }
    for key in ["order=asc", "limit=5", "cursor=x"] {
        let path = format!("/v1/executions/a/events?{key}");
        let answer = server
            .get(&path)
            .header("accept", "text/event-stream")
            .send();
        let sentence = refused(&read(answer.await.unwrap()).await, 400);
        assert!(sentence.contains("does not go with a stream"), "{sentence}");
    }
    let many: String = (0..40).map(|key| format!("&k{key}=1")).collect();
    let answer = server
        .get(&format!("/v1/executions/a/events?x=1{many}"))
        .send()
        .await
        .unwrap();
    assert!(refused(&read(answer).await, 400).contains("too many"));
    let long = format!("/v1/executions/{}/events", "i".repeat(1025));
    let url = format!("{}{long}", server.base);
    let answer = server
        .client
        .post(url)
        .header("content-type", JSON)
        .body("[]")
        .send();
    assert!(refused(&read(answer.await.unwrap()).await, 400).starts_with("path: id"));
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_possible() {
    let server = Server::start().await;
    for (method, path, allowed) in [
        ("DELETE", "/v1/executions/a/events", "GET,HEAD,POST"),
        ("PUT", "/v1/executions/a", "DELETE,GET,HEAD"),
        ("POST", "/v1/executions", "GET,HEAD"),
        ("POST", "/v1/executions_iter", ""),
        ("GET", "/v1/executions/a/aliases/b", "PUT"),
        ("POST", "/metrics", "GET,HEAD"),
        ("PATCH", "/v1/executions/ns/job/x/events", "GET,HEAD"),
    ] {
        let verb = method.parse().unwrap();
        let request = server
            .client
            .request(verb, format!("{}{path}", server.base));
        let answer = request.send().await.unwrap();
        let mut found: Vec<_> = answer.headers()["allow"]
            .to_str()
            .unwrap()
            .split(',')
            .collect();
        found.sort_unstable();
        assert_eq!(found.join(","), allowed, "{path}");
        let sentence = refused(&read(answer).await, 405);
        assert!(sentence.contains(path), "{sentence}");
        // What the documented API would do here is not ours.
        let runs = [
            "PUT /v1/executions/a",
            "POST /v1/executions",
            "POST /v1/executions_iter",
        ];
        let asked = format!("{method} {path}");
        assert_eq!(
            sentence.contains("runs none"),
            runs.contains(&&*asked),
            "{asked}"
        );
    }
}
