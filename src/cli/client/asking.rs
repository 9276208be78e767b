//! One request and its answer, with time limits and errors in words. Does I/O.

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use super::base::Base;
use super::error::Error;
use super::link::Connector;
use super::wire::ErrorBody;

/// How long a server may take before it answers.
const HEAD: Duration = Duration::from_secs(60);
/// How long an answer may stand still. Streams give a sign of life every 15 seconds.
const PAUSE: Duration = Duration::from_secs(50);
/// The most bytes of an error that are read.
const ERROR: usize = 1 << 20;

/// A server, and how to speak with it; cheap to clone.
#[derive(Clone)]
pub(in crate::cli) struct Client {
    pool: Pool<Connector, Full<Bytes>>,
    pub(super) base: Base,
    authorization: Option<HeaderValue>,
}

/// A request that is not sent yet.
pub(super) struct Asking {
    pub(super) method: Method,
    pub(super) address: String,
    pub(super) accept: &'static str,
    pub(super) content: Option<(&'static str, Bytes)>,
    pub(super) last_event_id: Option<String>,
}

impl Asking {
    pub(super) fn new(method: Method, address: String) -> Self {
        Self {
            method,
            address,
            accept: "application/json",
            content: None,
            last_event_id: None,
        }
    }
}

impl Client {
    /// # Errors
    ///
    /// If the token cannot stand in a header.
    pub(in crate::cli) fn new(
        connector: Connector,
        base: Base,
        token: Option<&str>,
    ) -> Result<Self, Error> {
        let authorization = match token {
            None => None,
            Some(token) => {
                let wrong = |_| Error::Credentials {
                    what: "the token".into(),
                    problem: "it has characters that a header cannot have".into(),
                };
                let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(wrong)?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let mut pool = Pool::builder(TokioExecutor::new());
        pool.pool_timer(TokioTimer::new());
        Ok(Self {
            pool: pool.build(connector),
            base,
            authorization,
        })
    }

    /// Sends a request; an answer that is an error is one.
    pub(super) async fn ask(&self, asking: Asking) -> Result<Response<Incoming>, Error> {
        let mut request = Request::builder()
            .method(asking.method)
            .uri(asking.address)
            .header(ACCEPT, asking.accept)
            .header(USER_AGENT, concat!("dagtrail/", env!("CARGO_PKG_VERSION")));
        if let Some(value) = &self.authorization {
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(id) = asking.last_event_id {
            request = request.header("last-event-id", id);
        }
        let mut body = Bytes::new();
        if let Some((kind, content)) = asking.content {
            request = request.header(CONTENT_TYPE, kind);
            body = content;
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| self.unreadable(&error))?;
        let answer = match timeout(HEAD, self.pool.request(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.unreachable(&innermost(&error))),
            Err(_) => return Err(self.unreachable("it does not answer")),
        };
        if answer.status().is_success() {
            Ok(answer)
        } else {
            Err(self.refused(answer).await)
        }
    }

    /// All of an answer's body.
    pub(super) async fn read(&self, answer: Response<Incoming>) -> Result<Vec<u8>, Error> {
        let mut read = Vec::new();
        let mut parts = Box::pin(self.parts(answer));
        while let Some(part) = parts.next().await {
            read.extend_from_slice(&part?);
        }
        Ok(read)
    }

    /// An answer's body as it comes.
    pub(super) fn parts(
        &self,
        answer: Response<Incoming>,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let asked = self.clone();
        let mut body = answer.into_body();
        async_stream::stream! {
            loop {
                match timeout(PAUSE, body.frame()).await {
                    Ok(None) => return,
                    Ok(Some(Ok(frame))) => {
                        if let Ok(bytes) = frame.into_data() {
                            yield Ok(bytes);
                        }
                    }
                    Ok(Some(Err(error))) => {
                        yield Err(asked.unreachable(&innermost(&error)));
                        return;
                    }
                    Err(_) => {
                        yield Err(asked.unreachable("its answer stands still"));
                        return;
                    }
                }
            }
        }
    }

    async fn refused(&self, answer: Response<Incoming>) -> Error {
        let status = answer.status();
        let body = http_body_util::Limited::new(answer.into_body(), ERROR);
        let read = timeout(PAUSE, body.collect()).await;
        let read = match read {
            Ok(Ok(read)) => read.to_bytes(),
            _ => Bytes::new(),
        };
        match serde_json::from_slice::<ErrorBody>(&read) {
            Ok(body) => Error::Refused {
                status: status.as_u16(),
                message: body.error_msg,
                code: body.error_code,
                results: body.results,
            },
            // A proxy in between, or another server altogether.
            Err(_) => Error::Refused {
                status: status.as_u16(),
                message: format!("{} answers {status}", self.base),
                code: "not in dagtrail's words".into(),
                results: Vec::new(),
            },
        }
    }

    pub(super) fn unreachable(&self, problem: &str) -> Error {
        Error::Unreachable {
            server: self.base.to_string(),
            problem: problem.to_owned(),
        }
    }

    pub(super) fn unreadable(&self, problem: &dyn std::fmt::Display) -> Error {
        Error::Unreadable {
            server: self.base.to_string(),
            problem: problem.to_string(),
        }
    }
}

/// The cause that says most: the last of the chain.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
