//! One connection, from its first byte to its end: how long the other side may keep it waiting. Does I/O.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::{HeaderValue, Request, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::access::Peer;
use super::gate::{Full, Limit};
use super::guard::{self, Renderer};
use super::kept;
use super::seat::Seat;
use super::tls::Tls;
use crate::telemetry::{Labelled, Metrics};

/// Bytes of a request's line and headers.
pub(super) const HEADERS: u32 = 16 * 1024;
/// When one too many is to come again.
const LATER: Duration = Duration::from_secs(1);

/// A connection that is spoken on.
type Speaking =
    Pin<Box<dyn Future<Output = Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send>>;

/// How long the other side may keep a connection waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From the connection to its first whole request.
    pub(super) first: Duration,
    /// From an answer to the next whole request.
    pub(super) idle: Duration,
    /// Until it reads a little of what is sent.
    pub(super) write: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(60),
        }
    }
}

/// A connection that was accepted.
pub(super) struct Connection {
    pub(super) peer: Peer,
    pub(super) seat: Arc<Seat>,
    pub(super) router: Router,
    pub(super) render: Renderer,
    pub(super) patience: Patience,
    pub(super) metrics: Metrics,
    pub(super) stopping: CancellationToken,
}

/// Counts the requests that are open, each from its headers to the end of its answer.
#[derive(Clone)]
struct Requests(watch::Sender<usize>);

struct Open(Requests);

impl Requests {
    fn open(&self) -> Open {
        self.0.send_modify(|open| *open += 1);
        Open(self.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.send_modify(|open| *open -= 1);
    }
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        tls: Option<Tls>,
        builder: Builder<TokioExecutor>,
        watcher: Watcher,
    ) {
        let mut stream = Box::pin(TimeoutStream::new(stream));
        let write = Some(self.patience.write);
        stream.as_mut().set_write_timeout_pinned(write);
        let requests = Requests(watch::channel(0).0);
        let quiet = quiet(requests.0.subscribe(), self.patience);
        let serving = async {
            let end = match tls {
                None => self.speak(stream, &builder, watcher, requests).await,
                Some(tls) => match self
                    .stopping
                    .run_until_cancelled(tls.0.accept(stream))
                    .await
                {
                    None => Ok(()),
                    Some(Ok(stream)) => self.speak(stream, &builder, watcher, requests).await,
                    Some(Err(error)) => Err(error.into()),
                },
            };
            if let Err(error) = end {
                tracing::debug!(%error, "a connection ended early");
            }
        };
        tokio::select! {
            () = serving => {}
            () = quiet => tracing::debug!("a connection on which nothing is asked ends"),
        }
    }

    /// Not an async function: those keep room for what they pass on, and this is kept as long as a stream.
    fn speak(
        self: &Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        builder: &Builder<TokioExecutor>,
        watcher: Watcher,
        requests: Requests,
    ) -> Speaking {
        let this = self.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (this, open) = (this.clone(), requests.open());
            async move {
                let answer = this.answer(request).await;
                Ok::<_, Infallible>(answer.map(|body| kept::holding(body, open)))
            }
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        Box::pin(watcher.watch(connection.into_owned()))
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Response {
        if size(&request) > HEADERS as usize {
            let sentence =
                format!("the request's line and headers are larger than {HEADERS} bytes");
            return ended(
                &request,
                (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, sentence).into_response(),
            );
        }
        let is_seated = if request.headers().contains_key(UPGRADE) {
            // Clients of a socket never try again when they were sent away.
            let seated = self.stopping.run_until_cancelled(self.seat.wait()).await;
            seated.is_some()
        } else {
            self.seat.take()
        };
        if !is_seated {
            let of = Limit::Connections;
            let name = Labelled { of: of.name() };
            self.metrics.limited.get_or_create(&name).inc();
            let full = Full { after: LATER, of };
            let answer = guard::send_away(self.render, request.uri(), full);
            return ended(&request, answer);
        }
        let extensions = request.extensions_mut();
        extensions.insert(self.peer);
        extensions.insert(self.seat.stay());
        match self.router.clone().oneshot(request.map(Body::new)).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}

/// An answer after which the connection ends.
fn ended<T>(request: &Request<T>, mut answer: Response) -> Response {
    // HTTP/2 has no such header.
    if request.version() < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
    }
    answer
}

fn size<T>(request: &Request<T>) -> usize {
    // As RFC 9113, 10.5.1 counts them, nearly: a colon, a space and an end of line.
    const BESIDE: usize = 4;
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + BESIDE);
    let uri = request.uri();
    let line = uri.path().len() + uri.query().map_or(0, str::len);
    line + headers.sum::<usize>()
}

/// Waits until nothing was asked for too long.
async fn quiet(mut open: watch::Receiver<usize>, patience: Patience) {
    let mut patient = patience.first;
    loop {
        // The sender is dropped with the connection, which ends the wait for this.
        match tokio::time::timeout(patient, open.changed()).await {
            Err(_) => return,
            Ok(Err(_)) => return std::future::pending().await,
            Ok(Ok(())) => {}
        }
        if open.wait_for(|open| *open == 0).await.is_err() {
            return std::future::pending().await;
        }
        patient = patience.idle;
    }
}
