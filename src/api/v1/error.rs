//! What the native dialect answers instead, in the envelope `{"error_msg","error_code"}`, and the one table of its
//! codes. Pure.

use std::any::Any;

use axum::Json;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::wire::{ErrorBody, ItemResult};
use crate::api::body::BodyError;
use crate::model::Code;
use crate::server::status_of;
use crate::{ingest, query};

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::api) enum Error {
    /// A query parameter is not known, or has a value that it cannot have.
    #[error("query parameter {key}: {problem}")]
    Query { key: String, problem: String },
    /// `limit` and `offset` of a list, which come together and are digits.
    #[error("bad request, limit or offset: {0}")]
    LimitOffset(String),
    /// A cursor that was not made for this query.
    #[error(
        "query parameter cursor: was not made by this server for this path, filter and order; begin without it"
    )]
    Cursor,
    /// Something in the path.
    #[error("path: {0}")]
    Path(String),
    /// A body that cannot be taken apart into items.
    #[error("body: {0}")]
    Body(String),
    /// No item was stored; the first that is at fault.
    #[error("event {index}: {field}: {problem}")]
    NothingStored {
        index: usize,
        field: String,
        problem: String,
        results: Vec<ItemResult>,
    },
    /// The body's type is none that is read here.
    #[error("{0}")]
    MediaType(String),
    /// It was not read.
    #[error("{0}")]
    Unread(BodyError),
    /// More items than the limit.
    #[error("body: has {found} events, and {most} is the most: send it in parts")]
    TooManyItems { found: usize, most: usize },
    /// No execution has this id, alias or name.
    #[error("execution {0:?} is not known")]
    UnknownExecution(String),
    /// A bare kind that fits two groups.
    #[error("path: kind {kind:?} fits several: say which of {choices}")]
    AmbiguousKind { kind: String, choices: String },
    /// It was deleted a short time ago and nothing later was told.
    #[error("execution {id:?} was deleted; an event of a time after that begins it anew")]
    Deleted {
        id: String,
        results: Vec<ItemResult>,
    },
    /// No such route.
    #[error("there is nothing at {0}; /openapi.json lists what there is")]
    NoRoute(String),
    /// Not this method.
    #[error("{method} is not possible at {path}; the header Allow says what is")]
    NoMethod { method: String, path: String },
    /// What the documented API lets one do with executions and dagtrail does not: it runs none.
    #[error(
        "{method} is not possible at {path}: dagtrail records executions and runs none; create, cancel and retry them \
         where they run"
    )]
    NotRun { method: String, path: String },
    /// The process is not ready.
    #[error("not ready: {0}")]
    NotReady(String),
    /// The store or the writer did not do it.
    #[error("{message}")]
    Failed { code: Code, message: String },
    /// A defect.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    pub(super) fn query(key: &str, problem: impl Into<String>) -> Self {
        Self::Query {
            key: key.chars().take(64).collect(),
            problem: problem.into(),
        }
    }

    /// The table: status, and the four digits after it in `GCS.<status><digits>`. 400 3007 is documented by the
    /// Gene Container Service, the others are ours.
    const fn entry(&self) -> (StatusCode, u16) {
        match self {
            Self::Query { .. } => (StatusCode::BAD_REQUEST, 1),
            Self::Cursor => (StatusCode::BAD_REQUEST, 2),
            Self::Path(_) => (StatusCode::BAD_REQUEST, 3),
            Self::Body(_) => (StatusCode::BAD_REQUEST, 4),
            Self::NothingStored { .. } => (StatusCode::BAD_REQUEST, 5),
            Self::LimitOffset(_) => (StatusCode::BAD_REQUEST, 3007),
            Self::UnknownExecution(_) => (StatusCode::NOT_FOUND, 1),
            Self::NoRoute(_) => (StatusCode::NOT_FOUND, 2),
            Self::NoMethod { .. } => (StatusCode::METHOD_NOT_ALLOWED, 1),
            Self::NotRun { .. } => (StatusCode::METHOD_NOT_ALLOWED, 2),
            Self::AmbiguousKind { .. } => (StatusCode::CONFLICT, 1),
            Self::Deleted { .. } => (StatusCode::CONFLICT, 2),
            Self::Unread(error @ BodyError::Broken(_)) => (error.status(), 4),
            Self::Unread(error) => (error.status(), 1),
            Self::TooManyItems { .. } => (StatusCode::PAYLOAD_TOO_LARGE, 2),
            Self::MediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, 1),
            Self::NotReady(_) => (StatusCode::SERVICE_UNAVAILABLE, 1),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, 1),
            Self::Failed { code, .. } => (status_of(*code), 0),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, number) = self.entry();
        let error_msg = self.to_string();
        if status.is_server_error() && !matches!(self, Self::NotReady(_)) {
            tracing::error!("a request failed: {error_msg}");
        }
        let results = match self {
            Self::NothingStored { results, .. } => Some(results),
            // None, if nothing but the execution itself was told.
            Self::Deleted { results, .. } => (!results.is_empty()).then_some(results),
            _ => None,
        };
        let body = ErrorBody {
            error_msg,
            error_code: format!("GCS.{}{number:04}", status.as_u16()),
            results,
        };
        (status, Json(body)).into_response()
    }
}

impl From<query::Error> for Error {
    fn from(error: query::Error) -> Self {
        match error {
            query::Error::Unknown(id) => Self::UnknownExecution(id),
            query::Error::Store(_) => Self::Failed {
                code: error.code(),
                message: error.to_string(),
            },
        }
    }
}

impl From<BodyError> for Error {
    fn from(error: BodyError) -> Self {
        Self::Unread(error)
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

/// Refuses a request in the native dialect's envelope, for a guard that stands before the routes.
#[must_use]
pub(in crate::api) fn refuse(code: Code, message: &str) -> Response {
    let message = message.to_owned();
    Error::Failed { code, message }.into_response()
}

/// What is answered where there is no route.
pub(in crate::api) async fn no_route(uri: Uri) -> Error {
    Error::NoRoute(uri.path().to_owned())
}

/// What is answered where there is a route, but not for this method.
pub(in crate::api) async fn no_method(method: Method, uri: Uri) -> Error {
    let (method, path) = (method.to_string(), uri.path().to_owned());
    let of_executions = path.starts_with("/v1/executions") && !path.ends_with("/events");
    if of_executions && matches!(method.as_str(), "POST" | "PUT" | "PATCH") {
        return Error::NotRun { method, path };
    }
    Error::NoMethod { method, path }
}

/// What is answered when a handler panicked: the process goes on.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer that catches panics gives the panic away"
)]
pub(in crate::api) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let told = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!("a handler panicked: {}", told.unwrap_or("no message"));
    Error::Internal("a defect of the server, it is in its log".into()).into_response()
}
