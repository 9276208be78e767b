//! What each route needs, on one page: a route that is not here is nobody's. Does I/O through the reader, where a right
//! has to be asked for namespace by namespace.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::RequestPartsExt;
use axum::extract::{MatchedPath, Query, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use futures::FutureExt;

use super::state::State;
use super::{prefect, v1};
use crate::query;
use crate::server::{Asking, Found, Places, Verb};

#[cfg(test)]
mod tests;

/// What a route needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: nobody is asked who they are.
    Nothing,
    /// To be known.
    Known,
    /// To have this right.
    May(Verb),
    /// To have the right to get, or to watch for who wants a stream.
    Follow,
    /// To have this right, which is asked for on the socket.
    Socket(Verb),
}

/// Any method: what the route answers is the same for all.
pub(super) const ANY: &str = "*";

/// Method, route, need. Those of Prefect stand for the ones below an account and a workspace, too.
pub(super) const NEEDS: &[(&str, &str, Need)] = {
    use Need::{Follow, Known, May, Nothing, Socket};
    use Verb::{Create, Delete, Get, List, Watch};
    &[
        ("GET", "/livez", Nothing),
        ("GET", "/readyz", Nothing),
        ("GET", "/metrics", Nothing),
        ("GET", "/openapi.json", Nothing),
        ("GET", "/v1/executions", May(List)),
        // It has no method at all, which is said to who is known.
        (ANY, "/v1/executions_iter", Known),
        ("GET", "/v1/executions/{id}", May(Get)),
        ("DELETE", "/v1/executions/{id}", May(Delete)),
        ("GET", "/v1/executions/{id}/events", Follow),
        ("POST", "/v1/executions/{id}/events", May(Create)),
        ("GET", "/v1/executions/{id}/samples", May(Get)),
        ("GET", "/v1/executions/{id}/retention", May(Get)),
        ("PUT", "/v1/executions/{id}/aliases/{alias}", May(Create)),
        ("GET", "/v1/executions/{namespace}/{kind}/{name}", May(Get)),
        (
            "GET",
            "/v1/executions/{namespace}/{kind}/{name}/events",
            Follow,
        ),
        ("GET", "/v1/export", May(List)),
        ("POST", "/v1/import", May(Create)),
        (
            "POST",
            "/v1b3/projects/{project}/WorkerMessages",
            May(Create),
        ),
        (
            "POST",
            "/v1b3/projects/{project}/locations/{location}/WorkerMessages",
            May(Create),
        ),
        ("POST", "/genomcore/api/v1/events", May(Create)),
        ("DELETE", "/genomcore/api/v1/events", May(Delete)),
        ("POST", "/genomcore/api/v1/events/query", May(List)),
        // Its body has the credentials.
        ("POST", "/genomcore/api/v1/auth/refresh-token", Nothing),
        (ANY, "/genomcore/{*rest}", Nothing),
        (
            "GET",
            "/nublado/spawner/v1/labs/{username}/events",
            May(Watch),
        ),
        (
            "POST",
            "/nublado/spawner/v1/labs/{username}/events",
            May(Create),
        ),
        (
            "POST",
            "/nublado/spawner/v1/labs/{username}/operations",
            May(Create),
        ),
        (
            "POST",
            "/nublado/spawner/v1/labs/{username}/operations/end",
            May(Create),
        ),
        ("GET", "/prefect/api/health", Nothing),
        ("GET", "/prefect/api/ready", Nothing),
        ("GET", "/prefect/api/admin/version", Known),
        ("GET", "/prefect/api/version", Known),
        ("GET", "/prefect/api/hello", Known),
        ("GET", "/prefect/api/csrf-token", Known),
        ("POST", "/prefect/api/events", May(Create)),
        (ANY, "/prefect/api/events/", Known),
        ("POST", "/prefect/api/events/filter", May(List)),
        ("GET", "/prefect/api/events/filter/next", May(List)),
        (
            "POST",
            "/prefect/api/events/count-by/{countable}",
            May(List),
        ),
        (ANY, "/prefect/api/events/in", Socket(Create)),
        (ANY, "/prefect/api/events/out", Socket(Watch)),
        (ANY, "/prefect/api/{*nowhere}", Nothing),
    ]
};

