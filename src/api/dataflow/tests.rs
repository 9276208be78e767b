//! Every shape on the wire, held to its golden file. `UPDATE_GOLDEN=1` writes the files anew, for review. Does I/O: reads
//! the files.

use std::path::PathBuf;

use axum::body::to_bytes;
use axum::http::Uri;
use serde::Serialize;
use serde_json::{Value, json};

use super::ask::Format;
use super::convert::{self, Told};
use super::error::{Error, refuse};
use super::proto::{Node, REQUEST, Violation, WORKER_MESSAGE, decode};
use super::wire::{Answer, Reply};
use crate::api::body::BodyError;
use crate::model::{Code, Observation, Time};
use crate::text::{self, Facts, Lang};

fn golden(name: &str, found: &impl Serialize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/api/dataflow/golden")
        .join(name);
    let found = serde_json::to_string_pretty(found).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(found, kept, "{name}");
}

/// One message of every kind, as workers write them.
fn messages() -> Vec<Value> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/api/dataflow/golden/request.json"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let mut request: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(request["workerMessages"].take()).unwrap()
}

fn read(message: &Value) -> Result<Value, Vec<Violation>> {
    let Node::Object(pairs) = serde_json::from_str(&message.to_string()).unwrap() else {
        panic!("a message is an object");
    };
    let mut violations = Vec::new();
    let read = decode(
        &pairs,
        &WORKER_MESSAGE,
        "worker_messages[0]",
        &mut violations,
    );
    if violations.is_empty() {
        Ok(read)
    } else {
        Err(violations)
    }
}

fn observed(message: &Value, raw: &str, now: &str) -> Option<Observation> {
    let told = Told {
        tenant: "default",
        project: "my-proj",
        at: 0,
        raw,
        message,
        now: Time::parse(now).unwrap(),
    };
    convert::observe(&told).unwrap()
}

const NOW: &str = "2026-11-21T00:00:00Z";

#[test]
fn every_kind_of_message_becomes_a_row_or_a_sample() {
    let messages = messages();
    let shown: Vec<Value> = messages
        .iter()
        .map(|message| match observed(&read(message).unwrap(), &message.to_string(), NOW) {
            Some(Observation::Event(telling)) => {
                let (key, body) = (&telling.key, &telling.body);
                let params: Vec<_> = body.params.iter().map(|(k, v)| (&**k, &**v)).collect();
                let facts = Facts {
                    code: &key.code,
                    params: &params,
                    reason: &body.reason,
                    message: &body.message,
                    ..Facts::default()
                };
                let words = text::render(&facts, Lang::Both);
                assert_eq!(body.payload.as_deref(), Some(&*message.to_string()));
                json!({
                    "execution": telling.execution.to_string(), "element": key.element, "elemType": key.elem_type,
                    "action": key.action, "type": key.event_type.as_str(), "code": key.code,
                    "key": format!("{:?}", key.message), "at": telling.first.to_exact(),
                    "reason": words.reason, "message": words.message, "original": body.reason,
                    "labels": body.labels,
                })
            }
            Some(Observation::Sample(sample)) => json!({
                "execution": sample.execution.to_string(), "element": sample.element, "name": sample.name,
                "at": sample.at.to_exact(), "value": serde_json::from_str::<Value>(&sample.value).unwrap(),
            }),
            Some(other) => panic!("{other:?}"),
            None => Value::Null,
        })
        .collect();
    golden("stored.json", &shown);
    // No kind is missing among them.
    for field in WORKER_MESSAGE
        .fields
        .iter()
        .filter(|field| field.oneof.is_some())
    {
        assert!(
            messages
                .iter()
                .any(|message| message.get(field.name).is_some()),
            "{}",
            field.name
        );
    }
    assert_eq!(REQUEST.fields.len(), 2);
}

#[test]
fn each_message_has_a_response_of_its_kind_in_its_place() {
    let replies = messages().into_iter();
    let answer = Answer {
        worker_message_responses: replies
            .map(|message| Reply::to(&read(&message).unwrap(), "7.500s"))
            .collect(),
    };
    golden("response.json", &answer);
    assert_eq!(serde_json::to_string(&Answer::default()).unwrap(), "{}");
}

