//! Bad input is answered in the shape of the original's framework, and changes nothing.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::Lab;
use crate::clients;
use crate::inside::{Server, read};

/// Where, what, status, the first entry's `type`, its `loc` and a part of its `msg`.
type Case = (
    &'static str,
    &'static str,
    u16,
    &'static str,
    &'static [&'static str],
    &'static str,
);

const BODY: [Case; 27] = [
    ("events", "", 422, "json_invalid", &["body"], "JSON decode"),
    ("events", "{", 422, "json_invalid", &["body"], "JSON decode"),
    (
        "events",
        r#"{"type":"info","message":"\ud800"}"#,
        422,
        "json_invalid",
        &["body"],
        "JSON decode",
    ),
    (
        "events",
        "\u{feff}{}",
        422,
        "json_invalid",
        &["body"],
        "JSON decode",
    ),
    (
        "events",
        "[]",
        422,
        "model_attributes_type",
        &["body"],
        "dictionary or object",
    ),
    (
        "events",
        r#""info""#,
        422,
        "model_attributes_type",
        &["body"],
        "dictionary or object",
    ),
    (
        "events",
        "null",
        422,
        "model_attributes_type",
        &["body"],
        "dictionary or object",
    ),
    (
        "events",
        "{}",
        422,
        "missing",
        &["body", "type"],
        "Field required",
    ),
    (
        "events",
        r#"{"type":"info"}"#,
        422,
        "missing",
        &["body", "message"],
        "Field required",
    ),
    (
        "events",
        r#"{"message":"m"}"#,
        422,
        "missing",
        &["body", "type"],
        "Field required",
    ),
    (
        "events",
        r#"{"type":"done","message":"m"}"#,
        422,
        "enum",
        &["body", "type"],
        "'complete', 'error', 'failed' or 'info'",
    ),
    (
        "events",
        r#"{"type":"Info","message":"m"}"#,
        422,
        "enum",
        &["body", "type"],
        "'info'",
    ),
    (
        "events",
        r#"{"type":null,"message":"m"}"#,
        422,
        "enum",
        &["body", "type"],
        "'info'",
    ),
    (
        "events",
        r#"{"type":"info","message":1}"#,
        422,
        "string_type",
        &["body", "message"],
        "valid string",
    ),
    (
        "events",
        r#"{"type":"info","message":null}"#,
        422,
        "string_type",
        &["body", "message"],
        "valid string",
    ),
    (
        "events",
        r#"{"type":"info","message":"m","progress":0}"#,
        422,
        "greater_than",
        &["body", "progress"],
        "greater than 0",
    ),
    (
        "events",
        r#"{"type":"info","message":"m","progress":-1}"#,
        422,
        "greater_than",
        &["body", "progress"],
        "greater than 0",
    ),
    (
        "events",
        r#"{"type":"info","message":"m","progress":101}"#,
        422,
        "less_than_equal",
        &["body", "progress"],
        "less than or equal to 100",
    ),
    (
        "events",
        r#"{"type":"info","message":"m","progress":45.7}"#,
        422,
        "int_from_float",
        &["body", "progress"],
        "fractional",
    ),
    (
        "events",
        r#"{"type":"info","message":"m","progress":"40"}"#,
        422,
        "int_type",
        &["body", "progress"],
        "valid integer",
    ),
    (
        "events",
        r#"{"type":"info","message":"m","progress":true}"#,
        422,
        "int_type",
        &["body", "progress"],
        "valid integer",
    ),
    (
        "events",
        r#"{"type":"info","message":"m","progres":5}"#,
        422,
        "extra_forbidden",
        &["body", "progres"],
        "not permitted",
    ),
    (
        "operations",
        "{}",
        422,
        "missing",
        &["body", "kind"],
        "Field required",
    ),
    (
        "operations",
        r#"{"kind":"restart"}"#,
        422,
        "enum",
        &["body", "kind"],
        "'spawn' or 'delete'",
    ),
    (
        "operations",
        r#"{"kind":["spawn"]}"#,
        422,
        "enum",
        &["body", "kind"],
        "'spawn' or 'delete'",
    ),
    (
        "operations",
        r#"{"kind":"spawn","user":"x"}"#,
        422,
        "extra_forbidden",
        &["body", "user"],
        "not permitted",
    ),
    (
        "operations",
        "spawn",
        422,
        "json_invalid",
        &["body"],
        "JSON decode",
    ),
];

#[track_caller]
fn is(case: &Case, answer: &(u16, Value)) {
    let (.., status, of, loc, msg) = case;
    let (found, body) = answer;
    assert_eq!(found, status, "{case:?}: {body}");
    let first = &body["detail"][0];
    assert_eq!(first["type"], *of, "{case:?}: {body}");
    let place = first["loc"].as_array().map_or(&[][..], Vec::as_slice);
    assert!(place.len() >= loc.len(), "{case:?}: {body}");
    assert!(
        place.iter().zip(*loc).all(|(found, part)| found == part),
        "{case:?}: {body}"
    );
    assert!(
        first["msg"].as_str().unwrap().contains(msg),
        "{case:?}: {body}"
    );
}

