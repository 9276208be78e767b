//! Reads a body: bounded in bytes, in time, and in what all bodies together may hold. Does I/O through axum.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::Error;
use super::ingest::MAX_BODY;

/// KiB that bodies may hold together, from their first byte to their answer; who comes later waits.
const TOGETHER: u32 = 256 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The room that all bodies share; cheap to clone.
#[derive(Clone, Debug)]
pub struct Bodies {
    room: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::new(TOGETHER, PATIENCE)
    }
}

impl Bodies {
    fn new(kib: u32, patience: Duration) -> Self {
        Self {
            room: Arc::new(Semaphore::new(kib as usize)),
            patience,
        }
    }

    /// Waits for room, then reads; the room is given back when what stands beside the bytes is dropped.
    pub(super) async fn read(
        &self,
        request: Request,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Error> {
        let kib = kib(&request);
        // The semaphore is never closed.
        let place = self.room.clone().acquire_many_owned(kib).await.ok();
        let read = tokio::time::timeout(self.patience, Bytes::from_request(request, &()));
        let bytes = read.await.map_err(|_| Error::BodyTooSlow(self.patience))?;
        let bytes = bytes.map_err(|problem| match problem.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::BodyTooLarge(MAX_BODY),
            _ => Error::Body(problem.body_text()),
        })?;
        Ok((bytes, place))
    }
}

/// The KiB that a body may come to hold: what it says, and if it does not, what it may.
fn kib(request: &Request) -> u32 {
    let said = request.headers().get(CONTENT_LENGTH);
    let said = said.and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = said.unwrap_or(MAX_BODY).min(MAX_BODY);
    u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn asked(length: usize, body: Body) -> Request {
        let request = Request::post("/").header(CONTENT_LENGTH, length);
        request.body(body).unwrap()
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_given_up_and_its_room_with_it() {
        let bodies = Bodies::new(2, Duration::from_millis(30));
        let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
        let hangs = bodies.read(asked(1500, Body::from_stream(never))).await;
        assert!(matches!(hangs, Err(Error::BodyTooSlow(_))));
        let (bytes, _) = bodies.read(asked(1500, Body::from("a"))).await.unwrap();
        assert_eq!(bytes, "a");
    }

    #[tokio::test]
    async fn who_finds_no_room_waits_until_another_is_answered() {
        let bodies = Bodies::new(2, Duration::from_secs(9));
        let (_, place) = bodies.read(asked(1500, Body::from("a"))).await.unwrap();
        let mut second = std::pin::pin!(bodies.read(asked(0, Body::from("b"))));
        let soon = Duration::from_millis(30);
        let waits = tokio::time::timeout(soon, &mut second).await;
        assert!(waits.is_err(), "there is no room yet");
        drop(place);
        assert_eq!(second.await.unwrap().0, "b");
    }

    #[test]
    fn a_body_that_does_not_say_how_long_it_is_counts_as_the_longest() {
        let most = u32::try_from(MAX_BODY / 1024 + 1).unwrap();
        assert_eq!(kib(&Request::new(Body::empty())), most);
        assert_eq!(kib(&asked(usize::MAX, Body::empty())), most);
        assert_eq!(kib(&asked(10, Body::empty())), 1);
    }
}
