//! What clients ask before they ask for events. Pure.

use axum::Json;
use axum::extract::{Request, State as Given};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::Error;
use crate::api::State;

/// The Prefect that this speaks like, unless it is said otherwise. Clients of another major version refuse to work with it.
pub const PREFECT: &str = "3.9.1";
/// The version of its API, and the oldest that clients may ask for.
const API: &str = "0.8.4";
const OLDEST: (u32, u32, u32) = (0, 8, 0);

pub(super) async fn admin_version(Given(state): Given<State>) -> Json<String> {
    Json(state.prefect_version.to_string())
}

pub(super) async fn version() -> Json<&'static str> {
    Json(API)
}

pub(super) async fn health() -> Json<bool> {
    Json(true)
}

pub(super) async fn hello() -> Json<&'static str> {
    Json("👋")
}

pub(super) async fn ready(Given(state): Given<State>) -> (StatusCode, Json<Value>) {
    match state.health.ready() {
        Ok(()) => (StatusCode::OK, Json(json!({ "message": "OK" }))),
        Err(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "message": why })),
        ),
    }
}

/// Tells clients to go on without: pages of other sites are kept off by credentials, or by the guard of loopback.
pub(super) async fn csrf_token() -> Error {
    let told = "CSRF protection is disabled.";
    Error::Told(StatusCode::UNPROCESSABLE_ENTITY, told.into())
}

/// The way without a slash at its end.
pub(super) async fn without_slash(request: Request) -> Response {
    let uri = request.uri();
    let query = uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let way = format!("{}{query}", uri.path().trim_end_matches('/'));
    let to = HeaderValue::try_from(way).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response()
}

/// Refuses who asks for an API that is older than what is spoken here.
pub(super) async fn check_version(request: Request, next: Next) -> Response {
    let asked = request.headers().get("x-prefect-api-version");
    match asked.map(|asked| check(asked.to_str().unwrap_or("?"))) {
        Some(Err(problem)) => Error::Told(StatusCode::BAD_REQUEST, problem).into_response(),
        _ => next.run(request).await,
    }
}

fn check(asked: &str) -> Result<(), String> {
    let mut parts = asked.split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(format!(
            "Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received {asked}"
        ));
    };
    if (major, minor, patch) < OLDEST {
        let (a, b, c) = OLDEST;
        return Err(format!(
            "The request specified API version {asked} but this server requires version {a}.{b}.{c} or higher."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_api_is_refused_and_a_newer_one_is_not() {
        for fine in ["0.8.0", "0.8.4", "1.0.0", "0.10.0"] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        assert!(check("0.7.9").unwrap_err().contains("0.8.0 or higher"));
        for odd in ["", "1", "0.8", "a.b.c", "0.8.4.1", "0.8.x"] {
            assert!(check(odd).unwrap_err().contains("'x.y.z'"), "{odd}");
        }
    }
}