#[tokio::test]
async fn bad_input_is_named_and_changes_nothing() {
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    lab.tell("info", "m", Some(1)).await;
    for case in BODY {
        let (path, body, ..) = case;
        let post = server.client.post(lab.path(path)).body(body);
        let answer = post.header("content-type", "application/json").send();
        is(&case, &read(answer.await.unwrap()).await);
    }
    for (kind, status) in [("text/plain", 415), ("multipart/form-data", 415)] {
        let post = server
            .client
            .post(lab.path("events"))
            .body(r#"{"type":"info"}"#);
        let answer = post.header("content-type", kind).send().await.unwrap();
        let case = (
            "events",
            kind,
            status,
            "unsupported_media_type",
            &[][..],
            kind,
        );
        is(&case, &read(answer).await);
    }
    let large = json!({"type": "info", "message": "m".repeat(600_000)});
    let (status, told) = lab.post("events", &large).await;
    let case = ("events", "", 413, "invalid_body", &[][..], "larger than");
    is(&case, &(status.as_u16(), told));
    lab.end().await;
    assert_eq!(
        lab.text().await,
        super::block("info", r#"{"message": "m", "progress": 1}"#)
    );
}

#[tokio::test]
async fn paths_and_methods_are_answered_in_the_same_shape() {
    let server = Server::in_memory().await;
    let lab = |user: &str| format!("{}/nublado/spawner/v1/labs/{user}", server.base);
    let long = "r".repeat(300);
    let get = |url: String| server.client.get(url);
    let post = |url: String| {
        server
            .client
            .post(url)
            .json(&json!({"type": "info", "message": "m"}))
    };
    for (request, status, detail) in [
        (get(lab("rachel")), 404, json!("Not Found")),
        (get(lab("rachel/events/")), 404, json!("Not Found")),
        (post(lab("rachel/create")), 404, json!("Not Found")),
        (
            get(format!("{}/nublado/spawner", server.base)),
            404,
            json!("Not Found"),
        ),
        (
            get(lab("rachel/operations")),
            405,
            json!("Method Not Allowed"),
        ),
        (
            server.client.delete(lab("rachel/events")),
            405,
            json!("Method Not Allowed"),
        ),
        (
            post(lab("rachel/events")),
            404,
            json!([{"loc": ["path", "username"], "msg": "Unknown user rachel", "type": "unknown_user"}]),
        ),
        (
            post(lab("rachel/operations/end")),
            404,
            json!([{"loc": ["path", "username"], "msg": "Unknown user rachel", "type": "unknown_user"}]),
        ),
    ] {
        let (found, body) = read(request.send().await.unwrap()).await;
        assert_eq!((found, &body), (status, &json!({"detail": detail})));
    }
    for (user, of) in [
        (&*long, "string_too_long"),
        ("%20", "string_pattern_mismatch"),
        ("a%0Ab", "string_pattern_mismatch"),
        ("%ff", "string_unicode"),
    ] {
        let path = format!("{user}/events");
        for request in [get(lab(&path)), post(lab(&path))] {
            let (found, body) = read(request.send().await.unwrap()).await;
            let first = &body["detail"][0];
            assert_eq!((found, &first["type"]), (422, &json!(of)), "{user}: {body}");
            assert_eq!(first["loc"], json!(["path", "username"]));
        }
    }
}

/// Bodies that pydantic takes by bending them, and dagtrail does not.
const STRICTER: [&str; 3] = [
    r#"{"type":"info","message":"m","progress":"40"}"#,
    r#"{"type":"info","message":"m","progress":true}"#,
    r#"{"type":"info","message":"m","progres":5}"#,
];

#[tokio::test]
async fn pydantic_says_the_same_of_the_model_of_the_original() {
    let bodies = BODY
        .iter()
        .filter(|case| case.0 == "events")
        .map(|case| case.1);
    let more = [
        r#"{"type":"info","message":"","progress":40.0}"#,
        r#"{"type":"complete","message":"m","progress":null}"#,
        r#"{"type":"","progress":1000}"#,
        r#"{"type":["info"],"message":{},"progress":[]}"#,
        r#"{"type":"info","message":"m","progress":1e2}"#,
        r#"{"type":"info","message":"m","progress":-0.5}"#,
    ];
    // What is no JSON does not come as far as the model.
    let bodies: Vec<&str> = bodies
        .chain(more)
        .filter(|body| serde_json::from_str::<Value>(body).is_ok())
        .collect();
    let program = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/dialects/nublado/model.py"
    );
    let lines = format!("{}\n", bodies.join("\n"));
    let said = tokio::task::spawn_blocking(move || {
        let mut python = clients::python("nublado", "");
        let python = python
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = python.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(lines.as_bytes())
            .unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    });
    let said = said.await.unwrap();
    assert_eq!(said.lines().count(), bodies.len());
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    let mut stricter = 0;
    for (body, said) in bodies.into_iter().zip(said.lines()) {
        lab.open("spawn").await;
        let post = server.client.post(lab.path("events")).body(body);
        let (status, ours) = read(post.send().await.unwrap()).await;
        let theirs: Value = serde_json::from_str(said).unwrap();
        let Value::Array(mut theirs) = theirs else {
            let taken = if STRICTER.contains(&body) { 422 } else { 201 };
            stricter += usize::from(taken == 422);
            assert_eq!(status, taken, "{body}: {ours}");
            continue;
        };
        for one in &mut theirs {
            // As its framework puts it in front.
            one["loc"].as_array_mut().unwrap().insert(0, json!("body"));
        }
        assert_eq!((status, &ours["detail"]), (422, &json!(theirs)), "{body}");
    }
    assert_eq!(stricter, STRICTER.len(), "the difference is none");
}
