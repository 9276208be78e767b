//! `POST` of a refresh token: a new short-lived one for it. Does I/O through axum only.

use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;

use super::error::Error;
use super::items;
use super::object::Element;
use super::wire::Renewed;
use crate::api::State;

/// The most bytes of a body.
const MAX_BODY: usize = 64 * 1024;
/// What may be sent; the refresh token must be.
const FIELDS: [&str; 3] = ["token", "refreshToken", "project"];

/// Renews a token. Which one it replaces is not looked at: it may have expired long ago.
pub(super) async fn refresh(
    Shared(state): Shared<State>,
    request: Request,
) -> Result<Response, Error> {
    items::check_type(request.headers())?;
    let body = state.bodies.read(request, MAX_BODY).await?;
    let refresh_token = read(items::text(&body)?)?;
    let renewed = state.access.renewed(&refresh_token);
    let Some(token) = renewed.map_err(|_| Error::Unauthorized)? else {
        return Err(Error::NotThere(
            "this server signs no tokens: it was started without a key file".into(),
        ));
    };
    let answer = Json(Renewed {
        token,
        refresh_token: &refresh_token,
    });
    Ok((StatusCode::CREATED, answer).into_response())
}

fn read(text: &str) -> Result<String, Error> {
    let raw: &RawValue =
        serde_json::from_str(text).map_err(|error| Error::invalid(items::not_json(&error)))?;
    let Some(pairs) = Element::object(raw) else {
        return Err(Error::invalid("body must be an object"));
    };
    let (mut faults, mut refresh_token) = (Vec::new(), None);
    for (key, raw) in pairs {
        let text = serde_json::from_str::<Option<String>>(raw.get());
        match (FIELDS.into_iter().find(|field| **field == *key), text) {
            (Some("refreshToken"), Ok(text)) => refresh_token = text,
            (Some(_), Ok(_)) => {}
            (Some(field), Err(_)) => faults.push(format!("{field} must be a string")),
            (None, _) => {
                let key: String = key.chars().take(64).collect();
                faults.push(format!("property {key} should not exist"));
            }
        }
    }
    let refresh_token = refresh_token.unwrap_or_default();
    if refresh_token.is_empty() && faults.is_empty() {
        faults.push("refreshToken should not be empty".into());
    }
    if faults.is_empty() {
        Ok(refresh_token)
    } else {
        Err(Error::Invalid(faults))
    }
}
