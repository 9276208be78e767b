//! What becomes of the API server's answers; it is stood in for, to count what it is asked and to have it fail. Pure.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::{Request, Response, StatusCode};
use futures::FutureExt;
use kube::client::Body;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::*;
use crate::server::access::Access;
use crate::server::asking::Asking;

/// Stands in for the API server.
#[derive(Default)]
struct Cluster {
    asked: Mutex<Vec<Value>>,
    fails: AtomicBool,
}

const USER: &str = "system:serviceaccount:own:reader";

impl Cluster {
    fn reviewer(self: &Arc<Self>, audiences: Audiences) -> Reviewer {
        let this = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let this = this.clone();
            async move {
                let bytes = request.into_body().collect_bytes().await.unwrap();
                // As long as an answer takes, so that others ask meanwhile.
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok::<_, Infallible>(this.answer(serde_json::from_slice(&bytes).unwrap()))
            }
        });
        Reviewer::new(
            kube::Client::new(service, "default"),
            audiences,
            Metrics::new(),
        )
    }

    fn answer(&self, mut review: Value) -> Response<Body> {
        self.asked.lock().push(review.clone());
        if self.fails.load(Ordering::SeqCst) {
            let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure",
                "reason": "InternalError", "message": "etcd is away", "code": 500});
            let mut answer = Response::new(Body::from(status.to_string().into_bytes()));
            *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return answer;
        }
        let spec = review["spec"].clone();
        review["status"] = if review["kind"] == "TokenReview" {
            let audiences = spec.get("audiences");
            match (spec["token"].as_str(), audiences) {
                (Some("good"), Some(_)) => json!({"authenticated": true, "audiences": ["dagtrail"],
                    "user": {"username": USER, "uid": "u", "groups": ["g"], "extra": {"e": ["1"]}}}),
                // One that knows of no audiences.
                (Some("old"), _) | (Some("api"), None) => {
                    json!({"authenticated": true, "user": {"username": "somebody"}})
                }
                _ => json!({"authenticated": false, "error": "no"}),
            }
        } else {
            let asked = &spec["resourceAttributes"];
            assert_eq!(
                (&asked["group"], &asked["resource"], &asked["subresource"]),
                (
                    &json!("dagtrail.dev"),
                    &json!("executions"),
                    &json!("events")
                )
            );
            let namespace = asked["namespace"].as_str();
            let allowed = match asked["verb"].as_str() {
                Some("watch") => true,
                Some("get") => namespace == Some("a"),
                Some("create") => namespace == Some("own"),
                _ => false,
            };
            json!({"allowed": allowed})
        };
        Response::new(Body::from(review.to_string().into_bytes()))
    }

    fn asked(&self, kind: &str) -> Vec<Value> {
        let asked = self.asked.lock();
        asked
            .iter()
            .filter(|review| review["kind"] == kind)
            .cloned()
            .collect()
    }
}

fn dagtrail() -> Audiences {
    Audiences {
        names: vec!["dagtrail".into()],
        api_server: false,
    }
}

fn asking(verb: Verb, names: &[&str]) -> Asking {
    let names: BTreeSet<Box<str>> = names.iter().map(|&name| name.into()).collect();
    let find = move || {
        let names = names.clone();
        async move { Ok(names) }.boxed()
    };
    Asking {
        verb: Some(verb),
        places: Places::All(Arc::new(find)),
    }
}

fn only(names: &[&str]) -> Tenants {
    Tenants::Only(names.iter().map(|&name| name.into()).collect())
}

#[tokio::test]
async fn a_thousand_who_ask_the_same_at_once_are_one_question() {
    let cluster = Arc::new(Cluster::default());
    let access = Access::open().and_reviewed(cluster.reviewer(dagtrail()));
    let asked = (0..1000).map(|_| access.by_secret("good", asking(Verb::Watch, &[])));
    let admitted = futures::future::join_all(asked).await;
    for admission in admitted {
        let grant = admission.unwrap().grant().cloned().unwrap();
        assert_eq!((&*grant.name, &*grant.reads), (USER, &Tenants::All));
        assert!(grant.writes.is_none() && grant.deletes.is_none());
    }
    let tokens = cluster.asked("TokenReview");
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0]["spec"]["audiences"], json!(["dagtrail"]));
    let accesses = cluster.asked("SubjectAccessReview");
    assert_eq!(accesses.len(), 1);
    let spec = &accesses[0]["spec"];
    assert_eq!(
        (&spec["user"], &spec["uid"], &spec["groups"], &spec["extra"]),
        (
            &json!(USER),
            &json!("u"),
            &json!(["g"]),
            &json!({"e": ["1"]})
        )
    );
}

