//! The Prefect dialect: the events API of Prefect's server, as its clients speak it.
//!
//! ```text
//! events/in, POST  check ─► place, state ─► convert ─► ingest          PONG and 204 when it is on disk
//! events/out       criteria ─► filter ─► what is stored, then what comes, along one sequence
//! events/filter    criteria ─► filter ─► index ─► Reader ─► convert ─► pages
//! ```
//!
//! `docs/dialects/prefect.md` says how fields are mapped and what differs from the original. Does I/O through axum only.

mod asked;
mod buckets;
mod check;
mod convert;
mod count;
mod criteria;
mod detail;
mod error;
mod filter;
mod foreign;
mod index;
mod ingest;
mod inlet;
mod json;
mod outlet;
mod place;
mod plain;
mod quick;
mod read;
mod scan;
mod search;
mod socket;
mod state;
mod token;
mod when;
mod wire;

#[cfg(test)]
mod tests;

use axum::Extension;
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{any, get, post};

pub(super) use self::error::refuse;
use self::index::Index;
pub use self::plain::PREFECT;
use super::router::guarded;
use super::state::State;

/// Where this dialect is.
pub(super) const MOUNT: &str = "/prefect/api";
/// Where clients that are set up for Prefect's cloud look for it, below the mount.
const ACCOUNTS: [&str; 3] = [
    "",
    "/accounts/{account}",
    "/accounts/{account}/workspaces/{workspace}",
];

/// A route without the account and the workspace that it may be below.
pub(super) fn without_account(route: &str) -> std::borrow::Cow<'_, str> {
    let below = ACCOUNTS.iter().rev().filter(|below| !below.is_empty());
    for below in below {
        let rest = route.strip_prefix(MOUNT);
        if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(below)) {
            return format!("{MOUNT}{rest}").into();
        }
    }
    route.into()
}

/// The routes of this dialect.
pub(super) fn routes(state: &State) -> Router<State> {
    let (mut known, mut open) = (Router::new(), Router::new());
    for below in ACCOUNTS {
        let way = |path: &str| format!("{MOUNT}{below}{path}");
        known = known
            .route(
                &way("/admin/version"),
                get(plain::admin_version).fallback(error::no_method),
            )
            .route(
                &way("/version"),
                get(plain::version).fallback(error::no_method),
            )
            .route(&way("/hello"), get(plain::hello).fallback(error::no_method))
            .route(
                &way("/csrf-token"),
                get(plain::csrf_token).fallback(error::no_method),
            )
            .route(
                &way("/events"),
                post(ingest::post).fallback(error::no_method),
            )
            .route(&way("/events/"), any(plain::without_slash))
            .route(
                &way("/events/filter"),
                post(read::filter).fallback(error::no_method),
            )
            .route(
                &way("/events/filter/next"),
                get(read::next).fallback(error::no_method),
            )
            .route(
                &way("/events/count-by/{countable}"),
                post(count::count).fallback(error::no_method),
            );
        open = open
            .route(&way("/health"), get(plain::health).fallback(error::no_method))
            .route(&way("/ready"), get(plain::ready).fallback(error::no_method))
            // Who speaks on these is asked on the socket.
            .route(&way("/events/in"), any(inlet::open))
            .route(&way("/events/out"), any(outlet::open));
    }
    let known = known
        .layer(Extension(Index::new(state.reader.clone())))
        .route_layer(from_fn(plain::check_version));
    let nowhere = format!("{MOUNT}/{{*nowhere}}");
    guarded(known, state)
        .merge(open)
        .route(&nowhere, any(error::no_route))
}
