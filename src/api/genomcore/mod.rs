//! The Genomcore dialect: the events API that Genomcore's SDK speaks to, as far as its documentation tells.
//!
//! ```text
//! POST   /genomcore/api/v1/events         items ─► convert::telling ─► ingest        all of a request, or nothing
//! POST   /genomcore/api/v1/events/query   ask ─► Reader::fold ─► seen ─► page        every row, whoever told it
//! DELETE /genomcore/api/v1/events         collection ─► ingest::remove               this dialect's rows only
//! POST   /genomcore/api/v1/auth/refresh-token
//! ```
//!
//! What is the documentation's and what is ours stands in docs/dialects/genomcore.md. Does I/O through axum only.

mod ask;
mod auth;
mod convert;
mod datum;
mod delete;
mod error;
mod filter;
mod ingest;
mod iso;
mod items;
mod names;
mod object;
mod page;
mod read;
mod seen;
mod wire;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{any, post};

pub(super) use self::error::refuse;
use super::router;
use super::state::State;

/// Where all of it is.
pub(super) const ROOT: &str = "/genomcore/api/v1/";

pub(super) fn routes(state: &State) -> Router<State> {
    let at = |path: &str| format!("{ROOT}{path}");
    let events = post(ingest::create).delete(delete::delete);
    let known = Router::new()
        .route(&at("events"), events.fallback(error::no_method))
        .route(
            &at("events/query"),
            post(read::query).fallback(error::no_method),
        );
    router::guarded(known, state)
        .route(
            &at("auth/refresh-token"),
            post(auth::refresh).fallback(error::no_method),
        )
        .route("/genomcore/{*rest}", any(error::no_route))
}
