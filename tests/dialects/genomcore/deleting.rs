//! Deleting a collection: what came by this dialect, and nothing else.

use std::time::Duration;

use serde_json::{Value, json};

use super::{EVENTS, answer, create, delete, event, items, post};
use crate::inside::Server;

async fn names(server: &Server, id: &str) -> Vec<String> {
    let rows = server.json(&format!("/v1/executions/{id}/events")).await;
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["message"].to_string()).collect()
}

#[tokio::test]
async fn rows_of_others_survive_and_what_is_sent_again_comes_back_also_after_a_restart() {
    let server = Server::start().await;
    let native = json!({"reason": "ActionStart", "message": "native", "lastTimestamp": "2024-04-01T00:00:00Z"});
    server.tell("shared", &native).await;
    let sent: Vec<Value> = (0..3)
        .map(|n| event(&json!({"collection": "shared", "value": n.to_string()})))
        .collect();
    let first = create(&server, &sent).await;
    create(&server, &[event(&json!({"collection": "other"}))]).await;
    assert_eq!(names(&server, "shared").await.len(), 4);
    assert_eq!(
        answer(delete(&server, "shared"), 200).await,
        json!({"deleted": 3})
    );
    let server = server.restart().await;
    let left = names(&server, "shared").await;
    assert!(left.len() == 1 && left[0].contains("native"), "{left:?}");
    assert_eq!(
        items(&server, json!({"filter": {"collection": "other"}}))
            .await
            .len(),
        1
    );
    let again = create(&server, &sent).await;
    assert_eq!(again, first, "the same ids, and all of them are new");
    let server = server.restart().await;
    assert_eq!(names(&server, "shared").await.len(), 4);
    assert_eq!(
        answer(delete(&server, "nobody"), 200).await,
        json!({"deleted": 0})
    );
    server.stop().await;
}

#[tokio::test]
async fn an_alias_is_another_collection_when_it_is_deleted() {
    let server = Server::in_memory().await;
    create(&server, &[event(&json!({"collection": "one"}))]).await;
    create(&server, &[event(&json!({"collection": "two"}))]).await;
    let url = format!("{}/v1/executions/one/aliases/two", server.base);
    assert!(
        server
            .client
            .put(url)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    for name in ["one", "two"] {
        let found = items(&server, json!({"filter": {"collection": name}})).await;
        assert_eq!(found.len(), 2, "both are one history");
    }
    assert_eq!(
        answer(delete(&server, "two"), 200).await,
        json!({"deleted": 1})
    );
    let left = items(&server, json!({"filter": {"collection": {"$in": ["two"]}}})).await;
    assert_eq!((left.len(), &left[0]["collection"]), (1, &json!("one")));
}

#[tokio::test]
async fn who_follows_begins_anew_when_rows_were_deleted() {
    let server = Server::in_memory().await;
    create(&server, &[event(&json!({"value": "before"}))]).await;
    let stream = server.get("/v1/executions/c/events");
    let mut stream = stream
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    let mut text = String::new();
    let mut deleted = false;
    while !text.contains("after") {
        let chunk = tokio::time::timeout(Duration::from_secs(20), stream.chunk()).await;
        text += std::str::from_utf8(&chunk.unwrap().unwrap().unwrap()).unwrap();
        if text.contains("before") && !deleted {
            deleted = true;
            answer(delete(&server, "c"), 200).await;
            create(&server, &[event(&json!({"value": "after"}))]).await;
        }
    }
    let (_, rest) = text.split_once("before").unwrap();
    assert!(rest.contains("event: gap"), "{text}");
    assert_eq!(
        text.matches("before").count(),
        2,
        "the row, in both languages, once: {text}"
    );
    server.stop().await;
}

#[tokio::test]
async fn what_was_deleted_as_an_execution_is_told_apart_and_not_kept() {
    let server = Server::in_memory().await;
    let old = event(&json!({"collection": "gone"}));
    create(&server, std::slice::from_ref(&old)).await;
    let url = format!("{}/v1/executions/gone", server.base);
    assert!(
        server
            .client
            .delete(url)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let refused = answer(post(&server, EVENTS, &json!([old])), 409).await;
    assert_eq!(
        (&refused["statusCode"], &refused["error"]),
        (&json!(409), &json!("Conflict"))
    );
    let later = event(&json!({"collection": "gone", "start": "2030-01-02"}));
    let partly = create(&server, &[old, later]).await;
    assert_eq!(
        (&partly["created"], &partly["dropped"]),
        (&json!(1), &json!(1))
    );
    assert!(partly["ids"][0].is_null() && partly["ids"][1].is_string());
}
