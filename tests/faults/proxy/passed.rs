//! The way to the real API server. Does I/O.

use anyhow::Result;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use hyper::{Request, Response};
use kube::Client;

pub(super) struct Upstream(Client);

impl Upstream {
    /// The client brings address, TLS and token.
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    /// Passes a request on; of a list at most so many objects.
    pub(super) async fn pass(
        &self,
        request: Request<Incoming>,
        at_most: Option<u32>,
    ) -> Result<Response<Body>> {
        let (parts, body) = request.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let mut uri = parts.uri.path().to_owned();
        if let Some(query) = parts.uri.query() {
            uri = format!("{uri}?{}", limited(query, at_most));
        }
        let mut on = Request::builder().method(parts.method).uri(uri);
        for name in [ACCEPT, CONTENT_TYPE] {
            if let Some(value) = parts.headers.get(&name) {
                on = on.header(name, value);
            }
        }
        let answer = self.0.send(on.body(bytes.into())?).await?;
        let (mut parts, body) = answer.into_parts();
        // How long it is, and how it is cut, is told anew: it may be changed.
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(TRANSFER_ENCODING);
        Ok(Response::from_parts(parts, Body::new(body)))
    }
}

fn limited(query: &str, at_most: Option<u32>) -> String {
    let Some(at_most) = at_most else {
        return query.to_owned();
    };
    let parts: Vec<String> = query
        .split('&')
        .map(|part| {
            if part.starts_with("limit=") {
                format!("limit={at_most}")
            } else {
                part.to_owned()
            }
        })
        .collect();
    parts.join("&")
}
