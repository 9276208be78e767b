//! One connection, from its first byte to its end: how long the other side may keep it waiting. Does I/O.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use axum::response::IntoResponse;
use futures::future::BoxFuture;
use hyper::body::Incoming;
use hyper::service::Service;
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutWriter;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::access::Peer;
use super::gate::{Full, Limit};
use super::guard::{self, Renderer};
use super::kept::{self, Kept};
use super::quiet::{Open, Requests, quiet};
use super::seat::Seat;
use super::speaking::{HEADERS, Speaking, Speech};
use super::tls::Tls;
use super::version;
use crate::telemetry::{Labelled, Metrics};

/// When one too many is to come again.
const LATER: Duration = Duration::from_secs(1);

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
    pub(super) speech: Arc<Speech>,
    pub(super) stopping: CancellationToken,
}

impl Connection {
    /// Serves it to its end, or, when the server stops, until open requests are cut off.
    pub(super) async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        tls: Option<Tls>,
        cut_off: CancellationToken,
    ) {
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(self.patience.write));
        let requests = Requests::default();
        let quiet = quiet(requests.clone(), self.patience);
        let serving = async {
            let begins = self.begin(Box::pin(stream), tls, requests);
            let end = match self.stopping.run_until_cancelled(begins).await {
                None => Ok(()),
                Some(Err(error)) => Err(error.to_string()),
                Some(Ok(speaking)) => {
                    let end = self.speak(speaking, &cut_off).await;
                    end.map_err(|error| error.to_string())
                }
            };
            if let Err(error) = end {
                tracing::debug!(error, "a connection ended early");
            }
        };
        tokio::select! {
            biased;
            () = serving => {}
            () = quiet => tracing::debug!("a connection on which nothing is asked ends"),
        }
    }

    async fn begin(
        self: &Arc<Self>,
        stream: Pin<Box<TimeoutWriter<TcpStream>>>,
        tls: Option<Tls>,
        requests: Requests,
    ) -> io::Result<Speaking> {
        let answering = Answering {
            connection: self.clone(),
            requests,
        };
        let Some(tls) = tls else {
            let (version, stream) = version::spoken(stream).await?;
            return Ok(self.speech.begin(version, stream, answering));
        };
        // On the heap: who speaks plainly would keep room for all that encrypts.
        Box::pin(async move {
            let stream = tls.0.accept(stream).await?;
            let (version, stream) = version::spoken(stream).await?;
            Ok(self.speech.begin(version, stream, answering))
        })
        .await
    }

    async fn speak(
        &self,
        mut speaking: Speaking,
        cut_off: &CancellationToken,
    ) -> Result<(), hyper::Error> {
        tokio::select! {
            biased;
            end = &mut speaking => return end,
            () = self.stopping.cancelled() => speaking.as_mut().finish(),
        }
        // A request that hangs holds a way in, and the writer ends only when the last of those is gone.
        cut_off
            .run_until_cancelled(speaking)
            .await
            .unwrap_or(Ok(()))
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Response<Body> {
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

/// Answers the requests of a connection.
pub(super) struct Answering {
    connection: Arc<Connection>,
    requests: Requests,
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response<Kept<Open>>;
    type Error = Infallible;
    // On the heap: the connection keeps room for it as long as it lasts, which is long after it has ended.
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let (connection, open) = (self.connection.clone(), self.requests.open());
        Box::pin(async move {
            let answer = connection.answer(request).await;
            Ok(answer.map(|body| kept::holding(body, open)))
        })
    }
}

/// An answer after which the connection ends.
fn ended<T>(request: &Request<T>, mut answer: Response<Body>) -> Response<Body> {
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
