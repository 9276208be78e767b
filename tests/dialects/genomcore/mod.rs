//! The Genomcore dialect. Its SDK cannot be had, so the client is one of ours that behaves as the documentation says;
//! the examples of the documentation are run as they stand.

mod access;
mod bad_input;
mod client;
mod deleting;
mod large;
mod others;
mod paging;
mod restart;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::inside::{Server, read};

const EVENTS: &str = "/genomcore/api/v1/events";
const QUERY: &str = "/genomcore/api/v1/events/query";

/// An event in which only some fields matter.
fn event(fields: &Value) -> Value {
    let mut event = json!({
        "owner": "user", "collection": "c", "start": "2024-04-01T00:00:00Z", "value": "v",
        "type": "t", "source": "s", "externalId": "e",
    });
    for (key, value) in fields.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

fn post(server: &Server, path: &str, body: &Value) -> RequestBuilder {
    server
        .client
        .post(format!("{}{path}", server.base))
        .json(body)
}

fn delete(server: &Server, collection: &str) -> RequestBuilder {
    server
        .client
        .delete(format!("{}{EVENTS}?collection={collection}", server.base))
}

/// Sends a request that is answered as this status.
async fn answer(request: RequestBuilder, status: u16) -> Value {
    let (found, body) = read(request.send().await.unwrap()).await;
    assert_eq!(found, status, "{body}");
    body
}

async fn create(server: &Server, events: &[Value]) -> Value {
    answer(post(server, EVENTS, &json!(events)), 201).await
}

/// What a query answers, without its page.
async fn items(server: &Server, body: Value) -> Vec<Value> {
    let answer = answer(post(server, QUERY, &body), 200).await;
    answer["items"].as_array().unwrap().clone()
}
