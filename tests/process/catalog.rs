//! Reasons of operators, out of a folder: used as soon as they are there, also in histories that were answered before.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::server::{Server, dagtrail, output};

const PATIENCE: Duration = Duration::from_secs(60);

fn write(folder: &Path, zh: &str, en: &str) {
    fs::write(folder.join("zh.ftl"), zh).unwrap();
    fs::write(folder.join("en.ftl"), en).unwrap();
}

fn serve(folder: &Path) -> Server {
    Server::spawn(dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
        "--catalog-dir",
        folder.to_str().unwrap(),
    ]))
}

/// The reason of the one row, and the tag of the answer. `None`: nothing has changed.
async fn reason(server: &Server, known: Option<&str>) -> Option<(String, String)> {
    let mut asked = reqwest::Client::new().get(server.events("run"));
    if let Some(tag) = known {
        asked = asked.header("if-none-match", tag);
    }
    let answer = asked.send().await.unwrap();
    if answer.status() == 304 {
        return None;
    }
    assert_eq!(answer.status(), 200);
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let rows: Value = answer.json().await.unwrap();
    Some((rows[0]["reason"].as_str().unwrap().to_owned(), tag))
}

/// Asks until the reason is this.
async fn until(server: &Server, wanted: &str) -> String {
    let begin = Instant::now();
    loop {
        let (found, tag) = reason(server, None).await.unwrap();
        if found == wanted {
            return tag;
        }
        assert!(begin.elapsed() < PATIENCE, "{found} and not {wanted}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn gauge(server: &Server, name: &str) -> String {
    let metrics = reqwest::get(format!("{}/metrics", server.url))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    let mut lines = metrics.lines();
    lines
        .find_map(|line| line.strip_prefix(name))
        .unwrap()
        .trim()
        .to_owned()
}

#[tokio::test]
async fn words_change_without_a_restart_in_histories_that_were_answered_before() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "", "");
    let server = serve(folder.path());
    let event = r#"{"reason": "FluxLow", "message": "Flux is 3 W", "firstTimestamp": "2030-01-01T00:00:00Z"}"#;
    let told = reqwest::Client::new()
        .post(server.events("run"))
        .header("content-type", "application/json")
        .body(event);
    assert_eq!(told.send().await.unwrap().status(), 200);
    // The second time is kept, the third is what was kept.
    for _ in 0..3 {
        assert_eq!(reason(&server, None).await.unwrap().0, "FluxLow##FluxLow");
    }
    let (_, before) = reason(&server, None).await.unwrap();
    assert!(
        reason(&server, Some(&before)).await.is_none(),
        "nothing has changed"
    );

    // The good one of two is taken.
    write(
        folder.path(),
        "reason-FluxLow = 通量低\nreason-BackOff = 坏\n",
        "reason-FluxLow = FluxLow\nreason-BackOff = BackOff\n",
    );
    let tag = until(&server, "通量低##FluxLow").await;
    assert_ne!(tag, before);
    for _ in 0..3 {
        let (found, _) = reason(&server, Some(&before))
            .await
            .expect("the words are others");
        assert_eq!(found, "通量低##FluxLow");
    }
    assert_eq!(gauge(&server, "dagtrail_catalog_entries ").await, "1");
    assert_eq!(
        gauge(&server, "dagtrail_catalog_refused_entries ").await,
        "1"
    );

    write(
        folder.path(),
        "reason-FluxLow = 通量不足\n",
        "reason-FluxLow = FluxLow\n",
    );
    until(&server, "通量不足##FluxLow").await;
    assert!(reason(&server, Some(&tag)).await.is_some());
    write(folder.path(), "", "");
    let tag = until(&server, "FluxLow##FluxLow").await;
    assert_eq!(tag, before, "what is as it was has the tag that it had");
}

#[test]
fn a_folder_that_is_not_there_is_named_before_anything_is_served() {
    let (well, _, said) = output(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
        "--catalog-dir",
        "/nowhere/catalog",
    ]);
    assert!(!well && said.contains("/nowhere/catalog"), "{said}");
    let (well, _, said) = output(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
        "--catalog-namespaces",
        "team",
    ]);
    assert!(!well && said.contains("--catalog-namespaces"), "{said}");
}
