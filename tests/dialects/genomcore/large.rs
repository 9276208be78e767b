//! The largest request: all of it, or nothing, within the memory that a process may take.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::{EVENTS, QUERY, event};
use crate::server::Server;

const EVENTS_OF_A_CHUNK: usize = 100_000;
/// The most that a process may take for it, in KiB.
const MEMORY: u64 = 1024 * 1024;

/// So many events of about 600 bytes, 62 MB in all, one of them as it is given.
fn chunk(collection: &str, at: usize, one: &Value) -> Vec<u8> {
    let mut body = Vec::with_capacity(62_000_000);
    body.push(b'[');
    for index in 0..EVENTS_OF_A_CHUNK {
        if index > 0 {
            body.push(b',');
        }
        if index == at {
            serde_json::to_writer(&mut body, one).unwrap();
            continue;
        }
        let value = format!("{index:0450}");
        let fields =
            json!({"collection": collection, "externalId": index.to_string(), "value": value});
        serde_json::to_writer(&mut body, &event(&fields)).unwrap();
    }
    body.push(b']');
    body
}

async fn sent(server: &Server, path: &str, body: Vec<u8>) -> (u16, Value) {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}{path}", server.url)).body(body);
    let request = request.header("content-type", "application/json");
    let request = request.timeout(Duration::from_secs(300));
    crate::inside::read(request.send().await.unwrap()).await
}

/// The most memory that the process has had at once, in KiB.
fn peak_kib(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.unwrap().trim().strip_suffix(" kB").unwrap();
    number.parse().unwrap()
}

async fn total(server: &Server) -> Value {
    let (status, body) = sent(server, &format!("{QUERY}?pageSize=1"), b"{}".to_vec()).await;
    assert_eq!(status, 200, "{body}");
    body["total"].clone()
}

#[tokio::test]
async fn a_hundred_thousand_events_are_stored_together_or_not_at_all() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let bad = event(&json!({"collection": "large", "start": "2024-04-01", "end": "2024-03-01"}));
    let body = chunk("large", 99_998, &bad);
    assert!(
        body.len() < 64 << 20 && body.len() > 50 << 20,
        "{} bytes",
        body.len()
    );
    let (status, refused) = sent(&server, EVENTS, body).await;
    assert_eq!(status, 400, "{refused}");
    assert_eq!(
        refused["message"],
        json!(["99998.end must be equal or greater than start"])
    );
    assert_eq!(total(&server).await, 0);
    let good = chunk(
        "large",
        7,
        &event(&json!({"collection": "large", "externalId": "7"})),
    );
    let (status, created) = sent(&server, EVENTS, good.clone()).await;
    assert_eq!(status, 201, "{created}");
    assert_eq!(created["created"], EVENTS_OF_A_CHUNK);
    assert_eq!(total(&server).await, EVENTS_OF_A_CHUNK);
    println!("the most memory: {} MiB", peak_kib(&server) / 1024);
    assert!(peak_kib(&server) < MEMORY, "{} KiB", peak_kib(&server));
    server.kill();
    let server = Server::start(data.path());
    let (_, again) = sent(&server, EVENTS, good).await;
    assert_eq!(
        (&again["created"], &again["duplicates"]),
        (&json!(0), &json!(EVENTS_OF_A_CHUNK))
    );
    let last = sent(
        &server,
        &format!("{QUERY}?page=9&pageSize=10000"),
        b"{\"sort\":{\"externalId\":-1}}".to_vec(),
    )
    .await
    .1;
    assert_eq!(last["items"].as_array().unwrap().len(), 10_000);
    assert_eq!(last["items"][9_999]["externalId"], "0");
    let (status, refused) = sent(&server, EVENTS, vec![b' '; (64 << 20) + 1]).await;
    assert_eq!(
        (status, &refused["error"]),
        (413, &json!("Payload Too Large"))
    );
}
