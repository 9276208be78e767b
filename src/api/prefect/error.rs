//! What Prefect's clients are answered instead, in the three shapes that Prefect's server has. Pure.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::detail::{Detail, null};
use crate::api::body::BodyError;
use crate::model::Code;
use crate::server::status_of;
use crate::{ingest, query};

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The request is not what it should be.
    #[error("{} errors in the request", details.len())]
    Invalid {
        details: Vec<Detail>,
        /// The body as it was sent.
        body: Box<RawValue>,
    },
    /// A sentence for what is wrong.
    #[error("{1}")]
    Told(StatusCode, String),
    /// A page's token that this server did not make.
    #[error("Forbidden")]
    Token,
    /// It was not read.
    #[error("{0}")]
    Unread(#[from] BodyError),
    /// The store or the writer did not do it.
    #[error("{message}")]
    Failed { code: Code, message: String },
}

impl Error {
    /// What is wrong with a body.
    pub(super) fn invalid(details: Vec<Detail>, body: &RawValue) -> Self {
        Self::Invalid {
            details,
            body: body.to_owned(),
        }
    }

    /// What is wrong with a request of which the body says nothing.
    pub(super) fn asked(detail: Detail) -> Self {
        Self::Invalid {
            details: vec![detail],
            body: null(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let message = self.to_string();
        let (status, body) = match self {
            Self::Invalid { details, body } => {
                let told = to_raw_value(&Refused {
                    exception_message: "Invalid request received.",
                    exception_detail: &details,
                    request_body: &body,
                });
                (
                    StatusCode::UNPROCESSABLE_ENTITY,
                    told.unwrap_or_else(|_| null()),
                )
            }
            Self::Told(status, _) => (status, detail(&message)),
            Self::Token => (StatusCode::FORBIDDEN, detail(&message)),
            Self::Unread(error) => (error.status(), detail(&message)),
            Self::Failed { code, .. } => {
                let status = status_of(code);
                if status.is_server_error() {
                    tracing::error!("a request failed: {message}");
                }
                (status, exception(code, &message))
            }
        };
        (status, Json(body)).into_response()
    }
}

#[derive(serde::Serialize)]
struct Refused<'a> {
    exception_message: &'static str,
    exception_detail: &'a [Detail],
    request_body: &'a RawValue,
}

fn detail(message: &str) -> Box<RawValue> {
    to_raw_value(&json!({ "detail": message })).unwrap_or_else(|_| null())
}

fn exception(code: Code, message: &str) -> Box<RawValue> {
    // The words that Prefect's clients look for.
    let told = match code {
        Code::Unauthenticated => json!({ "exception_message": "Unauthorized" }),
        _ => json!({ "exception_message": message }),
    };
    to_raw_value(&told).unwrap_or_else(|_| null())
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
        Self::Failed {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

/// Refuses a request in this dialect's words, for a guard that stands before the routes.
#[must_use]
pub(in crate::api) fn refuse(code: Code, message: &str) -> Response {
    Error::Failed {
        code,
        message: message.to_owned(),
    }
    .into_response()
}

/// What is answered where there is no route.
pub(super) async fn no_route() -> Error {
    Error::Told(StatusCode::NOT_FOUND, "Not Found".into())
}

/// What is answered where there is a route, but not for this method.
pub(super) async fn no_method() -> Error {
    Error::Told(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed".into())
}
