//! Who asks: the user whom a trusted proxy names, the holder of a token, or anybody where nobody is asked. Pure.
//!
//! The original believes `X-Auth-Request-User`, for only its ingress can reach it. Here that header counts from a
//! configured proxy and is not looked at from anywhere else.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::error::Error;
use super::wire::Invalid;
use crate::model::Tenants;
use crate::server::{Access, Admitted, Grant, Peer};

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
    State(access): State<Access>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let proxied = peer.is_some_and(|peer| access.trusts(peer));
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    match caller(&access, request.headers(), proxied, reads) {
        Ok(caller) => {
            let grant = match &caller {
                Caller::Holder(grant) => Some(grant.clone()),
                Caller::Anybody | Caller::User(_) => None,
            };
            let extensions = request.extensions_mut();
            extensions.insert(Admitted(grant));
            extensions.insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

fn caller(
    access: &Access,
    headers: &HeaderMap,
    proxied: bool,
    reads: bool,
) -> Result<Caller, Error> {
    let mut named = headers.get_all(USER).iter();
    if let Some(user) = named.next().filter(|_| proxied) {
        if named.next().is_some() {
            // Of two, one may be the client's own, which the proxy has let pass.
            return Err(Error::PermissionDenied);
        }
        // What is no text is nobody's name.
        let user = user.to_str().unwrap_or_default();
        return Ok(Caller::User(user.into()));
    }
    match access.of_headers(headers) {
        Ok(Some(grant)) => Ok(Caller::Holder(grant)),
        _ if proxied && reads => Err(Error::Invalid(vec![Invalid::at(
            &["header", USER],
            "missing",
            "Field required",
            &Value::Null,
        )])),
        Ok(None) => Ok(Caller::Anybody),
        Err(denied) => Err(Error::Unauthenticated(denied)),
    }
}
