//! Limits on how much one user asks, and all of them together: each is hit, and each has somebody who stays below.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::server::{Server, dagtrail};

fn serve(folder: &Path, users: &[&str], more: &[&str]) -> Server {
    let tokens = folder.join("tokens.yaml");
    let entry = |user: &&str| {
        let sum = Sha256::digest(user);
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("- {{name: {user}, sha256: {sum}}}\n")
    };
    let text: String = users.iter().map(entry).collect();
    fs::write(&tokens, format!("tokens:\n{text}")).unwrap();
    let path = tokens.to_str().unwrap().to_owned();
    let mut args = vec![
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
    ];
    if !users.is_empty() {
        args.extend(["--token-file", &path]);
    }
    Server::spawn(dagtrail(&[&args[..], more].concat()))
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Asks, and reads status, Retry-After and body.
async fn ask(
    server: &Server,
    method: &str,
    path: &str,
    user: &str,
    body: &str,
) -> (u16, Option<u64>, Value) {
    let url = format!("{}{path}", server.url);
    let asked = client()
        .request(method.parse().unwrap(), url)
        .bearer_auth(user);
    let asked = asked
        .header("content-type", "application/json")
        .body(body.to_owned());
    let answer = asked.send().await.unwrap();
    let status = answer.status().as_u16();
    let after = answer.headers().get("retry-after");
    let after = after.map(|value| value.to_str().unwrap().parse().unwrap());
    let text = answer.text().await.unwrap();
    (
        status,
        after,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

const EVENT: &str = r#"{"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"}"#;

/// A route of each dialect, and where its errors have their sentence.
const ROUTES: [(&str, &str, &str, &str); 5] = [
    ("POST", "/v1/executions/run/events", EVENT, "/error_msg"),
    (
        "POST",
        "/v1b3/projects/p/WorkerMessages",
        "{}",
        "/error/message",
    ),
    ("POST", "/genomcore/api/v1/events", "[]", "/message"),
    (
        "POST",
        "/nublado/spawner/v1/labs/u/operations",
        r#"{"kind": "spawn"}"#,
        "/detail",
    ),
    ("POST", "/prefect/api/events", "[]", "/detail"),
];

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again_in_the_words_of_each_dialect() {
    let folder = tempfile::tempdir().unwrap();
    let users = ["u0", "u1", "u2", "u3", "u4", "calm"];
    let server = serve(folder.path(), &users, &["--writes-per-second", "1"]);
    for (user, (method, path, body, sentence)) in users.iter().zip(ROUTES) {
        let mut limited = None;
        // Five at once are one user's; the sixth comes within the second, unless the machine stands still.
        for number in 0..40 {
            let answer = ask(&server, method, path, user, body).await;
            if answer.0 == 429 {
                limited = Some((number, answer));
                break;
            }
            assert!(answer.0 < 429, "{path}: {answer:?}");
        }
        let (number, (_, after, body)) = limited.expect("the limit is hit");
        assert!(number >= 5, "{path}: after {number}");
        assert_eq!(after, Some(1), "{path}");
        let told = body.pointer(sentence).unwrap_or(&body).to_string();
        assert!(
            told.contains("too many requests a second"),
            "{path}: {body}"
        );
        let read = ask(&server, "GET", "/v1/executions", user, "").await;
        assert_eq!(read.0, 200, "reads are counted by themselves");
        let calm = ask(&server, "POST", "/v1/executions/run/events", "calm", EVENT).await;
        assert!(
            user == &"u4" || calm.0 == 200,
            "who stays below is not touched: {calm:?}"
        );
    }
}

#[tokio::test]
async fn reads_have_a_limit_of_their_own_and_zero_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(
        folder.path(),
        &["u"],
        &["--reads-per-second", "1", "--writes-per-second", "0"],
    );
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(ask(&server, "GET", "/v1/executions", "u", "").await.0);
    }
    assert_eq!(answers[..3], [200; 3]);
    assert!(answers.contains(&429), "{answers:?}");
    for _ in 0..130 {
        assert_eq!(
            ask(&server, "POST", "/v1/executions/run/events", "u", EVENT)
                .await
                .0,
            200
        );
    }
    let metrics = client()
        .get(format!("{}/metrics", server.url))
        .send()
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains(r#"dagtrail_limited_requests_total{of="rate"}"#),
        "{metrics}"
    );
    assert!(metrics.contains("dagtrail_connections "), "{metrics}");
}

#[tokio::test]
async fn on_this_machine_where_nobody_is_asked_nobody_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[], &[]);
    for _ in 0..200 {
        let told = client()
            .post(server.events("run"))
            .header("content-type", "application/json");
        assert_eq!(told.body(EVENT).send().await.unwrap().status(), 200);
    }
}

async fn stream(server: &Server, user: &str) -> reqwest::Response {
    let asked = client().get(server.events("run")).bearer_auth(user);
    asked
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn streams_are_bounded_of_each_user_and_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let limits = ["--max-streams", "3", "--max-streams-per-user", "2"];
    let server = serve(folder.path(), &["a", "b", "c"], &limits);
    let told = ask(&server, "POST", "/v1/executions/run/events", "a", EVENT).await;
    assert_eq!(told.0, 200, "{told:?}");
    let mut open = vec![stream(&server, "a").await, stream(&server, "a").await];
    assert!(open.iter().all(|answer| answer.status() == 200));
    let third = stream(&server, "a").await;
    assert_eq!(third.status(), 429);
    assert_eq!(third.headers()["retry-after"], "10");
    let body: Value = third.json().await.unwrap();
    assert!(
        body["error_msg"].as_str().unwrap().contains("streams"),
        "{body}"
    );
    open.push(stream(&server, "b").await);
    assert_eq!(open[2].status(), 200);
    let fourth = stream(&server, "c").await;
    assert_eq!(fourth.status(), 503);
    assert_eq!(fourth.headers()["retry-after"], "10");
    let read = ask(&server, "GET", "/v1/executions/run/events", "c", "").await;
    assert_eq!(read.0, 200, "without a stream it is read");
    open.clear();
    let again = async {
        while stream(&server, "c").await.status() != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let again = tokio::time::timeout(std::time::Duration::from_secs(20), again).await;
    assert!(again.is_ok(), "room comes back");
}
