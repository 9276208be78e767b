//! Every route of every dialect on one page, and what is done to every answer. Does I/O through axum only.

use axum::Router;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodRouter;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Finish;
use super::state::State;
use super::{answer, dataflow, genomcore, nublado, operations, prefect, rights, v1};
use crate::model::Code;
use crate::server::guard;
use crate::telemetry::Metrics;

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

/// The native dialect: /v1.
fn native() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(v1::read::events, v1::ingest::post))
        .routes(routes!(v1::read::named_events))
        .routes(routes!(v1::samples::samples))
        .routes(routes!(v1::retention::retention))
        .routes(routes!(v1::executions::list))
        .routes(routes!(v1::executions::get, v1::executions::delete))
        .routes(routes!(v1::executions::get_named))
        .routes(routes!(v1::executions::put_alias))
        .routes(routes!(v1::carry::export))
        .routes(routes!(v1::carry::import))
}

/// For who runs the server; nobody is asked who they are.
fn operations() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(operations::livez))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::openapi_json))
}

/// The whole HTTP surface.
pub fn router(state: State) -> Router {
    let (native, _) = native().split_for_parts();
    let (operations, _) = operations().split_for_parts();
    let metrics = state.metrics.clone();
    // Of the documented API; what it would do is not ours, and said so to those who are known.
    let native = native.route("/v1/executions_iter", MethodRouter::new());
    let routes = guarded(native, &state)
        .merge(dataflow::routes(&state))
        .merge(genomcore::routes(&state))
        .merge(nublado::routes(&state))
        .merge(prefect::routes(&state))
        .merge(operations);
    finished(routes.with_state(state), &metrics)
}

/// Routes that only those reach who are known and may, by the table of [`rights`].
pub(super) fn guarded(routes: Router<State>, state: &State) -> Router<State> {
    let state = state.clone();
    // That a method is not there is told to who is known as well.
    let routes = routes.method_not_allowed_fallback(v1::no_method);
    routes.route_layer(from_fn(move |request, next| {
        let state = state.clone();
        async move {
            let (asking, request) = rights::asking(&state, request).await;
            guard::known_only(state.access.clone(), refuse, asking, request, next).await
        }
    }))
}

/// In whose words a path is refused, by what it begins with; all others in the native dialect's.
const REFUSALS: &[(&str, guard::Renderer)] = &[
    (dataflow::PREFIX, dataflow::refuse),
    (genomcore::ROOT, |_, code, message| {
        genomcore::refuse(code, message)
    }),
    (nublado::PREFIX, |_, code, message| {
        nublado::refuse(code, message)
    }),
    (prefect::MOUNT, |_, code, message| {
        prefect::refuse(code, message)
    }),
];

/// Refuses a request in the words of the dialect that its path belongs to.
#[must_use]
pub fn refuse(uri: &Uri, code: Code, message: &str) -> Response {
    let mut dialects = REFUSALS.iter();
    match dialects.find(|(prefix, _)| uri.path().starts_with(prefix)) {
        Some((_, refuse)) => refuse(uri, code, message),
        None => v1::refuse(code, message),
    }
}

/// Routes, with what is done to every request and answer: also to those that no route takes, and that fail.
fn finished(routes: Router, metrics: &Metrics) -> Router {
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(Finish::new(metrics), answer::finish))
        .layer(CatchPanicLayer::custom(v1::panicked));
    routes
        .fallback(v1::no_route)
        .method_not_allowed_fallback(v1::no_method)
        .layer(layers)
}

/// The description of all routes, as `/openapi.json` gives it.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    native().merge(operations()).into_openapi()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn defect() -> &'static str {
        panic!("a secret of the server")
    }

    #[tokio::test]
    async fn a_panic_is_answered_in_the_envelope_without_its_words_and_harms_no_other_request() {
        let router = finished(Router::new().route("/", get(defect)), &Metrics::new());
        for _ in 0..2 {
            let request = Request::get("/").body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 500);
            assert!(answer.headers().contains_key("x-request-id"));
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["error_code"], "GCS.5000001");
            assert!(!body["error_msg"].as_str().unwrap().contains("secret"));
        }
    }
}
