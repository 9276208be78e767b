//! A restart, also without a goodbye, loses neither an operation nor whether it has ended.

use serde_json::json;

use super::{Lab, block};
use crate::server::Server;

#[tokio::test]
async fn an_operation_goes_on_after_the_process_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let lab = Lab::of(&server.url, "rachel");
    lab.open("delete").await;
    lab.tell("info", "gone", Some(100)).await;
    lab.open("spawn").await;
    assert_eq!(lab.tell("info", "one", Some(1)).await, 1);
    server.kill();

    let server = Server::start(folder.path());
    let lab = Lab::of(&server.url, "rachel");
    assert_eq!(lab.tell("info", "two", Some(2)).await, 2);
    server.kill();

    let server = Server::start(folder.path());
    let lab = Lab::of(&server.url, "rachel");
    assert_eq!(lab.tell("failed", "three", None).await, 3);
    let told = [
        block("info", r#"{"message": "one", "progress": 1}"#),
        block("info", r#"{"message": "two", "progress": 2}"#),
        block("failed", r#"{"message": "three"}"#),
    ];
    assert_eq!(lab.bytes().await, told.concat().into_bytes());
    assert!(server.terminate());

    let server = Server::start(folder.path());
    let lab = Lab::of(&server.url, "rachel");
    assert_eq!(lab.bytes().await, told.concat().into_bytes());
    let (status, body) = lab
        .post("events", &json!({"type": "info", "message": "m"}))
        .await;
    assert_eq!(status, 409, "it has ended before the restart: {body}");
    assert_eq!(body["detail"][0]["type"], "no_operation");
    server.kill();
}

#[tokio::test]
async fn what_was_acknowledged_is_there_once_however_often_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    let mut server = Server::start(folder.path());
    Lab::of(&server.url, "rachel").open("spawn").await;
    for round in 0..6 {
        let url = server.url.clone();
        let lab = Lab::of(&url, "rachel");
        let telling = async {
            let mut told = Vec::new();
            for number in 0.. {
                let message = format!("{round}-{number}");
                let event = json!({"type": "info", "message": message});
                let post = lab.client.post(lab.path("events")).json(&event);
                match post.send().await {
                    Ok(answer) if answer.status() == 201 => told.push(message),
                    Ok(answer) => panic!("{}", answer.status()),
                    Err(_) => return told,
                }
            }
            told
        };
        let killing = async {
            tokio::time::sleep(std::time::Duration::from_millis(150)).await;
            server.kill();
        };
        let (told, ()) = tokio::join!(telling, killing);
        acknowledged.extend(told);
        server = Server::start(folder.path());
    }
    let lab = Lab::of(&server.url, "rachel");
    lab.tell("complete", "c", None).await;
    let text = lab.text().await;
    let told: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("data: "))
        .collect();
    let mut once = told.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), told.len(), "an event is told twice");
    let places = acknowledged.iter().map(|message| {
        let data = format!("data: {{\"message\": \"{message}\"}}");
        told.iter().position(|line| *line == data).expect(message)
    });
    assert!(places.is_sorted_by(|a, b| a < b), "out of order");
    assert!(
        acknowledged.len() > 20,
        "only {} were told",
        acknowledged.len()
    );
    server.kill();
}
