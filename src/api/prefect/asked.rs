//! A request's body as JSON, and the fields that it may have. Does I/O through axum.

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::detail::{Detail, Loc, null};
use super::error::Error;
use super::json::{Map, Shape, shape};
use crate::api::State;

/// The most bytes of a body.
const BODY: usize = 32 * 1024 * 1024;

/// The body as JSON; `null` if there is none.
pub(super) async fn body(state: &State, request: Request) -> Result<Box<RawValue>, Error> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.map(|kind| kind.to_str().unwrap_or("?").to_ascii_lowercase());
    let essence = kind
        .as_deref()
        .map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let is_json = essence.is_none_or(|kind| kind == "application/json" || kind.ends_with("+json"));
    let held = state.bodies.read(request, BODY).await?;
    let text = String::from_utf8_lossy(&held);
    let as_text = || to_raw_value(&text).unwrap_or_else(|_| null());
    if text.is_empty() {
        return Ok(null());
    }
    if !is_json {
        // What a page of another site may send without asking is a text, whatever it looks like.
        return Ok(as_text());
    }
    serde_json::from_slice::<Box<RawValue>>(&held).map_err(|error| {
        let before = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1));
        let at = match before.map(str::len).sum::<usize>() + error.column() {
            end if error.is_eof() => end,
            behind => behind.saturating_sub(1),
        };
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default();
        let none = to_raw_value(&json!({})).unwrap_or_else(|_| null());
        let told = Detail::new(
            "json_invalid",
            Loc::body().to(at),
            "JSON decode error",
            &none,
        );
        Error::invalid(vec![told.with(json!({ "error": problem }))], &as_text())
    })
}

/// The fields of a body that is an object, or is not there.
///
/// # Errors
///
/// If it is something else.
pub(super) fn fields(body: &RawValue) -> Result<Map<'_>, Error> {
    match shape(body) {
        Shape::Map(map) => Ok(map),
        Shape::Null => Ok(Map::new()),
        _ => Err(Error::invalid(
            vec![Detail::not_a_model(Loc::body(), body)],
            body,
        )),
    }
}
