//! The listener: bounded connections, a limit on how long headers may take, and an orderly end. Does I/O.
//!
//! hyper-util's server and not `axum::serve`, which sets no header-read timeout.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tower::ServiceExt;

use super::access::Peer;

/// A connection's place among those that are counted, as an extension of its requests. Who goes on with a connection
/// after its request, on a socket for instance, holds it: the server waits for them when it stops.
#[derive(Clone, Debug)]
pub struct Stay {
    _place: Arc<(Option<OwnedSemaphorePermit>, TaskTrackerToken)>,
}

/// Connections at a time; further ones wait in the kernel's backlog.
const CONNECTIONS: usize = 12_000;
/// How long a client may take to send a request's headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
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
         every execution; listen on 127.0.0.1, pass --token-file, or --insecure-no-auth if something else guards it"
    ))
}

/// Whether only this machine reaches it.
#[must_use]
pub fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Serves until cancelled, then stops accepting and waits for open requests, though not for ever.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tracker: TaskTracker,
    stopping: CancellationToken,
) {
    serve_and_drain(listener, router, tracker, stopping, DRAIN).await;
}

async fn serve_and_drain(
    listener: TcpListener,
    router: Router,
    tracker: TaskTracker,
    stopping: CancellationToken,
    drain: Duration,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let cut_off = CancellationToken::new();
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new());
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stopping.cancelled() => break,
        };
        let (stream, peer, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Answers are small and written whole: waiting to fill a segment only delays them.
        let _ = stream.set_nodelay(true);
        let stay = Stay {
            _place: Arc::new((place, tracker.token())),
        };
        let service = router
            .clone()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(peer);
                request.extensions_mut().insert(stay.clone());
                request
            });
        let service = TowerToHyperService::new(service);
        let connection = builder
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .into_owned();
        let connection = graceful.watch(connection);
        let cut_off = cut_off.clone();
        tracker.spawn(async move {
            if let Some(Err(error)) = cut_off.run_until_cancelled(connection).await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(drain, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            "some requests were still open {} s after stopping, they are cut off",
            drain.as_secs()
        );
        // A request that hangs holds a way in, and the writer ends only when the last of those is gone.
        cut_off.cancel();
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, Peer, Option<OwnedSemaphorePermit>)> {
    // The semaphore is never closed.
    let place = room.clone().acquire_owned().await.ok();
    let (stream, peer) = listener.accept().await?;
    Ok((stream, Peer(peer.ip()), place))
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::routing::post;
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn a_request_that_hangs_is_cut_off_when_the_server_stops() {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (tracker, stopping) = (TaskTracker::new(), CancellationToken::new());
        let router = Router::new().route("/", post(|body: Bytes| async move { body }));
        let (inner, token) = (tracker.clone(), stopping.clone());
        let serving = serve_and_drain(socket, router, inner, token, Duration::from_millis(50));
        let serving = TaskTracker::new().spawn(serving);
        let mut client = TcpStream::connect(address).await.unwrap();
        let half = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf";
        client.write_all(half).await.unwrap();
        while tracker.is_empty() {
            tokio::task::yield_now().await;
        }
        stopping.cancel();
        serving.await.unwrap();
        tracker.close();
        let ended = tokio::time::timeout(DRAIN, tracker.wait()).await;
        assert!(ended.is_ok(), "a connection outlives the server");
        drop(client);
    }

    #[test]
    fn an_address_that_others_reach_needs_the_flag() {
        let all: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        assert!(
            check_exposure(all, false)
                .unwrap_err()
                .contains("--insecure-no-auth")
        );
        assert!(check_exposure(all, true).is_ok());
        for loopback in ["127.0.0.1:0", "[::1]:8080", "[::ffff:127.0.0.1]:80"] {
            assert!(
                check_exposure(loopback.parse().unwrap(), false).is_ok(),
                "{loopback}"
            );
        }
    }
}