#[tokio::test]
async fn who_cannot_be_asked_lets_nobody_in_and_is_asked_again() {
    let cluster = Arc::new(Cluster::default());
    let access = Access::open().and_reviewed(cluster.reviewer(dagtrail()));
    let admitted = async || {
        let admitted = access.by_secret("good", asking(Verb::Watch, &[])).await;
        admitted.map(|_| ())
    };
    cluster.fails.store(true, Ordering::SeqCst);
    assert_eq!(admitted().await, Err(Denied::Unavailable));
    assert_eq!(admitted().await, Err(Denied::Unavailable));
    cluster.fails.store(false, Ordering::SeqCst);
    assert_eq!(admitted().await, Ok(()));
    let other = access.by_secret("good", asking(Verb::Get, &["a"]));
    cluster.fails.store(true, Ordering::SeqCst);
    assert_eq!(other.await.unwrap_err(), Denied::Unavailable, "a right");
}

#[tokio::test]
async fn a_token_has_to_be_for_this_server_unless_it_is_told_otherwise() {
    let cluster = Arc::new(Cluster::default());
    let strict = Access::open().and_reviewed(cluster.reviewer(dagtrail()));
    let lax = Audiences {
        api_server: true,
        ..dagtrail()
    };
    let lax = Access::open().and_reviewed(cluster.reviewer(lax));
    for (access, token, name) in [
        (&strict, "good", Some(USER)),
        (&strict, "old", None),
        (&strict, "api", None),
        (&strict, "bad", None),
        (&strict, "", None),
        (&lax, "good", Some(USER)),
        (&lax, "old", Some("somebody")),
        (&lax, "api", Some("somebody")),
        (&lax, "bad", None),
    ] {
        let admitted = access.by_secret(token, asking(Verb::Watch, &[])).await;
        let found = admitted.map(|admission| admission.user().unwrap());
        match name {
            Some(name) => assert_eq!(&*found.unwrap(), name, "{token}"),
            None => assert_eq!(found.unwrap_err(), Denied::Wrong, "{token}"),
        }
    }
}

#[tokio::test]
async fn without_a_right_for_all_each_namespace_is_asked_for_but_not_too_many() {
    let cluster = Arc::new(Cluster::default());
    let access = Access::open().and_reviewed(cluster.reviewer(dagtrail()));
    let granted = async |verb, names: &[&str]| {
        let admitted = access.by_secret("good", asking(verb, names)).await;
        admitted.map(|admission| admission.grant().cloned().unwrap())
    };
    let grant = granted(Verb::Get, &["", "a", "b"]).await.unwrap();
    assert_eq!(*grant.reads, only(&["a"]));
    let asked = cluster.asked("SubjectAccessReview");
    let mut asked: Vec<_> = asked
        .iter()
        .map(|review| review["spec"]["resourceAttributes"]["namespace"].as_str())
        .collect();
    asked.sort_unstable();
    let wanted = [None, Some("a"), Some("b"), Some("own")];
    assert_eq!(asked, wanted, "none is not all");

    let fresh = || Access::open().and_reviewed(cluster.reviewer(dagtrail()));
    let tell = fresh()
        .by_secret("good", asking(Verb::Create, &["default"]))
        .await;
    let grant = tell.unwrap().grant().cloned().unwrap();
    assert_eq!(*grant.writes, only(&["own"]), "the account's own namespace");
    assert_eq!(grant.home.as_deref(), Some("own"));

    let many: Vec<String> = (0..=NAMESPACES)
        .map(|number| format!("n{number}"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let refused = fresh().by_secret("good", asking(Verb::List, &many)).await;
    assert_eq!(refused.unwrap_err(), Denied::TooMany);
    let bounded = fresh()
        .by_secret("good", asking(Verb::List, &many[2..]))
        .await;
    let admission = bounded.unwrap();
    assert_eq!(admission.check(), Err(Denied::Forbidden), "none of them");
}
