//! Forgets what has passed its window; a client of the store like any other. Does I/O through the store.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::Clock;
use crate::store::Store;

/// Between two sweeps.
const PERIOD: Duration = Duration::from_secs(15 * 60);

/// Sweeps now and then until cancelled.
pub async fn run(store: Arc<dyn Store>, clock: Arc<dyn Clock>, cancelled: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(PERIOD) => {}
            () = cancelled.cancelled() => return,
        }
        let (store, now) = (store.clone(), clock.now());
        match tokio::task::spawn_blocking(move || store.sweep(now)).await {
            Ok(Ok(())) => {}
            failed => tracing::warn!("the sweep failed, the next one will try again: {failed:?}"),
        }
    }
}