/// What a route needs for a method that it has. For one that it has not: to be known, to be told so.
pub(super) fn need(method: &Method, route: &str) -> Need {
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let route = prefect::without_account(route);
    let of = |(of, at, _): &&(&str, &str, Need)| *at == route && (*of == ANY || *of == method);
    let found = NEEDS.iter().find(of);
    found.map_or(Need::Known, |(_, _, need)| *need)
}

/// What a request asks to do, and with whose histories.
pub(super) async fn asking(state: &State, request: Request) -> (Asking, Request) {
    let (mut parts, body) = request.into_parts();
    let asking = of_parts(state, &mut parts).await;
    (asking, Request::from_parts(parts, body))
}

async fn of_parts(state: &State, parts: &mut Parts) -> Asking {
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let Some(verb) = verb(need(&parts.method, route), &parts.headers) else {
        return Asking::to_be_known();
    };
    if state.access.is_open() {
        // Nobody is asked whose it is.
        return Asking {
            verb: Some(verb),
            places: Places::None,
        };
    }
    let params = parts.extract::<RawPathParams>().await;
    let param = |name: &str| {
        let mut params = params.iter().flat_map(RawPathParams::iter);
        params.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let places = match (param("namespace"), param("id")) {
        (Some(namespace), _) => named(namespace),
        (None, Some(id)) => of_id(state, id, verb),
        (None, None) => match project(parts) {
            Some(namespace) => named(&namespace),
            None => everywhere(state, verb),
        },
    };
    Asking {
        verb: Some(verb),
        places,
    }
}

fn verb(need: Need, headers: &HeaderMap) -> Option<Verb> {
    match need {
        Need::Nothing | Need::Known => None,
        Need::Follow if v1::wants_stream(headers) => Some(Verb::Watch),
        Need::Follow => Some(Verb::Get),
        Need::May(verb) | Need::Socket(verb) => Some(verb),
    }
}

/// What a socket asks to do.
pub(super) fn of_socket(state: &State, verb: Verb) -> Asking {
    Asking {
        verb: Some(verb),
        places: everywhere(state, verb),
    }
}

/// The namespace that a list is of.
fn project(parts: &Parts) -> Option<String> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).ok()?;
    let mut pairs = pairs.into_iter();
    pairs
        .find(|(key, _)| key == "project_id")
        .map(|(_, value)| value)
}

fn named(namespace: &str) -> Places {
    let name: Box<str> = namespace.into();
    Places::Some(Arc::new(move || {
        let names = BTreeSet::from([name.clone()]);
        async move { Ok(names) }.boxed()
    }))
}

/// Where the executions of an id are; for who tells of one, where it would begin, too.
fn of_id(state: &State, id: &str, verb: Verb) -> Places {
    let (reader, id) = (state.reader.clone(), id.to_owned());
    let begins = (verb == Verb::Create).then(|| state.tenant.clone());
    Places::Some(Arc::new(move || {
        let (reader, id, begins) = (reader.clone(), id.clone(), begins.clone());
        async move {
            let mut names: BTreeSet<Box<str>> = begins.iter().map(|name| (**name).into()).collect();
            match reader.get(&id).await {
                Ok(united) => {
                    let tenants = united.executions.iter();
                    names.extend(tenants.map(|execution| (*execution.key.tenant).into()));
                }
                Err(query::Error::Unknown(_)) => {}
                Err(error) => return Err(error.to_string()),
            }
            Found::Ok(names)
        }
        .boxed()
    }))
}

/// Where anything is; for who tells, where it would be told.
fn everywhere(state: &State, verb: Verb) -> Places {
    if verb == Verb::Create {
        return named(&state.tenant);
    }
    let reader = state.reader.clone();
    Places::All(Arc::new(move || {
        let reader = reader.clone();
        async move { reader.tenants().await.map_err(|error| error.to_string()) }.boxed()
    }))
}
