//! Every route of the router with no token, a wrong one, one without the right, and one with it. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::*;
use crate::api::{Answers, Bodies, StreamTimings, Tools, router};
use crate::model::SystemClock;
use crate::query::Reader;
use crate::server::{Access, Health, Tokens};
use crate::store::memory::Memory;
use crate::telemetry::Metrics;
use crate::{ingest, live};

/// SHA-256 of `all`, `other` and `mute`, as `sha256sum` prints them.
const TOKENS: &str = "
tokens:
- name: rachel
  sha256: 5ef5ef0364b6939c4ca61f34b393f7b368d1be8619647aaf83d5b395919ab629
- name: other
  sha256: d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa
  namespaces: [elsewhere]
  verbs: [read]
- name: mute
  sha256: a7aa1b9790748b71e5c2a30207eb08c9279b04eaa4cb2705da436fe3198abce9
  namespaces: [elsewhere]
  verbs: [delete]
";

fn state() -> State {
    let (store, metrics) = (Arc::new(Memory::default()), Metrics::new());
    let clock = Arc::new(SystemClock);
    let (ingest, writer) = ingest::new(store.clone(), clock.clone(), metrics.clone());
    std::thread::spawn(move || writer.run());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, TOKENS).unwrap();
    State::from(Tools {
        answers: Arc::new(Answers::new(0, metrics.clone())),
        ingest,
        reader: Reader::new(store, live::Handle::default()),
        clock,
        metrics,
        tenant: "default".into(),
        access: Access::by_tokens(Tokens::read(file.path()).unwrap()),
        report_interval: Duration::ZERO,
        prefect_version: "3".into(),
        health: Health::new(),
        stopping: CancellationToken::new(),
        bodies: Bodies::default(),
        streams: StreamTimings::default(),
        rules: Arc::default(),
    })
}

/// The routes and methods that a router has, out of how it shows itself for debugging: it has no other way.
fn routes_of(router: &Router) -> BTreeMap<String, BTreeSet<String>> {
    const METHODS: [&str; 8] = [
        "get", "delete", "options", "patch", "post", "put", "trace", "connect",
    ];
    let shown = format!("{router:?}");
    let (endpoints, rest) = shown.split_once("node: Node {").expect("a router's shape");
    let mut methods = BTreeMap::new();
    for endpoint in endpoints.split("RouteId(").skip(1) {
        let (number, what) = endpoint.split_once(')').expect("an id");
        let has = METHODS.iter().filter(|method| {
            let field = format!(" {method}: ");
            let value = what.split_once(&field).map(|(_, value)| value);
            value.is_some_and(|value| !value.starts_with("None"))
        });
        methods.insert(
            number.to_owned(),
            has.map(|method| method.to_uppercase()).collect(),
        );
    }
    // Paths have braces of their own: the map ends where the node does.
    let (paths, _) = rest.split_once("} }").expect("the end of the node");
    let mut routes = BTreeMap::new();
    for entry in paths.split("RouteId(").skip(1) {
        let (number, path) = entry.split_once(')').expect("an id");
        let path = path.split('"').nth(1).expect("a path in quotes").to_owned();
        let has: &BTreeSet<String> = &methods[number];
        routes.insert(path, has.clone());
    }
    routes
}

