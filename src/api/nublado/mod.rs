//! The Nublado dialect: `/nublado/spawner/v1/labs/{username}/events`, the progress of an LSST Nublado lab as
//! server-sent events, and the routes by which an operation is told.
//!
//! ```text
//! POST …/operations   {kind}                     opens: a new execution, the one before it is over
//! POST …/events       {type, message, progress}  tells: a row by its id (operation, ordinal)
//! POST …/operations/end                          ends one that no terminal event has ended
//! GET  …/events                                  the newest operation from its start, until its end
//! ```
//!
//! Nothing is held beside the store but where each user's newest operation is: what a listener receives is made from
//! the operation's rows in the order of their `Seq`, so every listener receives the same bytes, before and after a
//! restart. Does I/O through axum only.

mod caller;
mod convert;
mod error;
mod index;
mod ingest;
mod labs;
mod operation;
mod path;
mod sse;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::{Extension, Router};

pub(super) use self::error::refuse;
use self::labs::Labs;
use super::state::State;

/// What the paths of this dialect begin with.
pub(super) const PREFIX: &str = "/nublado";

/// The dialect's routes. The original's other routes stay with the original: they create and delete labs.
pub(super) fn routes(state: &State) -> Router<State> {
    let labs = Arc::new(Labs::new(state.reader.clone()));
    let routes = Router::new()
        .route(
            "/spawner/v1/labs/{username}/events",
            get(stream::events).post(ingest::tell),
        )
        .route("/spawner/v1/labs/{username}/operations", post(ingest::open))
        .route(
            "/spawner/v1/labs/{username}/operations/end",
            post(ingest::end),
        )
        .route_layer(from_fn_with_state(state.clone(), caller::known_only))
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        .layer(Extension(labs));
    Router::new().nest(PREFIX, routes)
}
