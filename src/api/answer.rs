//! What every answer of every dialect carries. Pure.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::telemetry::{Labelled, Metrics};

/// Sets the headers that every answer has, and counts it.
pub(super) async fn finish(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let reads = matches!(method, Method::GET | Method::HEAD);
    let mut answer = next.run(request).await;
    tracing::debug!(%method, path, status = answer.status().as_u16(), "answered");
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let stored = |value: &HeaderValue| value != "no-store";
    if reads && headers.get(header::CACHE_CONTROL).is_none_or(stored) {
        // Histories are somebody's, and move: a cache may keep them, but has to ask each time.
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    let of = match answer.status().as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    };
    metrics.answers.get_or_create(&Labelled { of }).inc();
    answer
}
