//! Deleting a collection: what came by this dialect, and nothing else; and who may.

use std::time::Duration;

use dagtrail::server::{Access, Tokens};
use serde_json::{Value, json};

use super::{EVENTS, answer, create, delete, event, items, post};
use crate::inside::{Server, read};

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

/// SHA-256 of `all`, `team` and `reader`.
const TOKENS: &str = "
tokens:
- name: all
  sha256: 5ef5ef0364b6939c4ca61f34b393f7b368d1be8619647aaf83d5b395919ab629
- name: team
  sha256: ca8b22d0db83a22db163b560b3e4e51527e533d31d067b614a0c33c4d2df8432
  namespaces: [team]
- name: reader
  sha256: 3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30
  verbs: [read]
";

#[tokio::test]
async fn credentials_decide_what_is_seen_told_and_deleted() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, TOKENS).unwrap();
    let server = Server::guarded(Access::by_tokens(Tokens::read(file.path()).unwrap())).await;
    let one = json!([event(&json!({}))]);
    for (who, status) in [
        ("all", 201),
        ("team", 201),
        ("reader", 403),
        ("nobody", 401),
    ] {
        let request = post(&server, EVENTS, &one).bearer_auth(who);
        let (found, body) = read(request.send().await.unwrap()).await;
        assert_eq!(found, status, "{body}");
        assert!(status == 201 || body["statusCode"] == status, "{body}");
    }
    let total = async |who: &str| {
        let request = post(&server, super::QUERY, &json!({})).bearer_auth(who);
        answer(request, 200).await["total"].clone()
    };
    assert_eq!(
        (total("all").await, total("team").await),
        (json!(2), json!(1))
    );
    let unguarded = post(&server, super::QUERY, &json!({}))
        .send()
        .await
        .unwrap();
    assert!(unguarded.headers().contains_key("www-authenticate"));
    assert_eq!(
        read(unguarded).await,
        (401, json!({"statusCode": 401, "message": "Unauthorized"}))
    );
    let refused = answer(delete(&server, "c").bearer_auth("reader"), 403).await;
    assert_eq!(refused["error"], "Forbidden");
    assert_eq!(
        answer(delete(&server, "c").bearer_auth("team"), 200).await["deleted"],
        1
    );
    assert_eq!(
        total("all").await,
        1,
        "that of the other namespace is there"
    );
}
