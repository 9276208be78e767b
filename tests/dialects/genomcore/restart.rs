//! What was acknowledged is there after the process was killed, and a chunk that is sent again adds nothing.

use reqwest::Client;
use serde_json::{Value, json};

use super::{EVENTS, QUERY, event};
use crate::server::Server;

async fn ask(server: &Server, path: &str, body: &Value) -> Value {
    let client = Client::builder().no_proxy().build().unwrap();
    let answer = client.post(format!("{}{path}", server.url)).json(body);
    answer.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_chunk_that_is_sent_again_to_another_process_adds_nothing() {
    let data = tempfile::tempdir().unwrap();
    let chunk: Vec<Value> = (0..50)
        .map(|n| {
            event(&json!({"collection": format!("c{}", n % 3), "externalId": (n / 2).to_string()}))
        })
        .collect();
    let chunk = Value::Array(chunk);
    let server = Server::start(data.path());
    let first = ask(&server, EVENTS, &chunk).await;
    assert_eq!(
        (&first["created"], &first["duplicates"]),
        (&json!(50), &json!(0))
    );
    let before = ask(&server, QUERY, &json!({})).await;
    server.kill();
    let server = Server::start(data.path());
    let again = ask(&server, EVENTS, &chunk).await;
    assert_eq!(
        (&again["created"], &again["duplicates"]),
        (&json!(0), &json!(50))
    );
    assert_eq!(again["ids"], first["ids"]);
    assert!(server.terminate());
    let server = Server::start(data.path());
    assert_eq!(ask(&server, EVENTS, &chunk).await, again);
    assert_eq!(ask(&server, QUERY, &json!({})).await, before);
}
