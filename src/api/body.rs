//! Reads a body: bounded in bytes, in time, and in what all bodies together may hold. Does I/O through axum.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::http::{HeaderMap, StatusCode};
use flate2::read::MultiGzDecoder;
use http_body_util::LengthLimitError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// KiB that bodies may hold together, from their first byte to their answer; who comes later waits.
const TOGETHER: u32 = 256 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// Unpacked, a body may be so many times larger than the limit for what is sent.
const UNPACKED: usize = 4;

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BodyError {
    /// More bytes than the dialect's limit.
    #[error("body: is larger than {0} bytes: send it in parts")]
    TooLarge(usize),
    /// It did not arrive in time.
    #[error("body: did not arrive within {0:?}: send it again, a retry is safe")]
    TooSlow(Duration),
    /// It ended early.
    #[error("body: {0}")]
    Broken(String),
    /// A packing that is not read.
    #[error("content-encoding {0:?} is not read here: send the body as it is, or with gzip")]
    Coding(String),
}

impl BodyError {
    /// The status that says the same.
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
            Self::Coding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }
}

/// The bytes of a body, and the room that they take: it is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl std::ops::Deref for Held {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The room that all bodies share; cheap to clone.
#[derive(Clone, Debug)]
pub struct Bodies {
    room: Arc<Semaphore>,
    most: u32,
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
            most: kib,
            patience,
        }
    }

    /// KiB that bodies hold now.
    pub(super) fn held_kib(&self) -> u32 {
        let free = u32::try_from(self.room.available_permits()).unwrap_or(self.most);
        self.most.saturating_sub(free)
    }

    /// Waits for room, then reads at most `limit` bytes; of what is packed at most four times that unpacked.
    ///
    /// # Errors
    ///
    /// Why there is no body.
    pub(super) async fn read(&self, request: Request, limit: usize) -> Result<Held, BodyError> {
        let packed = is_packed(request.headers())?;
        let kib = kib(
            &request,
            if packed { limit * UNPACKED } else { limit },
            packed,
        );
        // The semaphore is never closed.
        let room = self.room.clone().acquire_many_owned(kib).await.ok();
        let read = tokio::time::timeout(self.patience, to_bytes(request.into_body(), limit));
        let read = read.await.map_err(|_| BodyError::TooSlow(self.patience))?;
        let bytes = read.map_err(|error| {
            let source = std::error::Error::source(&error);
            if source.is_some_and(<dyn std::error::Error>::is::<LengthLimitError>) {
                BodyError::TooLarge(limit)
            } else {
                BodyError::Broken(error.to_string())
            }
        })?;
        let bytes = if packed {
            let unpacked = tokio::task::spawn_blocking(move || unpack(&bytes, limit * UNPACKED));
            unpacked
                .await
                .unwrap_or_else(|error| Err(BodyError::Broken(error.to_string())))?
        } else {
            bytes
        };
        Ok(Held { bytes, _room: room })
    }
}

fn is_packed(headers: &HeaderMap) -> Result<bool, BodyError> {
    let coding = headers.get(CONTENT_ENCODING);
    match coding.map(|coding| coding.to_str().unwrap_or("?")) {
        None | Some("identity" | "") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(coding) => Err(BodyError::Coding(coding.to_owned())),
    }
}

fn unpack(bytes: &[u8], limit: usize) -> Result<Bytes, BodyError> {
    let mut unpacked = Vec::new();
    let mut reader = MultiGzDecoder::new(bytes).take(limit as u64 + 1);
    reader
        .read_to_end(&mut unpacked)
        .map_err(|error| BodyError::Broken(format!("is not gzip: {error}")))?;
    if unpacked.len() > limit {
        return Err(BodyError::TooLarge(limit));
    }
    Ok(unpacked.into())
}

/// The KiB that a body may come to hold: what it says, and if it does not, what it may.
fn kib(request: &Request, limit: usize, packed: bool) -> u32 {
    let said = request.headers().get(CONTENT_LENGTH).filter(|_| !packed);
    let said = said.and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = said.unwrap_or(limit).min(limit);
    u32::try_from(bytes / 1024 + 1)
        .unwrap_or(TOGETHER)
        .min(TOGETHER)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::body::Body;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const LIMIT: usize = 1024 * 1024;

    fn asked(length: usize, body: Body) -> Request {
        let request = Request::post("/").header(CONTENT_LENGTH, length);
        request.body(body).unwrap()
    }

    fn packed(bytes: &[u8]) -> Request {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        let request = Request::post("/").header(CONTENT_ENCODING, "gzip");
        request.body(gzip.finish().unwrap().into()).unwrap()
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_given_up_and_its_room_with_it() {
        let bodies = Bodies::new(2, Duration::from_millis(30));
        let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
        let hangs = bodies.read(asked(1500, Body::from_stream(never)), LIMIT);
        assert!(matches!(hangs.await, Err(BodyError::TooSlow(_))));
        let held = bodies.read(asked(1500, Body::from("a")), LIMIT).await;
        assert_eq!(&*held.unwrap(), b"a");
    }

    #[tokio::test]
    async fn who_finds_no_room_waits_until_another_is_answered() {
        let bodies = Bodies::new(2, Duration::from_secs(9));
        let held = bodies.read(asked(1500, Body::from("a")), LIMIT).await;
        let mut second = std::pin::pin!(bodies.read(asked(0, Body::from("b")), LIMIT));
        let soon = Duration::from_millis(30);
        let waits = tokio::time::timeout(soon, &mut second).await;
        assert!(waits.is_err(), "there is no room yet");
        drop(held);
        assert_eq!(&*second.await.unwrap(), b"b");
    }

    #[tokio::test]
    async fn a_body_above_the_limit_is_refused_however_it_is_sent() {
        let bodies = Bodies::default();
        let plain = |bytes: usize| Body::from("x".repeat(bytes));
        for body in [
            asked(101, plain(101)),
            Request::new(plain(101)),
            packed(&[b'x'; 401]),
        ] {
            let refused = bodies.read(body, 100).await;
            assert!(
                matches!(refused, Err(BodyError::TooLarge(_))),
                "{refused:?}"
            );
        }
        for body in [asked(100, plain(100)), packed(&[b'x'; 400])] {
            assert!(bodies.read(body, 100).await.unwrap().len() >= 100);
        }
    }

    #[tokio::test]
    async fn what_is_packed_otherwise_or_badly_is_refused() {
        let bodies = Bodies::default();
        let brotli = Request::post("/").header(CONTENT_ENCODING, "br");
        let refused = bodies.read(brotli.body(Body::from("x")).unwrap(), LIMIT);
        assert!(matches!(refused.await, Err(BodyError::Coding(_))));
        let broken = Request::post("/").header(CONTENT_ENCODING, "gzip");
        let refused = bodies.read(broken.body(Body::from("x")).unwrap(), LIMIT);
        assert!(matches!(refused.await, Err(BodyError::Broken(_))));
    }

    #[test]
    fn a_body_that_does_not_say_how_long_it_is_counts_as_the_longest() {
        let most = u32::try_from(LIMIT / 1024 + 1).unwrap();
        assert_eq!(kib(&Request::new(Body::empty()), LIMIT, false), most);
        assert_eq!(kib(&asked(usize::MAX, Body::empty()), LIMIT, false), most);
        assert_eq!(kib(&asked(10, Body::empty()), LIMIT, true), most);
        assert_eq!(kib(&asked(10, Body::empty()), LIMIT, false), 1);
    }
}
