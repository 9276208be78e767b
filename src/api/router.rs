//! Every route of every dialect on one page, and what is done to every answer. Does I/O through axum only.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::state::State;
use super::{answer, operations, v1};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "dagtrail",
        description = "The history of every DAG execution: events in, folded and durable; timelines out, in Chinese \
                       and English."
    ),
    tags(
        (name = "events", description = "What happened in an execution."),
        (name = "executions", description = "The executions themselves."),
        (name = "operations", description = "For who runs the server.")
    )
)]
struct Document;

fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(Document::openapi())
        // Native dialect: /v1
        .routes(routes!(v1::read::events, v1::ingest::post))
        .routes(routes!(v1::read::named_events))
        .routes(routes!(v1::executions::list))
        .routes(routes!(v1::executions::get, v1::executions::delete))
        .routes(routes!(v1::executions::get_named))
        .routes(routes!(v1::executions::put_alias))
        // Operations
        .routes(routes!(operations::livez))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::openapi_json))
}

/// The whole HTTP surface.
pub fn router(state: State) -> Router {
    let (routes, _) = routes().split_for_parts();
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(from_fn_with_state(state.metrics.clone(), answer::finish))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(CatchPanicLayer::custom(v1::panicked));
    routes
        .fallback(v1::no_route)
        .method_not_allowed_fallback(v1::no_method)
        .layer(DefaultBodyLimit::max(v1::MAX_BODY))
        .layer(layers)
        .with_state(state)
}

/// The description of all routes, as `/openapi.json` gives it.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}
