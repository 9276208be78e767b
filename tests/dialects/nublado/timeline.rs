//! An operation is an execution: seen by the native dialect, and told of by it.

use serde_json::{Value, json};

use super::{Lab, block, streams};
use crate::inside::Server;

#[tokio::test]
async fn an_operation_is_an_execution_with_words_in_two_languages() {
    let server = Server::start().await;
    let lab = Lab::of(&server.base, "rachel");
    let spawn = lab.open("spawn").await;
    lab.tell("info", "Starting lab creation for rachel", Some(1))
        .await;
    let phase = async |id: &str| {
        let found = server.json(&format!("/v1/executions/{id}")).await;
        (found["execution"]["status"].clone(), found)
    };
    let (running, found) = phase(&spawn).await;
    assert_eq!(found["object"]["metadata"]["name"], "rachel");
    assert_eq!(running, "Running");
    lab.tell("complete", "Lab Kubernetes pod started for rachel", None)
        .await;
    let (succeeded, _) = phase(&spawn).await;
    assert_eq!(succeeded, "Succeeded");
    let delete = lab.open("delete").await;
    lab.tell("error", "no answer", None).await;
    lab.tell("failed", "Lab delete failed", None).await;
    let listed = server.json("/v1/executions?name=rachel").await;
    assert_eq!(listed["total_num"], 2, "{listed}");
    let failed = server.json("/v1/executions?status=Failed").await;
    assert_eq!(failed["total_num"], 1, "{failed}");
    let newest = server.json("/v1/executions/default/lab/rachel").await;
    assert_eq!(newest, phase(&delete).await.1);
    let rows = server.json(&format!("/v1/executions/{spawn}/events")).await;
    let words = |row: &Value| format!("{} {}", row["reason"], row["message"]).replace('"', "");
    let words: Vec<_> = rows.as_array().unwrap().iter().map(words).collect();
    assert_eq!(
        words,
        [
            "启动##ActionStart 元素(rachel)开始执行(spawn)流程. ## Element(rachel) start to Action(spawn).",
            "进度##Progress 开始为rachel创建实验室 ## Starting lab creation for rachel",
            "执行成功##SuccessfulFinish 已为rachel启动实验室的Kubernetes Pod ## Lab Kubernetes pod started for rachel",
        ]
    );
    let rows = server
        .json(&format!("/v1/executions/{delete}/events"))
        .await;
    let of = |row: &Value| (row["type"].clone(), row["reason"].clone());
    let of: Vec<_> = rows.as_array().unwrap().iter().map(of).collect();
    let warning = |reason: &str| (json!("Warning"), json!(reason));
    assert_eq!(
        of[1..],
        [
            warning("流程出错##OperationError"),
            warning("执行失败##FailedFinish")
        ]
    );
}

#[tokio::test]
async fn what_others_tell_of_an_operation_is_heard_with_its_message() {
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    let spawn = lab.open("spawn").await;
    lab.tell("info", "one", Some(1)).await;
    let row = |of, reason, message| {
        json!({"reason": reason, "message": message, "type": of, "elemId": "pod",
               "actionName": "run", "firstTimestamp": "2020-01-01T00:00:00Z"})
    };
    server
        .tell(&spawn, &row("Normal", "Pulled", "image \u{2028} pulled"))
        .await;
    server
        .tell(&spawn, &row("Warning", "BackOff", "back-off"))
        .await;
    // Said again, it is heard once; without a message the catalogue's is heard, and it ends nothing.
    let mut again = row("Warning", "BackOff", "back-off");
    again["firstTimestamp"] = json!("2020-01-01T00:00:09Z");
    server.tell(&spawn, &again).await;
    server
        .tell(&spawn, &row("Normal", "SuccessfulFinish", ""))
        .await;
    lab.tell("complete", "two", None).await;
    server
        .tell(&spawn, &row("Normal", "Pulled", "too late"))
        .await;
    let text = lab.text().await;
    let blocks: Vec<_> = text.split_inclusive("\r\n\r\n").collect();
    assert_eq!(
        blocks,
        [
            block("info", r#"{"message": "one", "progress": 1}"#),
            block("info", r#"{"message": "image \u2028 pulled"}"#),
            block("error", r#"{"message": "back-off"}"#),
            block(
                "info",
                r#"{"message": "Element(pod) execute Action: run successfully"}"#
            ),
            block("complete", r#"{"message": "two"}"#),
        ]
    );
}

#[tokio::test]
async fn an_operation_that_is_deleted_leaves_the_one_before_it() {
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    lab.tell("complete", "first", None).await;
    let second = lab.open("spawn").await;
    let heard = tokio::join!(lab.text(), async {
        streams(&server, 1).await;
        let url = format!("{}/v1/executions/{second}", server.base);
        assert_eq!(
            server.client.delete(url).send().await.unwrap().status(),
            204
        );
    });
    assert_eq!(heard.0, "");
    assert_eq!(
        lab.text().await,
        block("complete", r#"{"message": "first"}"#)
    );
}

#[tokio::test]
async fn what_an_alias_unites_with_an_operation_is_heard_and_does_not_end_it() {
    let server = Server::in_memory().await;
    let rachel = Lab::of(&server.base, "rachel");
    let other = Lab::of(&server.base, "other");
    let spawn = rachel.open("spawn").await;
    let united = other.open("spawn").await;
    let url = format!("{}/v1/executions/{spawn}/aliases/{united}", server.base);
    assert_eq!(server.client.put(url).send().await.unwrap().status(), 204);
    other.tell("complete", "theirs", None).await;
    rachel.tell("complete", "ours", None).await;
    let text = rachel.text().await;
    assert!(
        text.contains(&block("info", r#"{"message": "theirs"}"#)),
        "{text}"
    );
    assert!(
        text.ends_with(&block("complete", r#"{"message": "ours"}"#)),
        "{text}"
    );
}
