//! A body that holds something as long as it lasts, and may be broken off. Pure.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Error;
use axum::body::{Body, Bytes};
use futures::future::BoxFuture;
use http_body::{Frame, SizeHint};

/// See the module.
pub(super) struct Kept {
    body: Body,
    /// When this is there, the body breaks off.
    until: Option<BoxFuture<'static, ()>>,
    _held: Box<dyn Any + Send>,
}

/// The same body, which holds that.
pub(super) fn holding(body: Body, held: impl Any + Send) -> Body {
    Body::new(Kept {
        body,
        until: None,
        _held: Box::new(held),
    })
}

/// The same body, which holds that and breaks off when a future is there.
pub(super) fn until(
    body: Body,
    held: impl Any + Send,
    until: impl Future<Output = ()> + Send + 'static,
) -> Body {
    Body::new(Kept {
        body,
        until: Some(Box::pin(until)),
        _held: Box::new(held),
    })
}

impl http_body::Body for Kept {
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
        let mut body = until(Body::from_stream(never), (), ended);
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }
}
