//! What this dialect answers instead, in the shape of NestJS: `{"statusCode","message","error"}`. Pure.

use axum::Json;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::wire::{ErrorBody, Message};
use crate::api::body::BodyError;
use crate::model::Code;
use crate::server::status_of;
use crate::{ingest, query};

/// The most sentences of one answer.
const SENTENCES: usize = 100;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// What was sent is wrong: a sentence for each field, which it begins with.
    #[error("{}", .0.join("; "))]
    Invalid(Vec<String>),
    /// It was not read.
    #[error("{0}")]
    Unread(#[from] BodyError),
    /// More items than the limit.
    #[error("body must contain no more than {most} elements, and has {found}: send it in parts")]
    TooMany { found: usize, most: usize },
    /// The body's type is none that is read here.
    #[error("content-type {0:?} is not read here: send application/json")]
    MediaType(String),
    /// Not the credentials that are needed.
    #[error("Unauthorized")]
    Unauthorized,
    /// Nothing of it could be stored: the executions were deleted later than it tells of.
    #[error("collection was deleted as an execution, and all of this is of the time before")]
    Buried,
    /// No such route, or not on this server.
    #[error("{0}")]
    NotThere(String),
    /// Not this method.
    #[error("Cannot {method} {path}")]
    NoMethod { method: String, path: String },
    /// The store or the writer did not do it.
    #[error("{message}")]
    Failed { code: Code, message: String },
}

impl Error {
    /// One sentence.
    pub(super) fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid(vec![sentence.into()])
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Unread(error) => error.status(),
            Self::TooMany { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Buried => StatusCode::CONFLICT,
            Self::NotThere(_) => StatusCode::NOT_FOUND,
            Self::NoMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Failed { code, .. } => status_of(*code),
        }
    }
}

/// The first sentences, and how many more there are.
fn some(mut sentences: Vec<String>) -> Vec<String> {
    let more = sentences.len().saturating_sub(SENTENCES);
    if more > 0 {
        sentences.truncate(SENTENCES);
        sentences.push(format!("and {more} more"));
    }
    sentences
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!("a request failed: {self}");
        }
        let sentence = self.to_string();
        let message = match self {
            Self::Invalid(sentences) => Message::Many(some(sentences)),
            _ if status == StatusCode::BAD_REQUEST => Message::Many(vec![sentence]),
            _ => Message::One(sentence),
        };
        // A 401 of NestJS says its name once.
        let named = status != StatusCode::UNAUTHORIZED;
        let body = ErrorBody {
            status_code: status.as_u16(),
            message,
            error: status.canonical_reason().filter(|_| named),
        };
        (status, Json(body)).into_response()
    }
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

/// Refuses a request in this dialect's shape, for a guard that stands before the routes.
pub(in crate::api) fn refuse(code: Code, message: &str) -> Response {
    let error = match code {
        Code::Unauthenticated => Error::Unauthorized,
        _ => Error::Failed {
            code,
            message: message.to_owned(),
        },
    };
    error.into_response()
}

/// What is answered where there is no route.
pub(super) async fn no_route(method: Method, uri: Uri) -> Error {
    Error::NotThere(format!("Cannot {method} {}", uri.path()))
}

/// What is answered where there is a route, but not for this method.
pub(super) async fn no_method(method: Method, uri: Uri) -> Error {
    Error::NoMethod {
        method: method.to_string(),
        path: uri.path().to_owned(),
    }
}
