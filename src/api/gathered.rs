//! A body whose frames go out together where several are ready. Pure.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http_body::Frame;

/// Bytes after which a frame is large enough.
const ENOUGH: usize = 16 << 10;

/// See the module. A stream of many events would else be a chunk for each, and the connection would keep room for as
/// many as there ever were at once.
struct Gathered {
    body: Body,
    /// What came behind data and is none, or an error.
    next: Option<Option<Result<Frame<Bytes>, Error>>>,
}

/// The same answer, with frames that are ready at once put together.
pub(super) fn gathered(answer: Response) -> Response {
    answer.map(|body| Body::new(Gathered { body, next: None }))
}

impl HttpBody for Gathered {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(next) = self.next.take() {
            return Poll::Ready(next);
        }
        let mut all: Vec<u8> = Vec::new();
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) if frame.is_data() => {
                    let data = frame.into_data().unwrap_or_default();
                    all.extend_from_slice(&data);
                    if all.len() >= ENOUGH {
                        break;
                    }
                }
                Poll::Ready(other) if all.is_empty() => return Poll::Ready(other),
                Poll::Ready(other) => {
                    self.next = Some(other);
                    break;
                }
                Poll::Pending if all.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Some(Ok(Frame::data(all.into()))))
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;

    use super::*;

    /// The frames of a body of these pieces; between two of them that are empty it is not ready for a moment.
    async fn frames(pieces: &[&'static str]) -> Vec<Result<String, String>> {
        let pieces = pieces.to_vec();
        let pieces = stream::iter(pieces).filter_map(|piece| async move {
            match piece {
                "" => {
                    tokio::task::yield_now().await;
                    None
                }
                "!" => Some(Err(std::io::Error::other("broken"))),
                piece => Some(Ok(Bytes::from_static(piece.as_bytes()))),
            }
        });
        let mut body = gathered(Response::new(Body::from_stream(pieces))).into_body();
        let mut frames = Vec::new();
        while let Some(frame) = body.frame().await {
            let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
            let frame = frame.map(|frame| text(frame.into_data().unwrap()));
            frames.push(frame.map_err(|error| error.to_string()));
        }
        frames
    }

    #[tokio::test]
    async fn what_is_ready_at_once_is_one_frame_and_nothing_waits_for_more() {
        let frames = frames(&["a", "b", "", "c", "d", "e"]).await;
        assert_eq!(frames, [Ok("ab".to_owned()), Ok("cde".to_owned())]);
    }

    #[tokio::test]
    async fn an_error_comes_after_what_was_before_it() {
        let frames = frames(&["a", "b", "!"]).await;
        assert_eq!(frames, [Ok("ab".to_owned()), Err("broken".to_owned())]);
    }

    #[tokio::test]
    async fn a_frame_is_bounded() {
        static LONG: &str = match std::str::from_utf8(&[b'x'; 10 << 10]) {
            Ok(text) => text,
            Err(_) => "",
        };
        let lengths = frames(&[LONG; 5]).await;
        let lengths: Vec<_> = lengths.into_iter().map(|it| it.unwrap().len()).collect();
        assert_eq!(lengths, [20 << 10, 20 << 10, 10 << 10]);
    }
}
