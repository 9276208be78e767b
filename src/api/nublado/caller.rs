//! Who asks: the user whom a trusted proxy names, the holder of a token, or anybody where nobody is asked. Pure.
//!
//! The original believes `X-Auth-Request-User`, for only its ingress can reach it. Here that header counts from a
//! configured proxy and is not looked at from anywhere else.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::error::{Error, refuse};
use super::wire::Invalid;
use crate::api::rights;
use crate::model::{Code, Tenants};
use crate::server::{Access, Admission, Asking, Denied, Grant, Peer, guard};

/// The header in which the original's ingress names the user.
const USER: &str = "x-auth-request-user";

/// Who asks, as an extension of the request.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// Nobody is asked: the path is believed.
    Anybody,
    /// A proxy that is believed has named this user.
    User(Box<str>),
    /// Somebody with a token; its name is the user's.
    Holder(Arc<Grant>),
}

impl Caller {
    /// Lets only the user read of the user's lab.
    pub(super) fn must_be(&self, user: &str) -> Result<(), Error> {
        let is = match self {
            Self::Anybody => true,
            Self::User(name) => **name == *user,
            Self::Holder(grant) => *grant.name == *user,
        };
        if is {
            Ok(())
        } else {
            Err(Error::PermissionDenied)
        }
    }

    /// Lets only services tell: who comes through the proxy is a user, who could tell tales of the own lab.
    pub(super) fn must_tell(&self) -> Result<(), Error> {
        match self {
            Self::User(_) => Err(Error::PermissionDenied),
            Self::Anybody | Self::Holder(_) => Ok(()),
        }
    }

    /// Whose histories may be read.
    pub(super) fn reads(&self) -> Arc<Tenants> {
        self.tenants(|grant| &grant.reads)
    }

    /// Whose may be told.
    pub(super) fn writes(&self) -> Arc<Tenants> {
        self.tenants(|grant| &grant.writes)
    }

    fn tenants(&self, of: impl FnOnce(&Grant) -> &Arc<Tenants>) -> Arc<Tenants> {
        match self {
            Self::Holder(grant) => of(grant).clone(),
            Self::Anybody | Self::User(_) => Arc::default(),
        }
    }
}

/// Lets a request pass whose sender is known, and says to the routes who that is.
pub(super) async fn known_only(
    State(state): State<super::State>,
    request: Request,
    next: Next,
) -> Response {
    let (asking, request) = rights::asking(&state, request).await;
    let verb = asking.verb;
    let (mut parts, body) = request.into_parts();
    match caller(&state.access, &parts, asking).await {
        Ok((caller, admission)) => {
            parts.extensions.insert(caller);
            let request = Request::from_parts(parts, body);
            guard::let_in(&state.access, render, admission, verb, request, next).await
        }
        Err(Refused::Told(error)) => error.into_response(),
        Err(Refused::Denied(denied)) => guard::deny(render, &parts.uri, denied),
    }
}

fn render(_: &Uri, code: Code, message: &str) -> Response {
    match code {
        Code::PermissionDenied => Error::PermissionDenied.into_response(),
        _ => refuse(code, message),
    }
}

enum Refused {
    /// In the original's words.
    Told(Error),
    /// In those of every dialect.
    Denied(Denied),
}

async fn caller(
    access: &Access,
    parts: &Parts,
    asking: Asking,
) -> Result<(Caller, Admission), Refused> {
    let (peer, headers) = (parts.extensions.get::<Peer>(), &parts.headers);
    let proxied = peer.is_some_and(|peer| access.trusts(*peer));
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let mut named = headers.get_all(USER).iter();
    if let Some(user) = named.next().filter(|_| proxied) {
        if named.next().is_some() {
            // Of two, one may be the client's own, which the proxy has let pass.
            return Err(Refused::Told(Error::PermissionDenied));
        }
        // What is no text is nobody's name.
        let user = user.to_str().unwrap_or_default();
        return Ok((Caller::User(user.into()), Admission::of_anybody()));
    }
    let admitted = access.by_headers(headers, asking).await;
    if let Ok(admission) = &admitted
        && let Some(grant) = admission.grant()
    {
        return Ok((Caller::Holder(grant.clone()), admission.clone()));
    }
    if proxied && reads {
        return Err(Refused::Told(Error::Invalid(vec![Invalid::at(
            &["header", USER],
            "missing",
            "Field required",
            &Value::Null,
        )])));
    }
    match admitted {
        Ok(admission) => Ok((Caller::Anybody, admission)),
        Err(denied @ (Denied::Missing | Denied::Wrong)) => {
            Err(Refused::Told(Error::Unauthenticated(denied)))
        }
        Err(denied) => Err(Refused::Denied(denied)),
    }
}
