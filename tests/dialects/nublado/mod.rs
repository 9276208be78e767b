//! The Nublado dialect, beside the original's server and its client.

mod access;
mod bad_input;
mod bytes;
mod listeners;
mod restart;
mod timeline;

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::inside::Server;

/// A lab of somebody, at a server.
pub(crate) struct Lab<'a> {
    client: Client,
    base: &'a str,
    user: &'a str,
}

impl<'a> Lab<'a> {
    pub(crate) fn of(base: &'a str, user: &'a str) -> Self {
        let client = Client::builder().no_proxy().build().unwrap();
        Self { client, base, user }
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        let Self { base, user, .. } = self;
        format!("{base}/nublado/spawner/v1/labs/{user}/{rest}")
    }

    pub(crate) async fn post(&self, rest: &str, body: &Value) -> (StatusCode, Value) {
        let answer = self.client.post(self.path(rest)).json(body).send();
        let answer = answer.await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Opens an operation; its id.
    pub(crate) async fn open(&self, kind: &str) -> String {
        let (status, told) = self.post("operations", &json!({"kind": kind})).await;
        assert_eq!(status, 201, "{told}");
        told["operation"].as_str().unwrap().to_owned()
    }

    /// Tells an event; its ordinal.
    pub(crate) async fn tell(&self, of: &str, message: &str, progress: Option<u8>) -> u64 {
        let event = json!({"type": of, "message": message, "progress": progress});
        let (status, told) = self.post("events", &event).await;
        assert_eq!(status, 201, "{told}");
        told["ordinal"].as_u64().unwrap()
    }

    pub(crate) async fn end(&self) {
        assert_eq!(self.post("operations/end", &json!({})).await.0, 204);
    }

    /// All bytes of the stream, to its end.
    pub(crate) async fn bytes(&self) -> Vec<u8> {
        let answer = self.client.get(self.path("events")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }

    /// All of it as text, without pings.
    pub(crate) async fn text(&self) -> String {
        without_pings(&self.bytes().await)
    }
}

/// A stream without its pings; each must be one.
pub(crate) fn without_pings(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    let blocks = text.split_inclusive("\r\n\r\n");
    blocks
        .filter(|block| !block.starts_with(": ping - "))
        .collect()
}

/// An event as it stands in the stream.
pub(crate) fn block(of: &str, data: &str) -> String {
    format!("event: {of}\r\ndata: {data}\r\n\r\n")
}

/// Waits until so many streams are open.
pub(crate) async fn streams(server: &Server, open: usize) {
    for _ in 0..600 {
        let metrics = server
            .get("/metrics")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        if metrics
            .lines()
            .any(|line| line == format!("dagtrail_streams {open}"))
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there are never {open} streams");
}
