//! A watch on its way, line by line. Does I/O.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use bytes::BytesMut;
use futures::StreamExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::weather::Line;
use super::{Shared, broken};

/// Lines that may be said again.
const REMEMBERED: usize = 16;

/// The body of an answer to a watch as it arrives.
pub(super) fn body(
    from: Body,
    shared: Arc<Shared>,
    plural: String,
    reset: CancellationToken,
) -> Body {
    Body::from_stream(async_stream::stream! {
        let mut lines = Lines::new(from);
        let mut earlier: Vec<Bytes> = Vec::new();
        loop {
            let line = match lines.next().await {
                Some(Ok(line)) => line,
                Some(Err(_)) => broken(&reset).await,
                None => return,
            };
            shared.released(&plural).await;
            let say = |line: &Bytes| Ok::<Bytes, axum::Error>(line.clone());
            match shared.line() {
                Line::Pass => yield say(&line),
                Line::Twice => {
                    shared.tally.count("line twice");
                    yield say(&line);
                    yield say(&line);
                }
                Line::ThenEarlier => {
                    yield say(&line);
                    if !earlier.is_empty() {
                        shared.tally.count("earlier line again");
                        let again = shared.dice.lock().one_of(&earlier).clone();
                        yield say(&again);
                    }
                }
                Line::Delayed(how_long) => {
                    shared.tally.count("line delayed");
                    tokio::time::sleep(how_long).await;
                    yield say(&line);
                }
                Line::CutOff => {
                    shared.tally.count("line cut off");
                    yield Ok(line.slice(..line.len() / 2));
                    broken::<()>(&reset).await;
                }
                Line::Reset => {
                    shared.tally.count("connection reset");
                    broken::<()>(&reset).await;
                }
                Line::BlackHole(how_long) => {
                    shared.tally.count("black hole");
                    tokio::time::sleep(how_long).await;
                    broken::<()>(&reset).await;
                }
                Line::Gone => {
                    shared.tally.count("in-band 410");
                    yield Ok(gone());
                    return;
                }
                Line::End => {
                    shared.tally.count("watch ended");
                    return;
                }
            }
            if earlier.len() == REMEMBERED {
                earlier.remove(0);
            }
            earlier.push(line);
        }
    })
}

impl Shared {
    /// Waits until this kind is not held back.
    async fn released(&self, plural: &str) {
        let mut held = self.held.subscribe();
        // The sender lives as long as this.
        let _ = held.wait_for(|held| !held.contains(plural)).await;
    }

    fn line(&self) -> Line {
        let weather = *self.weather.lock();
        weather.line(&mut self.dice.lock())
    }
}

fn gone() -> Bytes {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {},
        "code": 410, "reason": "Expired", "message": "injected",
    });
    Bytes::from(json!({"type": "ERROR", "object": status}).to_string() + "\n")
}

/// Whole lines, each with its end.
struct Lines {
    from: axum::body::BodyDataStream,
    buffer: BytesMut,
}

impl Lines {
    fn new(from: Body) -> Self {
        Self {
            from: from.into_data_stream(),
            buffer: BytesMut::new(),
        }
    }

    async fn next(&mut self) -> Option<Result<Bytes, axum::Error>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Some(Ok(self.buffer.split_to(end + 1).freeze()));
            }
            match self.from.next().await? {
                Ok(more) => self.buffer.extend_from_slice(&more),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
