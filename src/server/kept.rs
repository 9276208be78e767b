//! A body that holds something as long as it lasts, and may be broken off. Pure.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Error;
use axum::body::{Body, Bytes};
use futures::future::BoxFuture;
use http_body::{Frame, SizeHint};

/// See the module.
pub(super) struct Kept<T> {
    body: Body,
    /// When this is there, the body breaks off.
    until: Option<BoxFuture<'static, ()>>,
    _held: T,
}

/// The same body, which holds that.
pub(super) const fn holding<T>(body: Body, held: T) -> Kept<T> {
    Kept {
        body,
        until: None,
        _held: held,
    }
}

/// The same body, which holds that and breaks off when a future is there.
pub(super) fn until<T: Send + Unpin + 'static>(
    body: Body,
    held: T,
    until: Option<BoxFuture<'static, ()>>,
) -> Body {
    Body::new(Kept {
        body,
        until,
        _held: held,
    })
}

impl<T: Unpin> http_body::Body for Kept<T> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(until) = &mut self.until
            && until.as_mut().poll(context).is_ready()
        {
            self.until = None;
            self.body = Body::empty();
            let why = std::io::Error::other("what it needs is no longer allowed");
            return Poll::Ready(Some(Err(Error::new(why))));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn it_lasts_as_long_as_its_body_and_says_as_much_of_its_size() {
        let held = Arc::new(());
        let mut body = holding(Body::from("text"), held.clone());
        assert_eq!(http_body::Body::size_hint(&body).exact(), Some(4));
        assert_eq!(Arc::strong_count(&held), 2);
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "text");
        drop(body);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[tokio::test]
    async fn what_never_ends_is_broken_off_by_an_error() {
        let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
        let ended = async { tokio::task::yield_now().await };
        let mut body = until(Body::from_stream(never), (), Some(Box::pin(ended)));
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }
}
