//! Who may listen, and who may tell.

use dagtrail::server::{Access, Tokens};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::Lab;
use crate::inside::{Server, read};

/// SHA-256 of `rachel`, `service`, `reader` and `other`, as `sha256sum` prints them.
const TOKENS: &str = "
tokens:
- name: rachel
  sha256: RACHEL
  verbs: [read]
- name: service
  sha256: SERVICE
  namespaces: [labs]
- name: other
  sha256: OTHER
  namespaces: [elsewhere]
";

fn access() -> Access {
    use sha2::{Digest, Sha256};
    let hash = |text: &str| {
        let sum = Sha256::digest(text.as_bytes());
        sum.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let mut text = TOKENS.to_owned();
    for name in ["rachel", "service", "other"] {
        text = text.replace(&name.to_uppercase(), &hash(name));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    Access::by_tokens(Tokens::read(file.path()).unwrap())
}

fn denied() -> (u16, Value) {
    let detail = json!([{"msg": "Permission denied", "type": "permission_denied"}]);
    (403, json!({"detail": detail}))
}

fn unknown(user: &str) -> (u16, Value) {
    let msg = format!("Unknown user {user}");
    let detail = json!([{"loc": ["path", "username"], "msg": msg, "type": "unknown_user"}]);
    (404, json!({"detail": detail}))
}

async fn asked(request: RequestBuilder) -> (u16, Value) {
    read(request.send().await.unwrap()).await
}

fn events(server: &Server, user: &str) -> RequestBuilder {
    server.get(&format!("/nublado/spawner/v1/labs/{user}/events"))
}

fn open(server: &Server, user: &str) -> RequestBuilder {
    let operations = Lab::of(&server.base, user).path("operations");
    server
        .client
        .post(operations)
        .json(&json!({"kind": "delete"}))
}

#[tokio::test]
async fn an_unknown_user_is_answered_as_the_original_does() {
    let server = Server::in_memory().await;
    let answer = events(&server, "rachel").send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"detail":[{"loc":["path","username"],"msg":"Unknown user rachel","type":"unknown_user"}]}"#
    );
}

#[tokio::test]
async fn with_tokens_a_user_hears_the_own_lab_and_services_tell() {
    let server = Server::guarded(access()).await;
    let rachel = |user| events(&server, user).bearer_auth("rachel");
    // 403 comes before 404: nobody learns who has a lab.
    assert_eq!(asked(rachel("nobody")).await, denied());
    assert_eq!(asked(rachel("rachel")).await, unknown("rachel"));
    assert_eq!(
        asked(open(&server, "rachel").bearer_auth("rachel")).await,
        denied()
    );
    assert_eq!(
        asked(open(&server, "rachel").bearer_auth("service"))
            .await
            .0,
        201
    );
    assert_eq!(rachel("rachel").send().await.unwrap().status(), 200);
    let service = events(&server, "rachel").bearer_auth("service");
    assert_eq!(asked(service).await, denied());
    // Another namespace's lab of that name is another lab.
    let told = server
        .client
        .post(Lab::of(&server.base, "rachel").path("events"));
    let told = told
        .bearer_auth("other")
        .json(&json!({"type": "info", "message": "m"}));
    assert_eq!(asked(told).await, unknown("rachel"));
    for (request, msg) in [
        (
            events(&server, "rachel").bearer_auth("wrong"),
            "User token is invalid",
        ),
        (
            open(&server, "rachel").bearer_auth("wrong"),
            "User token is invalid",
        ),
        (
            // Nobody is believed who is no proxy.
            events(&server, "rachel").header("x-auth-request-user", "rachel"),
            "credentials are missing: send a bearer token",
        ),
    ] {
        let answer = request.send().await.unwrap();
        assert!(answer.headers().contains_key("www-authenticate"));
        let detail = json!([{"msg": msg, "type": "invalid_token"}]);
        assert_eq!(read(answer).await, (401, json!({"detail": detail})));
    }
}

#[tokio::test]
async fn a_proxy_that_is_trusted_says_who_asks() {
    let local = "127.0.0.0/8".parse().unwrap();
    for access in [Access::open(), access()] {
        let server = Server::guarded(access.clone().behind(vec![local])).await;
        let named = |request: RequestBuilder, user| request.header("x-auth-request-user", user);
        let events = |user| events(&server, user);
        assert_eq!(asked(named(events("nobody"), "rachel")).await, denied());
        assert_eq!(
            asked(named(events("rachel"), "rachel")).await,
            unknown("rachel")
        );
        // A proxy that lets the client's own header pass is not to be relied upon.
        let twice = named(named(events("rachel"), "rachel"), "other");
        assert_eq!(asked(twice).await, denied());
        // The ingress' own token of the user is not one of ours.
        let both = named(events("rachel"), "rachel").bearer_auth("of-the-ingress");
        assert_eq!(asked(both).await, unknown("rachel"));
        assert_eq!(
            asked(named(open(&server, "rachel"), "rachel")).await,
            denied()
        );
        assert_eq!(
            asked(open(&server, "rachel").bearer_auth("service"))
                .await
                .0,
            201
        );
        let heard = named(events("rachel"), "rachel").send().await.unwrap();
        assert_eq!(heard.status(), 200);
        let detail = json!([{
            "type": "missing", "loc": ["header", "x-auth-request-user"],
            "msg": "Field required", "input": null,
        }]);
        if access.is_open() {
            let nameless = asked(events("rachel")).await;
            assert_eq!(nameless, (422, json!({"detail": detail})));
        } else {
            let nameless = asked(events("rachel").bearer_auth("wrong")).await;
            assert_eq!(nameless, (422, json!({"detail": detail})));
            let own = events("rachel").bearer_auth("rachel").send().await.unwrap();
            assert_eq!(own.status(), 200);
        }
    }
}

#[tokio::test]
async fn without_tokens_and_proxies_the_path_is_believed() {
    let server = Server::in_memory().await;
    assert_eq!(asked(open(&server, "rachel")).await.0, 201);
    Lab::of(&server.base, "rachel").end().await;
    let other = events(&server, "rachel").header("x-auth-request-user", "other");
    assert_eq!(other.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_binary_trusts_the_proxies_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--data-dir",
        data,
    ];
    for (flag, status) in [
        ("--trusted-proxy=127.0.0.1", 403),
        ("--trusted-proxy=10.0.0.0/8", 200),
    ] {
        let command = crate::server::dagtrail(&[&serve[..], &[flag]].concat());
        let server = crate::server::Server::spawn(command);
        let lab = Lab::of(&server.url, "rachel");
        lab.open("spawn").await;
        lab.end().await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let other = client
            .get(lab.path("events"))
            .header("x-auth-request-user", "other");
        assert_eq!(other.send().await.unwrap().status(), status, "{flag}");
        server.kill();
    }
}
