//! What this dialect answers instead, in the two formats of Google's APIs (`google.rpc.Status` in JSON). Pure.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::PREFIX;
use super::ask::{self, Format};
use super::proto::Violation;
use crate::api::body::BodyError;
use crate::ingest;
use crate::model::Code;
use crate::server::status_of;

/// As these APIs say that they answer in JSON.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The answer is wanted in another form than JSON.
    #[error("Invalid value at 'alt', \"{0}\": answers are JSON here")]
    Alt(String),
    /// Which parts of the answer are wanted.
    #[error("Invalid value at 'fields', {0}")]
    Fields(String),
    /// A part of the path.
    #[error("Invalid value at '{name}', {problem}")]
    Path { name: &'static str, problem: String },
    /// Not JSON.
    #[error("Invalid JSON payload received. {0}")]
    Json(String),
    /// JSON that does not say what it must.
    #[error("{}", sentences(.0))]
    Violations(Vec<Violation>),
    /// The body's type.
    #[error("content-type \"{0}\" is not read here: send application/json")]
    MediaType(String),
    /// It was not read.
    #[error("{0}")]
    Unread(BodyError),
    /// No such route.
    #[error("there is nothing at {0}: only the WorkerMessages methods are served here")]
    NoRoute(String),
    /// Not this method.
    #[error("{method} is not possible at {path}: POST is")]
    NoMethod { method: String, path: String },
    /// The writer did not do it, or may not.
    #[error("{message}")]
    Failed { code: Code, message: String },
}

/// Several are told one a line.
fn sentences(violations: &[Violation]) -> String {
    let all: Vec<&str> = violations.iter().map(|one| &*one.sentence).collect();
    all.join("\n")
}

impl Error {
    /// The table: HTTP status, canonical code, and the word of the first format.
    fn entry(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Alt(_)
            | Self::Fields(_)
            | Self::Path { .. }
            | Self::Json(_)
            | Self::Violations(_) => of_code(Code::InvalidArgument),
            Self::MediaType(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "INVALID_ARGUMENT",
                "badRequest",
            ),
            Self::Unread(BodyError::TooLarge(_)) => of_code(Code::PayloadTooLarge),
            Self::Unread(error @ BodyError::TooSlow(_)) => {
                (error.status(), "DEADLINE_EXCEEDED", "backendError")
            }
            Self::Unread(error) => (error.status(), "INVALID_ARGUMENT", "badRequest"),
            Self::NoRoute(_) => of_code(Code::NotFound),
            Self::NoMethod { .. } => (
                StatusCode::METHOD_NOT_ALLOWED,
                "UNIMPLEMENTED",
                "httpMethodNotAllowed",
            ),
            Self::Failed { code, .. } => of_code(*code),
        }
    }

    /// Writes it in the format that was asked for.
    pub(super) fn render(&self, format: Format) -> Response {
        let (code, status, reason) = self.entry();
        let message = self.to_string();
        if code.is_server_error() {
            tracing::error!("a request failed: {message}");
        }
        let violations = match self {
            Self::Violations(violations) => &violations[..],
            _ => &[],
        };
        let fields = violations.iter().map(|one| FieldViolation {
            field: (!one.place.is_empty()).then_some(&*one.place),
            description: &one.sentence,
        });
        let body = Envelope {
            error: Body {
                code: code.as_u16(),
                message: &message,
                errors: (format == Format::V1).then_some([Item {
                    message: &message,
                    domain: "global",
                    reason,
                }]),
                status,
                details: (format == Format::V2 && !violations.is_empty()).then(|| {
                    [BadRequest {
                        kind: "type.googleapis.com/google.rpc.BadRequest",
                        field_violations: fields.collect(),
                    }]
                }),
            },
        };
        let text = serde_json::to_string_pretty(&body).unwrap_or_default() + "\n";
        (code, [(CONTENT_TYPE, JSON)], text).into_response()
    }
}

const fn of_code(code: Code) -> (StatusCode, &'static str, &'static str) {
    let (status, reason) = match code {
        Code::InvalidArgument | Code::PayloadTooLarge => ("INVALID_ARGUMENT", "badRequest"),
        Code::Unauthenticated => ("UNAUTHENTICATED", "authError"),
        Code::PermissionDenied => ("PERMISSION_DENIED", "forbidden"),
        Code::NotFound => ("NOT_FOUND", "notFound"),
        Code::Conflict => ("ABORTED", "conflict"),
        Code::ResourceExhausted => ("RESOURCE_EXHAUSTED", "rateLimitExceeded"),
        Code::DeadlineExceeded => ("DEADLINE_EXCEEDED", "backendError"),
        Code::Unavailable => ("UNAVAILABLE", "backendError"),
        Code::Internal => ("INTERNAL", "backendError"),
    };
    (status_of(code), status, reason)
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: u16,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<[Item<'a>; 1]>,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<[BadRequest<'a>; 1]>,
}

#[derive(Serialize)]
struct Item<'a> {
    message: &'a str,
    domain: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BadRequest<'a> {
    #[serde(rename = "@type")]
    kind: &'a str,
    field_violations: Vec<FieldViolation<'a>>,
}

#[derive(Serialize)]
struct FieldViolation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    description: &'a str,
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

/// Refuses a request in this dialect's words, for a guard that stands before the routes.
#[must_use]
pub(in crate::api) fn refuse(uri: &Uri, code: Code, message: &str) -> Response {
    let message = message.to_owned();
    Error::Failed { code, message }.render(ask::format(uri))
}

/// The path as it was asked for: here its beginning is taken off.
fn whole(uri: &Uri) -> String {
    format!("{PREFIX}{}", uri.path())
}

/// What is answered where there is no route.
pub(super) async fn no_route(uri: Uri) -> Response {
    Error::NoRoute(whole(&uri)).render(ask::format(&uri))
}

/// What is answered where there is a route, but not for this method.
pub(super) async fn no_method(method: Method, uri: Uri) -> Response {
    let error = Error::NoMethod {
        method: method.to_string(),
        path: whole(&uri),
    };
    error.render(ask::format(&uri))
}
