//! `/v1b3`: Google Dataflow's two workerMessages methods. Workers of Beam pipelines tell how they are; nothing can be
//! read here but the answers.
//!
//! ```text
//! POST  ask ─► ingest ─► proto (JSON by the schema) ─► convert ─► writer ─► one response for each message
//! ```
//!
//! All or nothing, as a Google API is: a message that cannot be read refuses the request, with every violation at its
//! place (`error`). docs/dialects/dataflow.md says what becomes of each kind of message. Does I/O through axum only.

mod ask;
mod convert;
mod error;
mod fields;
mod ingest;
mod proto;
mod wire;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::post;

pub(super) use self::error::refuse;
use super::router::guarded;
use super::state::State;

/// Where this dialect's routes begin.
pub(super) const PREFIX: &str = "/v1b3";

/// Paths are matched on their raw segments and decoded then: a project may hold `%2F`.
pub(super) fn routes(state: &State) -> Router<State> {
    let own = Router::new()
        .route(
            "/projects/{project}/WorkerMessages",
            post(ingest::of_project),
        )
        .route(
            "/projects/{project}/locations/{location}/WorkerMessages",
            post(ingest::of_location),
        )
        .method_not_allowed_fallback(error::no_method)
        .fallback(error::no_route);
    // Guarded from outside the prefix, so that the guard sees whole paths.
    guarded(Router::new().nest(PREFIX, own), state).route_layer(from_fn(ask::credentials))
}
