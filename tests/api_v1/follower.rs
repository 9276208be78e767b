//! A client of a stream, as a browser is one: it keeps the last id, and applies rows.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use eventsource_stream::{Event, Eventsource};
use futures::{Stream, StreamExt};
use serde_json::Value;

use super::server::Server;

type Events = Pin<Box<dyn Stream<Item = Event> + Send>>;

/// Longer than anything here takes, so that a stream that hangs fails its test.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open stream.
pub(crate) struct Follower {
    events: Events,
}

impl Follower {
    /// Opens one; behind an id, if one is given.
    pub(crate) async fn open(server: &Server, path: &str, last: Option<&str>) -> Self {
        let mut request = server.get(path).header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        assert_eq!(answer.headers()["cache-control"], "private, no-cache");
        // What breaks off is an end like any other, for who resumes.
        let events = answer
            .bytes_stream()
            .eventsource()
            .filter_map(async |event| event.ok());
        Self {
            events: Box::pin(events),
        }
    }

    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(PATIENCE, self.events.next())
            .await
            .expect("a stream goes on or ends")
    }

    /// The next so many rows.
    pub(crate) async fn rows(&mut self, count: usize) -> Vec<Event> {
        let mut rows = Vec::new();
        while rows.len() < count {
            let event = self.next().await.expect("there are more rows");
            assert_eq!(event.event, "message", "{event:?}");
            rows.push(event);
        }
        rows
    }

    /// That the next event is a named one; gives its data.
    pub(crate) async fn named(&mut self, name: &str) -> Event {
        let event = self.next().await.expect("there is more");
        assert_eq!(event.event, name, "{event:?}");
        event
    }
}

/// The position in an event's id.
pub(crate) fn seq(event: &Event) -> u64 {
    event
        .id
        .rsplit_once('.')
        .expect("<store>.<seq>")
        .1
        .parse()
        .unwrap()
}

/// Rows by what makes a posted row one.
pub(crate) type Rows = BTreeMap<String, Value>;

/// A row's name in [`Rows`].
pub(crate) fn key(row: &Value) -> String {
    [
        "elemId",
        "elemType",
        "actionName",
        "type",
        "reason",
        "message",
    ]
    .map(|part| row[part].as_str().unwrap())
    .join("|")
}

/// A history by rows.
pub(crate) fn by_row(history: &Value) -> Rows {
    let rows = history.as_array().unwrap();
    let found: Rows = rows.iter().map(|row| (key(row), row.clone())).collect();
    assert_eq!(found.len(), rows.len(), "every row once");
    found
}

/// Takes a row of a stream in.
pub(crate) fn apply(rows: &mut Rows, event: &Event) {
    let row: Value = serde_json::from_str(&event.data).unwrap();
    rows.insert(key(&row), row);
}
