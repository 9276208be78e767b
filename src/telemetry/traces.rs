//! Traces: a span for each request and each commit, sent by OTLP over HTTP, if they are to go anywhere. Does I/O.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{HeaderMap, Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use tracing::{Span, field};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::Registry;

/// Spans have this target, and nothing else has.
pub(super) const TARGET: &str = "dagtrail::traces";
/// How long the last traces may take.
const LAST: Duration = Duration::from_secs(2);
/// How long a collector may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// The most bytes of its answer that are read.
const MOST: usize = 1 << 20;

/// Why no traces are sent.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be sent to {endpoint}: {problem}")]
pub struct Error {
    endpoint: String,
    problem: String,
}

/// What takes spans and sends them, many at a time.
pub(super) fn provider(endpoint: &str) -> Result<SdkTracerProvider, Error> {
    let failed = |problem: String| Error {
        endpoint: endpoint.to_owned(),
        problem,
    };
    if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
        return Err(failed(
            "it begins neither with http:// nor with https://".into(),
        ));
    }
    let sender = Sender::new().map_err(|error| failed(error.to_string()))?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(sender)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(ANSWER)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let mut resource = Resource::builder();
    // It is called so unless the environment says how.
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("dagtrail");
    }
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.with_attribute(version).build())
        .build())
}

/// What makes spans of the ones that are made here.
pub(super) fn layer(provider: &SdkTracerProvider) -> OpenTelemetryLayer<Registry, SdkTracer> {
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("dagtrail"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
}

/// Sends what is not sent yet.
pub(super) async fn finish(provider: SdkTracerProvider) {
    let ending = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(LAST));
    if let Ok(Err(error)) = ending.await {
        tracing::warn!(%error, "the last traces are not sent");
    }
}

/// The span of a request, which goes on with the trace that its headers name; of nothing if no traces are sent.
/// `route`: the path as its pattern.
pub fn request_span<B>(request: &Request<B>, route: &str) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = field::Empty,
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = field::Empty,
        url.path = request.uri().path(),
    );
    if !span.is_disabled() {
        span.record(
            "otel.name",
            format!("{} {route}", request.method()).trim_end(),
        );
        from_headers(&span, request.headers());
    }
    span
}

fn from_headers(span: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // It fails where the span is none of a trace, and then there is nothing to go on with.
    let _ = span.set_parent(parent);
}

/// Notes in a request's span how it was answered.
pub fn with_status(span: &Span, status: u16) {
    // Only signed numbers are numbers in what is sent.
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of a group commit; of nothing if no traces are sent.
#[must_use]
pub fn commit_span(submissions: usize, observations: usize) -> Span {
    let number = |of: usize| i64::try_from(of).unwrap_or(i64::MAX);
    tracing::info_span!(
        target: TARGET,
        "commit",
        submissions = number(submissions),
        observations = number(observations),
        otel.status_code = field::Empty,
    )
}

/// Sends over the runtime of the process: who exports has a thread of their own, without one.
struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
    tracker: TaskTracker,
    is_well: AtomicBool,
}

impl Sender {
    fn new() -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            runtime: Handle::current(),
            tracker: TaskTracker::new(),
            is_well: AtomicBool::new(true),
        })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = async move {
            let answer = client.request(request.map(Full::new)).await?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, MOST).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(head, body))
        };
        // On the runtime: it needs the clock there, too.
        let sending = async move { tokio::time::timeout(ANSWER, sending).await };
        self.tracker.spawn_on(sending, &self.runtime).await??
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request).await;
        let problem = match &sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("the collector answers {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_well = self.is_well.swap(problem.is_none(), Ordering::Relaxed);
        match problem {
            Some(problem) if was_well => {
                tracing::warn!(
                    problem,
                    "traces are not taken; they are lost until they are"
                );
            }
            None if !was_well => tracing::info!("traces are taken again"),
            _ => {}
        }
        sent
    }
}
