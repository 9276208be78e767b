//! `GET …/events`: the newest operation from its start, then as it goes on, until its end. Does I/O through the reader.

use std::io;
use std::sync::Arc;

use async_stream::stream;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Version};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::caller::Caller;
use super::error::Error;
use super::labs::Labs;
use super::operation::Operation;
use super::path::User;
use super::sse;
use crate::api::State;
use crate::api::asked::Asked;
use crate::model::{ExecutionKey, Seq, Tenants};
use crate::query;
use crate::telemetry::Metrics;

/// Asks a proxy in between not to hold events back.
static ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The operation of a user. Whoever asks for another's is refused before anything is said of whether there is one.
pub(super) async fn events(
    Asked(state): Asked,
    Extension(labs): Extension<Arc<Labs>>,
    Extension(caller): Extension<Caller>,
    User(user): User,
    version: Version,
) -> Result<Response, Error> {
    caller.must_be(&user)?;
    let may = caller.reads();
    let Some(newest) = labs.newest(&user, &may).await? else {
        return Err(Error::UnknownUser(user));
    };
    let listener = Listener {
        state,
        labs,
        user,
        may,
        operation: newest.key,
    };
    let mut answer = Body::from_stream(listener.walk()).into_response();
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if version < Version::HTTP_2 {
        // HTTP/2 knows no such header.
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    }
    headers.insert(&ACCEL_BUFFERING, HeaderValue::from_static("no"));
    let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    Ok(answer)
}

/// Who listens, and to what.
struct Listener {
    state: State,
    labs: Arc<Labs>,
    user: String,
    may: Arc<Tenants>,
    operation: ExecutionKey,
}

impl Listener {
    /// An end says that the operation is over. Where it is not, the connection is broken off: the real client takes an
    /// end without `failed` for a success.
    fn walk(self) -> impl Stream<Item = Result<Bytes, io::Error>> {
        stream! {
            let Self { state, operation: key, .. } = &self;
            let _open = Open::new(&state.metrics);
            let united = match state.reader.get(&key.id).await {
                Ok(united) => united,
                Err(query::Error::Unknown(_)) => return,
                Err(error) => {
                    yield Err(cut(&error));
                    return;
                }
            };
            let mut tail = state.reader.tail(united.keys(), Seq::ZERO);
            let mut operation = Operation::default();
            // By the wall, whatever else is sent: as the original does.
            let every = state.streams.keep_alive;
            let mut pings = interval_at(Instant::now() + every, every);
            pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let rows = match tail.read().await {
                    Ok(rows) => rows,
                    Err(error) => {
                        yield Err(cut(&error));
                        return;
                    }
                };
                for row in &rows {
                    if let Some(event) = operation.take(row, row.execution == *key) {
                        yield Ok(sse::event(&event));
                    }
                    if operation.over {
                        return;
                    }
                }
                if !rows.is_empty() {
                    continue;
                }
                if let Err(query::Error::Unknown(_)) = state.reader.get(&key.id).await {
                    // It was deleted.
                    return;
                }
                tokio::select! {
                    biased;
                    () = state.stopping.cancelled() => {
                        yield Err(io::Error::other("the server stops"));
                        return;
                    }
                    () = tail.changed() => {}
                    _ = pings.tick() => {
                        yield Ok(sse::ping(state.clock.now()));
                        if self.is_cut_off().await {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Whether another operation has begun that did not know of this one: a Pod's, while its deletion was not seen.
    async fn is_cut_off(&self) -> bool {
        let newest = self.labs.newest(&self.user, &self.may).await;
        matches!(newest, Ok(Some(newest)) if newest.key != self.operation)
    }
}

/// Counts a stream as long as it is open.
struct Open(Metrics);

impl Open {
    fn new(metrics: &Metrics) -> Self {
        metrics.streams.inc();
        Self(metrics.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.streams.dec();
    }
}

fn cut(error: &query::Error) -> io::Error {
    tracing::warn!(%error, "a stream breaks off");
    io::Error::other(error.to_string())
}
