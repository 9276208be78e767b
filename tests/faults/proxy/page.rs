//! A page of a list on its way. Does I/O.

use axum::body::{Body, Bytes};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::weather::Page;
use super::{Shared, broken};

/// A slow page comes in so many pieces.
const PIECES: usize = 12;

/// The body of an answer to a list as it arrives.
pub(super) fn body(from: Body, shared: &Shared, reset: CancellationToken) -> Body {
    let page = {
        let weather = *shared.weather.lock();
        weather.page(&mut shared.dice.lock())
    };
    match page {
        Page::Pass => from,
        Page::Slow(pause) => {
            shared.tally.count("list slow");
            Body::from_stream(async_stream::stream! {
                let Ok(all) = axum::body::to_bytes(from, usize::MAX).await else {
                    return broken(&reset).await;
                };
                let piece = all.len().div_ceil(PIECES).max(1);
                for start in (0..all.len()).step_by(piece) {
                    tokio::time::sleep(pause).await;
                    yield Ok::<Bytes, axum::Error>(all.slice(start..all.len().min(start + piece)));
                }
            })
        }
        Page::CutOff => {
            shared.tally.count("list cut off");
            Body::from_stream(async_stream::stream! {
                let mut from = from.into_data_stream();
                if let Some(Ok(some)) = from.next().await {
                    yield Ok::<Bytes, axum::Error>(some.slice(..some.len() / 2));
                }
                broken(&reset).await
            })
        }
    }
}
