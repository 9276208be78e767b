//! Who is not known is refused, and who is known sees and tells only what the credentials allow.

use dagtrail::server::{Access, Tokens};
use reqwest::RequestBuilder;
use serde_json::json;

use crate::server::Server;

/// SHA-256 of `all`, `team`, `reader` and `user:password`, as `sha256sum` prints them.
const TOKENS: &str = "
tokens:
- name: all
  sha256: 5ef5ef0364b6939c4ca61f34b393f7b368d1be8619647aaf83d5b395919ab629
- name: team
  sha256: ca8b22d0db83a22db163b560b3e4e51527e533d31d067b614a0c33c4d2df8432
  namespaces: [team]
- name: reader
  sha256: 3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30
  verbs: [read]
- name: basic
  sha256: c91b1d6acd383c44c4ec20c9723e758c31182a1f4f0231d63d91259a2ea14b9d
";

async fn server() -> Server {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, TOKENS).unwrap();
    let tokens = Tokens::read(file.path()).unwrap();
    Server::guarded(Access::by_tokens(tokens)).await
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn who_is_not_known_gets_401_and_a_header_that_says_what_would_do() {
    let server = server().await;
    for request in [
        server.get("/v1/executions"),
        server.get("/v1/executions").bearer_auth("wrong"),
        server
            .get("/v1/executions")
            .basic_auth("user", Some("wrong")),
        server.get("/v1/executions/a/events"),
        server.post("a", "{}"),
        server
            .client
            .delete(format!("{}/v1/executions/a", server.base)),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let schemes = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(schemes.starts_with("Bearer"));
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["error_code"], "GCS.4010000");
    }
    for open in ["/livez", "/readyz", "/metrics", "/openapi.json"] {
        assert_eq!(status(server.get(open)).await, 200, "{open}");
    }
}

#[tokio::test]
async fn a_token_is_taken_as_bearer_as_basic_and_in_the_header_of_the_gene_container_service() {
    let server = server().await;
    let asked = || server.get("/v1/executions");
    assert_eq!(status(asked().bearer_auth("all")).await, 200);
    assert_eq!(status(asked().header("X-Auth-Token", "all")).await, 200);
    assert_eq!(
        status(asked().basic_auth("user", Some("password"))).await,
        200
    );
}

#[tokio::test]
async fn what_a_token_does_not_allow_is_not_there_or_refused() {
    let server = server().await;
    let event = json!({"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"}).to_string();
    let post = |id: &str, token: &str| server.post(id, event.clone()).bearer_auth(token);
    assert_eq!(status(post("of-all", "all")).await, 200);
    assert_eq!(status(post("of-team", "team")).await, 200);
    assert_eq!(status(post("of-reader", "reader")).await, 403);
    let events = |id: &str, token: &str| {
        let path = format!("/v1/executions/{id}/events");
        server.get(&path).bearer_auth(token)
    };
    for (id, token, found) in [
        ("of-all", "all", 200),
        ("of-team", "all", 200),
        ("of-team", "reader", 200),
        ("of-team", "team", 200),
        ("of-all", "team", 404),
        ("of-reader", "all", 404),
    ] {
        assert_eq!(status(events(id, token)).await, found, "{id} by {token}");
    }
    let listed = server.get("/v1/executions").bearer_auth("team");
    let listed: serde_json::Value = listed.send().await.unwrap().json().await.unwrap();
    assert_eq!(listed["total_num"], 1);
    let delete = |id: &str, token: &str| {
        let url = format!("{}/v1/executions/{id}", server.base);
        server.client.delete(url).bearer_auth(token)
    };
    assert_eq!(status(delete("of-team", "reader")).await, 403);
    assert_eq!(status(delete("of-all", "team")).await, 404);
    assert_eq!(status(delete("of-team", "team")).await, 204);
}
