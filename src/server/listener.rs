//! The listener: bounded connections, and an orderly end. Does I/O.
//!
//! hyper's connections and not `axum::serve`, which has no limits of its own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::access::Peer;
use super::connection::{Connection, Patience};
use super::guard::Renderer;
use super::seat::Seat;
use super::speaking::Speech;
use super::status::status_of;
use super::tls::Tls;
use crate::model::Code;
use crate::telemetry::Metrics;

/// Connections that are served at a time.
pub const CONNECTIONS: usize = 2000;
/// Further ones that are let in to be told so; those after them wait in the kernel's backlog.
const STANDING: usize = 256;
/// How long open requests may take to end when the server stops.
const DRAIN: Duration = Duration::from_secs(8);
/// How long to wait after the kernel refused to hand over a connection (out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Refuses to serve without authentication where others can reach it.
///
/// # Errors
///
/// A sentence that says what to do.
pub fn check_exposure(listen: SocketAddr, insecure_no_auth: bool) -> Result<(), String> {
    if is_loopback(listen.ip()) || insecure_no_auth {
        return Ok(());
    }
    Err(format!(
        "refusing to listen on {listen} without authentication: anyone who can reach it could read, write and delete \
         every execution; listen on 127.0.0.1, pass --auth-kubernetes or --token-file, or --insecure-no-auth if something else guards it"
    ))
}

/// Whether only this machine reaches it.
#[must_use]
pub fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// What is served, and how.
pub struct Listening {
    /// Where connections come from.
    pub socket: TcpListener,
    /// What answers them.
    pub router: Router,
    /// Encrypts them; without it they are plain.
    pub tls: Option<Tls>,
    /// So many at a time.
    pub connections: usize,
    /// In whose words one too many is refused.
    pub render: Renderer,
    /// Counts them.
    pub metrics: Metrics,
}

/// Serves until cancelled, then stops accepting and waits for open requests, though not for ever.
pub async fn serve(
    socket: TcpListener,
    router: Router,
    tracker: TaskTracker,
    stopping: CancellationToken,
) {
    let listening = Listening {
        socket,
        router,
        tls: None,
        connections: CONNECTIONS,
        render: plainly,
        metrics: Metrics::new(),
    };
    listening.serve(tracker, stopping).await;
}

/// Without a dialect.
fn plainly(_: &Uri, code: Code, message: &str) -> Response {
    (status_of(code), message.to_owned()).into_response()
}

impl Listening {
    /// Serves until cancelled, then stops accepting and waits for open requests, though not for ever.
    pub async fn serve(self, tracker: TaskTracker, stopping: CancellationToken) {
        self.serve_patiently(tracker, stopping, Patience::default(), DRAIN)
            .await;
    }

    async fn serve_patiently(
        self,
        tracker: TaskTracker,
        stopping: CancellationToken,
        patience: Patience,
        drain: Duration,
    ) {
        let door = Arc::new(Semaphore::new(self.connections + STANDING));
        let room = Arc::new(Semaphore::new(self.connections));
        let cut_off = CancellationToken::new();
        let open = TaskTracker::new();
        let speech = Arc::new(Speech::new());
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.socket, &door) => accepted,
                () = stopping.cancelled() => break,
            };
            let (stream, peer, entered) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Answers are small and written whole: waiting to fill a segment only delays them.
            let _ = stream.set_nodelay(true);
            let seat = Seat::new(&room, entered, tracker.token(), &self.metrics);
            let connection = Arc::new(Connection {
                peer,
                seat,
                router: self.router.clone(),
                render: self.render,
                patience,
                metrics: self.metrics.clone(),
                speech: speech.clone(),
                stopping: stopping.clone(),
            });
            let serving = connection.serve(stream, self.tls.clone(), cut_off.clone());
            tracker.spawn(open.track_future(serving));
        }
        drop(self.socket);
        open.close();
        if tokio::time::timeout(drain, open.wait()).await.is_err() {
            tracing::warn!(
                "some requests were still open {} s after stopping, they are cut off",
                drain.as_secs()
            );
        }
        cut_off.cancel();
    }
}

async fn accept(
    listener: &TcpListener,
    door: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, Peer, Option<OwnedSemaphorePermit>)> {
    // The semaphore is never closed.
    let entered = door.clone().acquire_owned().await.ok();
    let (stream, peer) = listener.accept().await?;
    Ok((stream, Peer(peer.ip()), entered))
}

#[cfg(test)]
mod tests;
