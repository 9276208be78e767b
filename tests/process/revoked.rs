//! A token that is taken back while streams are open.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::json;

use super::server::{Server, dagtrail};

/// SHA-256 of `rachel` and `all`, as `sha256sum` prints them.
const RACHEL: &str = "972964b66bdfe6b5b181c5112a6a0470204f64661ee7e3efb9aab0ce3cc403ff";
const ALL: &str = "5ef5ef0364b6939c4ca61f34b393f7b368d1be8619647aaf83d5b395919ab629";
/// They are looked at every fifteen seconds, and the file every two.
const WITHIN: Duration = Duration::from_secs(30);

fn write(path: &Path, tokens: &[(&str, &str, &str)]) {
    let entry = |(name, sum, more): &(&str, &str, &str)| {
        format!("- {{name: {name}, sha256: {sum}{more}}}\n")
    };
    let text: String = tokens.iter().map(entry).collect();
    // As Kubernetes does with what it mounts: put in place whole.
    let beside = path.with_extension("new");
    fs::write(&beside, format!("tokens:\n{text}")).unwrap();
    fs::rename(beside, path).unwrap();
}

fn serve(tokens: &Path) -> Server {
    Server::spawn(dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
        "--token-file",
        tokens.to_str().unwrap(),
    ]))
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn stream(server: &Server, path: &str, token: &str) -> reqwest::Response {
    let asked = client()
        .get(format!("{}{path}", server.url))
        .bearer_auth(token);
    let answer = asked
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer
}

/// How long it goes on, and whether it broke off.
async fn ended(answer: reqwest::Response) -> (Duration, bool) {
    let begin = Instant::now();
    let mut parts = answer.bytes_stream();
    loop {
        match tokio::time::timeout(WITHIN + WITHIN, parts.next()).await {
            Err(_) => panic!("it goes on"),
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(_))) => return (begin.elapsed(), true),
            Ok(None) => return (begin.elapsed(), false),
        }
    }
}

#[tokio::test]
async fn open_streams_end_when_their_token_is_taken_back_and_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let tokens: PathBuf = folder.path().join("tokens.yaml");
    write(&tokens, &[("rachel", RACHEL, ""), ("all", ALL, "")]);
    let server = serve(&tokens);
    let post = |path: &str, body: serde_json::Value| {
        let asked = client()
            .post(format!("{}{path}", server.url))
            .bearer_auth("all");
        let asked = asked
            .header("content-type", "application/json")
            .body(body.to_string());
        async move { asked.send().await.unwrap().status().as_u16() }
    };
    let lab = "/nublado/spawner/v1/labs/rachel";
    let event = json!({"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"});
    assert_eq!(post("/v1/executions/run/events", event).await, 200);
    assert!(post(&format!("{lab}/operations"), json!({"kind": "spawn"})).await < 300);

    let native = stream(&server, "/v1/executions/run/events", "rachel").await;
    let progress = stream(&server, &format!("{lab}/events"), "rachel").await;
    let mut stays = stream(&server, "/v1/executions/run/events", "all")
        .await
        .bytes_stream();
    // A file that cannot be used takes nothing back.
    fs::write(&tokens, "tokens: [").unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let known = client()
        .get(format!("{}/v1/executions", server.url))
        .bearer_auth("rachel");
    assert_eq!(known.send().await.unwrap().status(), 200);

    // One is only moved to another namespace: what was allowed no longer is.
    write(
        &tokens,
        &[
            ("rachel", RACHEL, ", namespaces: [elsewhere]"),
            ("all", ALL, ""),
        ],
    );
    let (native, progress) = tokio::join!(ended(native), ended(progress));
    assert!(
        native.0 < WITHIN && progress.0 < WITHIN,
        "{native:?} {progress:?}"
    );
    assert!(progress.1, "an end would say that the lab is there");
    let again = client()
        .get(format!("{}/v1/executions/run/events", server.url))
        .bearer_auth("rachel");
    assert_eq!(again.send().await.unwrap().status(), 404);

    let event = json!({"reason": "Pulled", "firstTimestamp": "2030-01-01T00:00:01Z"});
    assert_eq!(post("/v1/executions/run/events", event).await, 200);
    let news = async {
        while let Some(part) = stays.next().await {
            if String::from_utf8_lossy(&part.unwrap()).contains("Pulled") {
                return true;
            }
        }
        false
    };
    let news = tokio::time::timeout(Duration::from_secs(20), news).await;
    assert_eq!(news, Ok(true), "the other stream goes on");
}
