//! What every answer of every dialect carries. Pure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use tracing::Instrument;
use uuid::Uuid;

use crate::telemetry::{self, Labelled, Metrics};

/// Classes of answers, by the first digit of the status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// How a request is called, by who asks or by us; the answer says it.
static NAME: HeaderName = HeaderName::from_static("x-request-id");

/// Names requests and counts answers, and looks for the counters once only.
#[derive(Clone)]
pub(super) struct Finish(Arc<Tools>);

struct Tools {
    counters: [Counter; 5],
    names: Names,
}

impl Finish {
    pub(super) fn new(metrics: &Metrics) -> Self {
        let counter = |of| metrics.answers.get_or_create_owned(&Labelled { of });
        Self(Arc::new(Tools {
            counters: CLASSES.map(counter),
            names: Names::new(),
        }))
    }

    fn count(&self, status: u16) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.0.counters[class].inc();
    }
}

/// Seconds after which who was refused for want of room or time may ask again.
const RETRY_AFTER: &str = "5";

/// Sets the headers that every answer has, and counts it.
pub(super) async fn finish(State(finish): State<Finish>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    // What is written at this level only is not copied otherwise.
    let asked = tracing::enabled!(tracing::Level::DEBUG)
        .then(|| (request.method().clone(), request.uri().path().to_owned()));
    let route = request.extensions().get::<MatchedPath>();
    let own = request.headers().get(&NAME).cloned();
    let name = own.or_else(|| finish.0.names.next());
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
    if let Some(name) = name {
        headers.entry(&NAME).or_insert(name);
    }
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
    finish.count(answer.status().as_u16());
    answer
}

/// Names requests: what names the process, and a number. It is made for every request, so it asks the kernel for
/// nothing.
struct Names {
    process: u64,
    next: AtomicU64,
}

impl Names {
    fn new() -> Self {
        Self {
            process: Uuid::new_v4().as_u64_pair().0,
            next: AtomicU64::new(0),
        }
    }

    fn next(&self) -> Option<HeaderValue> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:016x}-{number:x}", self.process);
        HeaderValue::try_from(name).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_one_name() {
        let (one, other) = (Names::new(), Names::new());
        let mut names: Vec<String> = Vec::new();
        for _ in 0..20 {
            for maker in [&one, &other] {
                let name = maker.next().unwrap();
                names.push(name.to_str().unwrap().to_owned());
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
