//! The routes for who runs the server. Pure.

use std::sync::LazyLock;

use axum::extract;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::router;
use super::state::State;
use super::v1::{Error, ErrorBody};

/// Whether the process is alive: it answers, so it is.
#[utoipa::path(get, path = "/livez", tag = "operations", responses(
    (status = 200, description = "The process answers.", body = String, content_type = "text/plain"),
))]
pub(super) async fn livez() -> &'static str {
    "ok"
}

/// What is asked of `/readyz`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Readyz {
    /// If it is there, each part has a line of its own.
    verbose: Option<String>,
}

/// Whether the process is ready to be asked.
#[utoipa::path(get, path = "/readyz", tag = "operations", params(Readyz), responses(
    (status = 200, description = "It is ready.", body = String, content_type = "text/plain"),
    (status = 503, description = "It still waits for something, which is named.", body = ErrorBody),
))]
pub(super) async fn readyz(
    extract::State(state): extract::State<State>,
    extract::Query(asked): extract::Query<Readyz>,
) -> Result<Response, Error> {
    let ready = if state.stopping.is_cancelled() {
        Err("the server is stopping".to_owned())
    } else {
        state.health.ready()
    };
    if asked.verbose.is_none() {
        ready.map_err(Error::NotReady)?;
        return Ok("ok".into_response());
    }
    let (status, last) = match ready {
        Ok(()) => (StatusCode::OK, "it is ready".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}")),
    };
    Ok((status, format!("{}{last}\n", state.health.verbose())).into_response())
}

/// The server's metrics, in OpenMetrics text.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses(
    (status = 200, description = "OpenMetrics 1.0 text.", body = String,
        content_type = "application/openmetrics-text"),
))]
pub(super) async fn metrics(
    extract::State(state): extract::State<State>,
) -> Result<Response, Error> {
    let held = state.bodies.held_kib();
    state.metrics.body_kib.set(i64::from(held));
    let text = state
        .metrics
        .render()
        .map_err(|error| Error::Internal(error.to_string()))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], text).into_response())
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", responses(
    (status = 200, description = "OpenAPI 3.1.", body = serde_json::Value, content_type = "application/json"),
))]
pub(super) async fn openapi_json() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        router::openapi()
            .to_json()
            .expect("a description of plain values is JSON")
    });
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}
