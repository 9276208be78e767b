//! For who runs the server, and what every answer carries.

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::seed::sample;
use super::server::{Server, read, refused};

#[tokio::test]
async fn it_is_alive_at_once_and_ready_when_nothing_holds_it_back() {
    let server = Server::start().await;
    server
        .health
        .hold("sources", "the first list is not finished");
    assert_eq!(server.get("/livez").send().await.unwrap().status(), 200);
    let told = refused(
        &read(server.get("/readyz").send().await.unwrap()).await,
        503,
    );
    assert_eq!(told, "not ready: sources: the first list is not finished");
    server.health.release("sources");
    assert_eq!(
        server
            .get("/readyz")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "ok"
    );
}

#[tokio::test]
async fn metrics_are_open_metrics_and_count_what_was_done() {
    let server = Server::start().await;
    server.tell("a", &sample()).await;
    server.json("/v1/executions/a/events").await;
    server.get("/nothing").send().await.unwrap();
    let answer = server.get("/metrics").send().await.unwrap();
    let kind = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        kind,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = answer.text().await.unwrap();
    for line in [
        "dagtrail_observations_total{of=\"created\"} 3",
        "dagtrail_answers_total{of=\"2xx\"} 2",
        "dagtrail_answers_total{of=\"4xx\"} 1",
        "dagtrail_streams 0",
        "dagtrail_unresolved_events 0",
        "dagtrail_events_lost_total{cause=\"unresolved\"} 0",
        "dagtrail_events_lost_total{cause=\"unreadable\"} 0",
        "dagtrail_events_lost_total{cause=\"refused\"} 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

/// Numbers of executions and elements are for the history to tell: a label of theirs would fill who scrapes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_executions_have_no_more_series_than_ten() {
    let server = Server::in_memory().await;
    let told = async |numbers: std::ops::Range<u32>| {
        let tell = |number: u32| {
            let event = json!({"reason": "BackOff", "message": "again", "type": "Warning", "count": 1,
                "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z",
                "involvedObject": {"name": format!("pod-{number}"), "namespace": format!("team-{number}")}});
            let request = server.post(&format!("run-{number}"), event.to_string());
            async move { assert_eq!(request.send().await.unwrap().status(), 200) }
        };
        let all = stream::iter(numbers.map(tell)).buffer_unordered(64);
        all.collect::<Vec<()>>().await;
        let answer = server.get("/metrics").send().await.unwrap();
        answer.text().await.unwrap()
    };
    let series = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
            .collect()
    };
    let few = told(0..10).await;
    let many = told(10..10_000).await;
    assert!(many.contains("dagtrail_observations_total{of=\"created\"} 10000\n"));
    assert_eq!(series(&many), series(&few));
    for name in ["run-", "pod-", "team-"] {
        assert!(!many.contains(name), "{name}");
    }
}

#[tokio::test]
async fn the_description_is_served_as_it_stands_in_the_code() {
    let server = Server::start().await;
    let served = server.json("/openapi.json").await;
    let own: Value = serde_json::from_str(&dagtrail::api::openapi().to_json().unwrap()).unwrap();
    assert_eq!(served, own);
}

#[tokio::test]
async fn every_answer_carries_an_id_and_says_how_it_may_be_kept() {
    let server = Server::start().await;
    server.tell("a", &json!([])).await;
    for path in [
        "/v1/executions/a/events",
        "/v1/executions/b/events",
        "/nothing",
        "/livez",
        "/metrics",
    ] {
        let answer = server.get(path).send().await.unwrap();
        let headers = answer.headers();
        assert!(!headers["x-request-id"].is_empty(), "{path}");
        assert_eq!(headers["cache-control"], "private, no-cache", "{path}");
        assert_eq!(headers["vary"], "Accept", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
    let own = server
        .get("/livez")
        .header("x-request-id", "mine-1")
        .send()
        .await
        .unwrap();
    assert_eq!(own.headers()["x-request-id"], "mine-1");
    let posted = server.post("a", "[]").send().await.unwrap();
    assert!(posted.headers().get("cache-control").is_none());
    let refused = server
        .client
        .put(format!("{}/livez", server.base))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 405);
    assert!(!refused.headers()["x-request-id"].is_empty());
}
