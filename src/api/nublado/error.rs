//! What this dialect answers instead: `{"detail": …}` as the original's framework writes it. Pure.

use axum::Json;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::wire::Invalid;
use crate::api::body::BodyError;
use crate::model::Code;
use crate::server::{Denied, status_of};
use crate::{ingest, query};

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Nobody has ever told of an operation of this user.
    #[error("Unknown user {0}")]
    UnknownUser(String),
    /// Somebody else's lab, or only for services.
    #[error("Permission denied")]
    PermissionDenied,
    /// Who asks is not known.
    #[error("{}", told(.0))]
    Unauthenticated(Denied),
    /// The user's last operation is over.
    #[error("No operation in progress for {0}")]
    NoOperation(String),
    /// Parts of the request that are wrong.
    #[error("the request is not valid")]
    Invalid(Vec<Invalid>),
    /// The body's type.
    #[error("content-type {0:?} is not read here: send application/json")]
    MediaType(String),
    /// The body was not read.
    #[error("{0}")]
    Unread(#[from] BodyError),
    /// The store or the writer did not do it.
    #[error("{message}")]
    Failed { code: Code, message: String },
}

/// The original's sentence where it has one.
fn told(denied: &Denied) -> String {
    match denied {
        Denied::Wrong => "User token is invalid".into(),
        _ => denied.to_string(),
    }
}

/// An entry of `detail`.
#[derive(Serialize)]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    loc: Option<[&'static str; 2]>,
    msg: &'a str,
    #[serde(rename = "type")]
    of: &'static str,
}

impl Error {
    /// Status, `type`, and the part of the request at fault.
    fn entry(&self) -> (StatusCode, &'static str, Option<[&'static str; 2]>) {
        let user = Some(["path", "username"]);
        match self {
            Self::UnknownUser(_) => (StatusCode::NOT_FOUND, "unknown_user", user),
            Self::PermissionDenied => (StatusCode::FORBIDDEN, "permission_denied", None),
            Self::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "invalid_token", None),
            Self::NoOperation(_) => (StatusCode::CONFLICT, "no_operation", user),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", None),
            Self::MediaType(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                None,
            ),
            Self::Unread(error) => (error.status(), "invalid_body", None),
            Self::Failed { code, .. } => {
                let of = match code {
                    Code::PermissionDenied => "permission_denied",
                    Code::InvalidArgument => "invalid_request",
                    _ => "internal_error",
                };
                (status_of(*code), of, None)
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, of, loc) = self.entry();
        let msg = self.to_string();
        if status.is_server_error() {
            tracing::error!("a request failed: {msg}");
        }
        let detail = match &self {
            Self::Invalid(all) => json!({ "detail": all }),
            _ => return answer(status, &msg, of, loc),
        };
        (status, Json(detail)).into_response()
    }
}

fn answer(
    status: StatusCode,
    msg: &str,
    of: &'static str,
    loc: Option<[&'static str; 2]>,
) -> Response {
    #[derive(Serialize)]
    struct Answer<'a> {
        detail: [Detail<'a>; 1],
    }
    let detail = [Detail { loc, msg, of }];
    let mut answer = (status, Json(Answer { detail })).into_response();
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110, 11.6.1: a 401 names what would be understood.
        let schemes = HeaderValue::from_static("Bearer realm=\"dagtrail\"");
        answer.headers_mut().insert(WWW_AUTHENTICATE, schemes);
    }
    answer
}

impl From<query::Error> for Error {
    fn from(error: query::Error) -> Self {
        Self::Failed {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

impl From<ingest::Error> for Error {
    fn from(error: ingest::Error) -> Self {
        match error {
            ingest::Error::Denied { .. } => Self::PermissionDenied,
            _ => Self::Failed {
                code: error.code(),
                message: error.to_string(),
            },
        }
    }
}

/// Refuses a request in this dialect's words, for a guard that stands before the routes.
pub(in crate::api) fn refuse(code: Code, message: &str) -> Response {
    let message = message.to_owned();
    Error::Failed { code, message }.into_response()
}

/// What is answered where there is no route.
pub(super) async fn no_route() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"detail": "Not Found"}))).into_response()
}

/// What is answered where there is a route, but not for this method.
pub(super) async fn no_method() -> Response {
    let detail = json!({"detail": "Method Not Allowed"});
    (StatusCode::METHOD_NOT_ALLOWED, Json(detail)).into_response()
}
