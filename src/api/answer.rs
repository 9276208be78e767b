//! What every answer of every dialect carries. Pure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use tower_http::request_id::{MakeRequestId, RequestId};
use tracing::Instrument;
use uuid::Uuid;

use crate::telemetry::{self, Labelled, Metrics};

/// Classes of answers, by the first digit of the status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts answers, and looks for the counters once only.
#[derive(Clone)]
pub(super) struct Finish(Arc<[Counter; 5]>);

impl Finish {
    pub(super) fn new(metrics: &Metrics) -> Self {
        let counter = |of| metrics.answers.get_or_create_owned(&Labelled { of });
        Self(Arc::new(CLASSES.map(counter)))
    }

    fn count(&self, status: u16) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.0[class].inc();
    }
}
/// Seconds after which who was refused for want of room or time may ask again.
const RETRY_AFTER: &str = "5";

/// Sets the headers that every answer has, and counts it.
pub(super) async fn finish(State(counts): State<Finish>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    // What is written at this level only is not copied otherwise.
    let asked = tracing::enabled!(tracing::Level::DEBUG)
        .then(|| (request.method().clone(), request.uri().path().to_owned()));
    let route = request.extensions().get::<MatchedPath>();
    let span = telemetry::request_span(&request, route.map_or("", MatchedPath::as_str));
    let mut answer = if span.is_disabled() {
        next.run(request).await
    } else {
        let answer = next.run(request).instrument(span.clone()).await;
        telemetry::with_status(&span, answer.status().as_u16());
        answer
    };
    if let Some((method, path)) = asked {
        tracing::debug!(%method, path, status = answer.status().as_u16(), "answered");
    }
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
    let refused = matches!(answer.status().as_u16(), 429 | 503 | 507);
    if refused && !answer.headers().contains_key(header::RETRY_AFTER) {
        let seconds = HeaderValue::from_static(RETRY_AFTER);
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    counts.count(answer.status().as_u16());
    answer
}

/// Names requests: what names the process, and a number. It is made for every request, so it asks the kernel for
/// nothing.
#[derive(Clone, Debug)]
pub(super) struct Numbered {
    process: u64,
    next: Arc<AtomicU64>,
}

impl Numbered {
    pub(super) fn new() -> Self {
        Self {
            process: Uuid::new_v4().as_u64_pair().0,
            next: Arc::default(),
        }
    }
}

impl MakeRequestId for Numbered {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:016x}-{number:x}", self.process);
        HeaderValue::try_from(name).ok().map(RequestId::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_one_name() {
        let (mut one, mut other) = (Numbered::new(), Numbered::new());
        let request = axum::http::Request::new(());
        let mut names: Vec<String> = Vec::new();
        for _ in 0..20 {
            for maker in [&mut one, &mut other] {
                let id = maker.make_request_id(&request).unwrap();
                names.push(id.header_value().to_str().unwrap().to_owned());
            }
        }
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn every_answer_counts_in_its_class() {
        let metrics = Metrics::new();
        let finish = Finish::new(&metrics);
        for status in [101, 200, 204, 304, 404, 503] {
            finish.count(status);
        }
        let counts = CLASSES.map(|of| metrics.answers.get_or_create(&Labelled { of }).get());
        assert_eq!(counts, [1, 2, 1, 1, 1]);
    }
}