#[tokio::test]
async fn the_router_has_the_routes_of_the_table_and_no_others() {
    let routes = routes_of(&router::router(state()));
    assert!(routes.len() > 40, "{routes:?}");
    let mut wrong = Vec::new();
    let mut listed = BTreeMap::<&str, BTreeSet<String>>::new();
    for (method, path, _) in NEEDS {
        let methods = listed.entry(path).or_default();
        if *method != ANY {
            methods.insert((*method).to_owned());
        }
    }
    for (path, methods) in &routes {
        match listed.get(&*prefect::without_account(path)) {
            None => wrong.push(format!("{path} is not in NEEDS")),
            Some(listed) if listed != methods => {
                wrong.push(format!("{path}: it has {methods:?}, NEEDS has {listed:?}"));
            }
            Some(_) => {}
        }
    }
    for path in listed.keys().filter(|path| !routes.contains_key(**path)) {
        wrong.push(format!("{path} is in NEEDS, and no route"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A body that the route can read.
fn body(path: &str) -> &'static str {
    if path.ends_with("/operations") {
        r#"{"kind": "spawn"}"#
    } else if path.contains("/v1/executions") {
        r#"{"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"}"#
    } else if path.contains("/filter") || path.contains("/count-by") {
        r#"{"filter": {"occurred": {}}}"#
    } else {
        "[]"
    }
}

async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    token: Option<&str>,
) -> (StatusCode, String) {
    let filled = [
        ("{id}", "run"),
        ("{alias}", "other-name"),
        ("{namespace}", "default"),
        ("{kind}", "job"),
        ("{name}", "nightly"),
        ("{username}", "rachel"),
        ("{countable}", "day"),
        ("{project}", "p"),
        ("{location}", "l"),
        ("{account}", "a"),
        ("{workspace}", "w"),
        ("{*rest}", "x"),
        ("{*nowhere}", "x"),
    ];
    let filled = filled.iter().fold(path.to_owned(), |path, (name, value)| {
        path.replace(name, value)
    });
    assert!(!filled.contains('{'), "{filled}: say what stands there");
    let mut request = Request::builder()
        .method(method)
        .uri(filled)
        .header(CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::from(body(path))).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    // A stream does not end; what it begins with is no matter here.
    let read = tokio::time::timeout(
        Duration::from_millis(200),
        to_bytes(answer.into_body(), 1 << 20),
    );
    let text = match read.await {
        Ok(Ok(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    };
    (status, text)
}

/// What is read later, told by who may.
async fn tell(router: &Router) {
    for (method, path) in [
        ("POST", "/v1/executions/{id}/events"),
        ("POST", "/nublado/spawner/v1/labs/{username}/operations"),
    ] {
        let (status, text) = ask(router, method, path, Some("all")).await;
        assert!(status.is_success(), "{path}: {text}");
    }
}

#[tokio::test]
async fn every_route_lets_in_who_may_and_nobody_else() {
    let router = router::router(state());
    tell(&router).await;
    let mut walked = 0;
    for (route, methods) in routes_of(&router) {
        let any = BTreeSet::from(["GET".to_owned()]);
        // A socket is asked over HTTP here, and says that it is one; who speaks is asked on it.
        let methods = if methods.is_empty() { any } else { methods };
        for method in methods {
            let need = need(&method.parse().unwrap(), &route);
            let statuses = async |token| ask(&router, &method, &route, token).await;
            let (none, bad) = (statuses(None).await.0, statuses(Some("guess")).await.0);
            let (no_right, told) = statuses(Some("other")).await;
            let right = statuses(Some("all")).await;
            let what = format!("{method} {route}");
            match need {
                Need::Nothing | Need::Socket(_) => {
                    for status in [none, bad, no_right, right.0] {
                        assert!(
                            !matches!(status.as_u16(), 401 | 403 | 500),
                            "{what}: {status}"
                        );
                    }
                }
                Need::Known => {
                    assert_eq!((none.as_u16(), bad.as_u16()), (401, 401), "{what}");
                    assert_eq!(no_right, right.0, "{what}");
                    assert!(
                        !matches!(right.0.as_u16(), 401 | 403 | 500),
                        "{what}: {right:?}"
                    );
                }
                Need::May(_) | Need::Follow => {
                    assert_eq!((none.as_u16(), bad.as_u16()), (401, 401), "{what}");
                    let by_id = route.starts_with("/v1/executions/{");
                    let wanted: &[u16] = match need {
                        Need::May(Verb::Create) => &[403],
                        _ if by_id => &[404],
                        _ if route.contains("{username}") => &[403],
                        // Somewhere else it may: there is nothing there, or the body is not to its liking.
                        _ => &[200, 400, 422],
                    };
                    assert!(
                        wanted.contains(&no_right.as_u16()),
                        "{what}: {no_right} {told}"
                    );
                    if need == Need::May(Verb::List) {
                        assert_eq!(statuses(Some("mute")).await.0, 403, "{what}");
                    }
                    assert!(
                        route.contains("{namespace}") || !told.contains("default"),
                        "{what} tells of another namespace: {told}"
                    );
                    assert!(
                        !matches!(right.0.as_u16(), 401 | 403 | 500),
                        "{what}: {right:?}"
                    );
                    if route == "/v1/executions/{id}" && method == "DELETE" {
                        assert_eq!(right.0, StatusCode::NO_CONTENT, "{what}");
                        tell(&router).await;
                    }
                }
            }
            walked += 1;
        }
    }
    assert!(walked > 50, "{walked}");
}

#[tokio::test]
async fn that_a_route_has_no_such_method_is_told_to_who_is_known() {
    let router = router::router(state());
    let mut refused = 0;
    for (route, methods) in routes_of(&router) {
        // What is open to everybody says so to everybody; and so does the spawner's API, as the original's framework
        // does, which looks for the method before it looks who asks.
        let is_open = |method: &String| need(&method.parse().unwrap(), &route) == Need::Nothing;
        let is_known_only = need(&axum::http::Method::PATCH, &route) == Need::Known;
        if !is_known_only || methods.iter().any(is_open) || route.starts_with("/nublado/") {
            continue;
        }
        for token in [None, Some("guess")] {
            let (status, told) = ask(&router, "PATCH", &route, token).await;
            assert_eq!(status.as_u16(), 401, "{route}: {told}");
        }
        let (status, told) = ask(&router, "PATCH", &route, Some("all")).await;
        assert!(
            matches!(status.as_u16(), 307 | 404 | 405),
            "{route}: {status} {told}"
        );
        refused += 1;
    }
    assert!(refused > 30, "{refused}");
}

#[tokio::test]
async fn what_somebody_may_not_see_is_answered_as_what_is_not_there() {
    let router = router::router(state());
    tell(&router).await;
    let mut asked = 0;
    for (route, methods) in routes_of(&router) {
        if !route.starts_with("/v1/executions/{") {
            continue;
        }
        for method in methods.iter().filter(|method| *method != "POST") {
            let forbidden = ask(&router, method, &route, Some("other")).await;
            let absent_route = route.replace("{id}", "gone").replace("{name}", "gone");
            let absent = ask(&router, method, &absent_route, Some("other")).await;
            let named = |text: &str| {
                text.replace("gone", "#")
                    .replace("nightly", "#")
                    .replace("run", "#")
            };
            // Who may nowhere tell is told so, whatever is there.
            let status = if method == "PUT" { 403 } else { 404 };
            assert_eq!(forbidden.0, status, "{method} {route}");
            assert_eq!(
                (forbidden.0, named(&forbidden.1)),
                (absent.0, named(&absent.1)),
                "{method} {route}"
            );
            asked += 1;
        }
    }
    assert!(asked >= 6, "{asked}");
}
