//! `POST`: an operation is opened, told of and ended. Does I/O through the writer.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::caller::Caller;
use super::error::Error;
use super::labs::{Labs, Telling, Told};
use super::path::User;
use super::wire;
use crate::api::State;
use crate::api::asked::Asked;

/// The most bytes of a body.
const MAX_BODY: usize = 512 * 1024;

/// Opens an operation; the one before it is over.
pub(super) async fn open(
    Asked(state): Asked,
    Extension(labs): Extension<Arc<Labs>>,
    Extension(caller): Extension<Caller>,
    User(user): User,
    request: Request,
) -> Result<Response, Error> {
    caller.must_tell()?;
    let body = read(&state, request).await?;
    let kind = wire::kind(&body).map_err(Error::Invalid)?;
    let telling = Telling::Open(kind);
    let told = labs.tell(state, user, caller.writes(), telling).await?;
    let location = format!("/v1/executions/{}", told.key.id);
    let mut answer = (StatusCode::CREATED, Json(shown(&told))).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}

/// Tells an event of the operation that is under way.
pub(super) async fn tell(
    Asked(state): Asked,
    Extension(labs): Extension<Arc<Labs>>,
    Extension(caller): Extension<Caller>,
    User(user): User,
    request: Request,
) -> Result<Response, Error> {
    caller.must_tell()?;
    let body = read(&state, request).await?;
    let event = wire::event(&body).map_err(Error::Invalid)?;
    let telling = Telling::Event(event);
    let told = labs.tell(state, user, caller.writes(), telling).await?;
    Ok((StatusCode::CREATED, Json(shown(&told))).into_response())
}

/// Ends the operation that is under way; one that has ended stays so.
pub(super) async fn end(
    Asked(state): Asked,
    Extension(labs): Extension<Arc<Labs>>,
    Extension(caller): Extension<Caller>,
    User(user): User,
) -> Result<StatusCode, Error> {
    caller.must_tell()?;
    let writes = caller.writes();
    labs.tell(state, user, writes, Telling::End).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(told: &Told) -> serde_json::Value {
    json!({"operation": &*told.key.id, "ordinal": told.ordinal, "ended": told.over})
}

async fn read(state: &State, request: Request) -> Result<crate::api::body::Held, Error> {
    is_json(request.headers())?;
    Ok(state.bodies.read(request, MAX_BODY).await?)
}

/// What browsers send without asking is refused: a page of another site could write otherwise.
fn is_json(headers: &HeaderMap) -> Result<(), Error> {
    let given = headers
        .get(CONTENT_TYPE)
        .map(|value| value.to_str().unwrap_or("?"));
    let given = given.unwrap_or("application/json");
    let essence = given.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "application/json" | "" => Ok(()),
        kind if kind.ends_with("+json") => Ok(()),
        _ => Err(Error::MediaType(essence.to_owned())),
    }
}
