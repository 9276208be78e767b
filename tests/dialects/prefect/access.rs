//! Who is let in, on sockets and over HTTP.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::socket::Socket;
use super::stage::{MOUNT, ago, http, serve};
use crate::server::Server;

const SECRET: &str = "user:pass";

fn sum(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn guarded() -> (Server, TempDir) {
    served(&[])
}

fn served(more: &[&str]) -> (Server, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let tokens = data.path().join("tokens.yaml");
    let (all, reader) = (sum(SECRET), sum("reader"));
    let text = format!(
        "tokens:\n- {{name: all, sha256: {all}}}\n- {{name: reader, sha256: {reader}, verbs: [read], namespaces: [default]}}\n"
    );
    std::fs::write(&tokens, text).unwrap();
    let server = serve(
        &data.path().join("data"),
        0,
        &[&["--token-file", tokens.to_str().unwrap()], more].concat(),
    );
    (server, data)
}

fn event(number: u128) -> Value {
    json!({
        "id": uuid::Uuid::from_u128(number).to_string(), "occurred": ago(5), "event": "a.sent",
        "resource": { "prefect.resource.id": "access.1" },
    })
}

#[tokio::test]
async fn a_socket_takes_events_from_whoever_says_who_they_are_in_any_of_the_ways() {
    let (server, _data) = guarded();
    let basic = format!("Basic {}", STANDARD.encode(SECRET));
    let mut number = 0;
    for (begins, token, header) in [
        (true, Some(SECRET), None),
        (true, Some(SECRET), Some(basic.as_str())),
        (true, None, Some(basic.as_str())),
        (true, None, Some("bearer user:pass")),
        (false, None, Some("bearer user:pass")),
        (false, None, Some(basic.as_str())),
    ] {
        let headers: Vec<_> = header
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        let way = "/accounts/1/workspaces/2/events/in";
        let mut socket = Socket::open(&server.url, way, begins, &headers).await;
        if begins {
            socket.say(&json!({ "type": "auth", "token": token })).await;
            assert_eq!(socket.read().await, json!({ "type": "auth_success" }));
        }
        number += 1;
        socket.say(&event(number)).await;
        socket.closed().await;
    }
    let asked = http()
        .post(format!("{}{MOUNT}/events/filter", server.url))
        .header("authorization", &basic);
    let page: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(page["total"], 6);
}

#[tokio::test]
async fn whoever_is_not_known_is_told_so_on_the_socket_and_by_no_status_of_the_upgrade() {
    let (server, _data) = guarded();
    let missing = "Auth required but no token provided".to_owned();
    for path in ["/events/in", "/events/out"] {
        for (said, reason) in [
            (
                json!({ "type": "auth", "token": "wrong" }),
                "Invalid token".to_owned(),
            ),
            (json!({ "type": "auth", "token": "" }), missing.clone()),
            (json!({ "type": "auth", "token": null }), missing.clone()),
            (json!({ "type": "auth" }), missing.clone()),
            (event(1), "Expected 'auth' message".into()),
            (json!(["auth"]), "Expected 'auth' message".into()),
        ] {
            let mut socket = Socket::open(&server.url, path, true, &[]).await;
            socket.say(&said).await;
            assert_eq!(socket.goodbye().await, (1008, reason), "{said}");
        }
    }
    let mut old = Socket::open(
        &server.url,
        "/events/in",
        false,
        &[("authorization", "bearer no")],
    )
    .await;
    assert_eq!(old.goodbye().await.0, 1008);
    let mut reader = Socket::open(&server.url, "/events/in", true, &[]).await;
    reader
        .say(&json!({ "type": "auth", "token": "reader" }))
        .await;
    reader.read().await;
    assert_eq!(reader.goodbye().await.0, 1008, "who may only read");
}

#[tokio::test]
async fn over_http_whoever_is_not_known_gets_the_words_that_clients_look_for() {
    let (server, _data) = guarded();
    for (path, header) in [
        ("/admin/version", None),
        ("/csrf-token", Some("Basic wrong")),
        ("/events/filter/next?page-token=a", Some("Bearer wrong")),
    ] {
        let mut request = http().get(format!("{}{MOUNT}{path}", server.url));
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "exception_message": "Unauthorized" }));
    }
    for path in ["/health", "/ready"] {
        let answer = http()
            .get(format!("{}{MOUNT}{path}", server.url))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
    let denied = http()
        .post(format!("{}{MOUNT}/events", server.url))
        .bearer_auth("reader");
    let denied = denied
        .header("content-type", "application/json")
        .body(json!([event(9)]).to_string());
    assert_eq!(denied.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_socket_that_finds_no_room_is_let_in_and_waits() {
    let (server, _data) = served(&["--max-streams", "1"]);
    let filter = json!({ "type": "filter", "filter": { "occurred": {} }, "backfill": true });
    let mut first = Socket::greeted(&server.url, "/events/out", Some(SECRET)).await;
    first.say(&filter).await;
    first.ponged().await;
    let mut second = Socket::greeted(&server.url, "/events/out", Some(SECRET)).await;
    second.say(&filter).await;
    let waits = tokio::time::timeout(Duration::from_millis(500), second.ponged()).await;
    assert!(waits.is_err(), "nothing is read before there is room");
    let mut inward = Socket::greeted(&server.url, "/events/in", Some(SECRET)).await;
    inward.say(&event(77)).await;
    inward.ponged().await;
    first.closed().await;
    tokio::time::timeout(Duration::from_secs(20), second.read())
        .await
        .expect("there is room");
    let mut third = Socket::greeted(&server.url, "/events/out", Some(SECRET)).await;
    let late = third.goodbye().await;
    assert_eq!(late.0, 1013, "who waits too long is asked back");
}

#[tokio::test]
async fn sockets_are_closed_when_their_token_is_taken_back() {
    let (server, data) = guarded();
    let filter = json!({ "type": "filter", "filter": { "occurred": {} }, "backfill": true });
    let mut out = Socket::greeted(&server.url, "/events/out", Some(SECRET)).await;
    out.say(&filter).await;
    let mut inward = Socket::greeted(&server.url, "/events/in", Some(SECRET)).await;
    inward.say(&event(78)).await;
    inward.ponged().await;
    let begin = Instant::now();
    let reader = sum("reader");
    let text = format!("tokens:\n- {{name: reader, sha256: {reader}}}\n");
    std::fs::write(data.path().join("tokens.yaml"), text).unwrap();
    assert_eq!(inward.goodbye().await.0, 1008);
    // The event comes first.
    out.read().await;
    assert_eq!(out.goodbye().await.0, 1008);
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
}
