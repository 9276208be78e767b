//! What others have told is seen in this dialect's shape, and what this one tells is seen by others.

use serde_json::json;

use super::{create, event, items};
use crate::inside::Server;

#[tokio::test]
async fn rows_of_the_native_dialect_are_events_of_the_documented_mapping() {
    let server = Server::in_memory().await;
    let native = json!({
        "reason": "重启退避##BackOff", "message": "一 ## one", "count": 7, "type": "Warning",
        "firstTimestamp": "2024-04-01T00:00:00Z", "lastTimestamp": "2024-04-02T00:00:00Z",
        "elemId": "job-a", "elemType": "KubeDAG.job", "actionName": "run",
    });
    server.tell("run-1", &native).await;
    let found = items(&server, json!({"filter": {"collection": "run-1"}})).await;
    let mut found = found[0].clone();
    let id = found.as_object_mut().unwrap().remove("id").unwrap();
    assert_eq!(
        found,
        json!({
            "owner": "default", "collection": "run-1", "start": "2024-04-01T00:00:00.000Z",
            "end": "2024-04-02T00:00:00.000Z", "value": "一 ## one", "type": "BackOff", "source": "",
            "externalId": "job-a", "count": 7,
        })
    );
    server.tell("run-1", &json!({"reason": "SuccessfulFinish", "lastTimestamp": "2024-04-03T00:00:00Z", "elemId": "job-a", "actionName": "run"})).await;
    let found = items(&server, json!({"filter": {"id": id}})).await;
    assert_eq!(found.len(), 1, "an id stays");
    let made = items(&server, json!({"filter": {"type": "SuccessfulFinish"}})).await;
    assert!(
        made[0]["value"].as_str().unwrap().contains(" ## "),
        "{made:?}"
    );
    assert!(made[0].get("count").is_none());
}

#[tokio::test]
async fn events_of_this_dialect_stand_on_the_native_timeline() {
    let server = Server::in_memory().await;
    create(
        &server,
        &[
            event(&json!({"type": "ActionStart", "externalId": "", "value": "begins"})),
            event(&json!({"type": "", "externalId": "x-1", "start": "2024-04-02", "end": "2024-04-03"})),
        ],
    )
    .await;
    let rows = server.json("/v1/executions/c/events").await;
    assert_eq!(rows[0]["reason"], "启动##ActionStart");
    assert_eq!(rows[0]["message"], "begins ## begins");
    assert_eq!(rows[1]["reason"], "事件##GenomcoreEvent");
    assert_eq!(
        (&rows[1]["elemId"], &rows[1]["elemType"]),
        (&json!("x-1"), &json!("Genomcore.event"))
    );
    assert_eq!(rows[1]["lastTimestamp"], "2024-04-03T00:00:00Z");
    let full = server.json("/v1/executions/c/events?view=full").await;
    assert_eq!(
        (&full[0]["reporter"], &full[0]["labels"]),
        (&json!("s"), &json!({"owner": "user"}))
    );
    // A row without an element is about the execution itself.
    let execution = server.json("/v1/executions/c").await;
    assert!(execution.to_string().contains("unning"), "{execution}");
}