#[test]
fn a_message_that_is_sent_again_is_the_same_telling_and_another_is_not() {
    let origin = |message: &Value, now| match observed(&read(message).unwrap(), "{}", now) {
        Some(Observation::Event(telling)) => telling.origin,
        other => panic!("{other:?}"),
    };
    let told = json!({"labels": {"JOB_ID": "j", "A": "1"}, "time": "2026-11-21T00:00:00Z",
        "workerMessageCode": {"code": "C"}});
    let later = "2026-11-21T00:00:09Z";
    assert_eq!(origin(&told, NOW), origin(&told, later));
    // The same in other words.
    let same = json!({"time": "2026-11-21T01:00:00.000+01:00", "labels": {"A": "1", "JOB_ID": "j"},
        "worker_message_code": {"parameters": null, "code": "C"}});
    assert_eq!(origin(&told, NOW), origin(&same, NOW));
    for (path, value) in [
        ("time", json!("2026-11-21T00:00:00.1Z")),
        ("labels", json!({"JOB_ID": "k", "A": "1"})),
        ("workerMessageCode", json!({"code": "D"})),
    ] {
        let mut other = told.clone();
        other[path] = value;
        assert_ne!(origin(&told, NOW), origin(&other, NOW), "{path}");
    }
    // Without a time, who sends it again tells it again.
    let mut timeless = told;
    timeless.as_object_mut().unwrap().remove("time");
    assert_ne!(origin(&timeless, NOW), origin(&timeless, later));
}

#[test]
fn violations_are_told_with_their_places_in_googles_words() {
    let wrong = json!({
        "foo": 1,
        "time": "2026-11-21T00:00:00",
        "labels": {"a": "b", "JOB_ID": 5},
        "workerHealthReport": {"vmIsHealthy": "yes", "reportInterval": "10", "pods": {}},
        "workerMetrics": {"cpuTime": [{"totalMs": 1}, {"totalMs": "x", "rate": true}], "containers": []},
        "workerLifecycleEvent": {"event": "LUNCH", "containerStartTime": 5, "metadata": [1]},
        "workerThreadScalingReport": [{"currentThreadCount": 3_000_000_000_u32}],
        "workerMessageCode": "HARNESS_STARTED",
    });
    let violations = read(&wrong).unwrap_err();
    let shown: Vec<_> = violations
        .iter()
        .map(|one| (&one.place, &one.sentence))
        .collect();
    golden("violations.json", &shown);
}

#[tokio::test]
async fn every_error_is_written_in_both_formats() {
    let failed = |code| Error::Failed {
        code,
        message: "a sentence".into(),
    };
    let path = Error::Path {
        name: "project_id",
        problem: "it must have 1 to 1024 bytes".into(),
    };
    let violations = vec![
        Violation::new("", "the request itself"),
        Violation::new("worker_messages[1].time", "its time"),
    ];
    let all = [
        Error::Violations(violations),
        Error::Json("expected value at line 1 column 1".into()),
        Error::Alt("proto".into()),
        Error::Fields("a parenthesis is not closed".into()),
        path,
        Error::MediaType("text/plain".into()),
        Error::Unread(BodyError::TooLarge(9)),
        Error::Unread(BodyError::TooSlow(std::time::Duration::from_secs(30))),
        Error::Unread(BodyError::Coding("br".into())),
        Error::NoRoute("/v1b3/x".into()),
        Error::NoMethod {
            method: "GET".into(),
            path: "/v1b3/x".into(),
        },
        failed(Code::Unauthenticated),
        failed(Code::PermissionDenied),
        failed(Code::Conflict),
        failed(Code::ResourceExhausted),
        failed(Code::DeadlineExceeded),
        failed(Code::Unavailable),
        failed(Code::Internal),
    ];
    let mut shown = Vec::new();
    for error in &all {
        for format in [Format::V2, Format::V1] {
            let answer = error.render(format);
            let status = answer.status().as_u16();
            assert_eq!(
                answer.headers()["content-type"],
                "application/json; charset=UTF-8"
            );
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["error"]["code"], status);
            assert_eq!(body["error"].get("errors").is_some(), format == Format::V1);
            shown.push(body);
        }
    }
    golden("errors.json", &shown);
    let uri: Uri = "/v1b3/projects/p/WorkerMessages?%24.xgafv=1"
        .parse()
        .unwrap();
    let refused = refuse(&uri, Code::Unauthenticated, "who are you");
    let body = to_bytes(refused.into_body(), usize::MAX).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["error"]["errors"][0]["reason"], "authError");
}
