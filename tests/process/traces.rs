//! Traces, as a collector gets them: a span for each request and for each commit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use parking_lot::Mutex;
use prost::Message;

use super::server::{Server, dagtrail};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// What was exported.
type Exports = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

/// A collector that speaks OTLP over HTTP.
async fn collector() -> (String, Exports) {
    let exports = Exports::default();
    let taken = exports.clone();
    let take = async move |headers: HeaderMap, body: Bytes| {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        taken
            .lock()
            .push(ExportTraceServiceRequest::decode(body).unwrap());
        StatusCode::OK
    };
    let routes = Router::new().route("/v1/traces", post(take));
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "the test ends it by ending")]
    tokio::spawn(async move { axum::serve(socket, routes).await });
    (url, exports)
}

fn serve(endpoint: &str) -> Server {
    let flags = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
    ];
    let mut command = dagtrail(&flags);
    // A log that says nothing must not silence the spans.
    command
        .env("RUST_LOG", "error")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    Server::spawn(command)
}

async fn tell(server: &Server) -> reqwest::StatusCode {
    let event = r#"{"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"}"#;
    let told = reqwest::Client::new()
        .post(server.events("run"))
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .body(event);
    told.send().await.unwrap().status()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn find<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_and_its_commit_are_spans_and_the_callers_trace_goes_on() {
    let (url, exports) = collector().await;
    let server = serve(&url);
    assert_eq!(tell(&server).await, 200);
    let absent = reqwest::get(format!("{}/v1/executions/none", server.url))
        .await
        .unwrap();
    assert_eq!(absent.status(), 404);
    // The end brings what was not sent yet.
    assert!(
        tokio::task::spawn_blocking(|| server.terminate())
            .await
            .unwrap()
    );

    let exports = exports.lock();
    let resources = exports.iter().flat_map(|export| &export.resource_spans);
    let mut spans: Vec<&Span> = Vec::new();
    for of in resources {
        let attributes = &of.resource.as_ref().unwrap().attributes;
        let name = Value::StringValue("dagtrail".into());
        assert_eq!(find(attributes, "service.name"), Some(&name));
        spans.extend(of.scope_spans.iter().flat_map(|scope| &scope.spans));
    }
    let named = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        let first = found.next().unwrap_or_else(|| panic!("{name}: {spans:?}"));
        assert!(found.next().is_none(), "{name} is there twice");
        *first
    };
    let told = named("POST /v1/executions/{id}/events");
    assert_eq!(hex(&told.trace_id), TRACE);
    assert_eq!(hex(&told.parent_span_id), PARENT);
    assert_eq!(told.kind, 2, "it is of a server");
    assert_eq!(
        find(&told.attributes, "http.response.status_code"),
        Some(&Value::IntValue(200))
    );
    assert!(told.end_time_unix_nano > told.start_time_unix_nano);
    let absent = named("GET /v1/executions/{id}");
    assert_ne!(hex(&absent.trace_id), TRACE);
    assert!(absent.parent_span_id.is_empty());
    assert_eq!(
        find(&absent.attributes, "http.response.status_code"),
        Some(&Value::IntValue(404))
    );
    let commit = named("commit");
    assert_eq!(
        find(&commit.attributes, "submissions"),
        Some(&Value::IntValue(1))
    );
    assert_eq!(spans.len(), 3, "{spans:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_not_there_holds_up_neither_a_request_nor_the_end() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let server = serve(&url);
    assert_eq!(tell(&server).await, 200);
    let begin = Instant::now();
    assert!(
        tokio::task::spawn_blocking(|| server.terminate())
            .await
            .unwrap()
    );
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn an_endpoint_that_is_none_is_named_before_anything_is_served() {
    let (well, _, said) = super::server::output(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
        "--otlp-endpoint",
        "collector:4317",
    ]);
    assert!(!well && said.contains("collector:4317"), "{said}");
}
