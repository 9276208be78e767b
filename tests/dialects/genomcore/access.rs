//! Who may see, tell and delete, by a token or by what was signed for it.

use std::path::Path;
use std::time::Duration;

use dagtrail::server::{Access, Signer, Tokens};
use serde_json::json;

use super::{EVENTS, QUERY, answer, delete, event, post};
use crate::inside::{Server, SetClock, read};

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

fn access() -> Access {
    Access::by_tokens(Tokens::read(file(TOKENS).path()).unwrap())
}

/// SHA-256 of `all`, `team` and `reader`.
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
";

#[tokio::test]
async fn credentials_decide_what_is_seen_told_and_deleted() {
    let server = Server::guarded(access()).await;
    let one = json!([event(&json!({}))]);
    for (who, status) in [
        ("all", 201),
        ("team", 201),
        ("reader", 403),
        ("nobody", 401),
    ] {
        let request = post(&server, EVENTS, &one).bearer_auth(who);
        let (found, body) = read(request.send().await.unwrap()).await;
        assert_eq!(found, status, "{body}");
        assert!(status == 201 || body["statusCode"] == status, "{body}");
    }
    let total = async |who: &str| {
        let request = post(&server, QUERY, &json!({})).bearer_auth(who);
        answer(request, 200).await["total"].clone()
    };
    assert_eq!(
        (total("all").await, total("team").await),
        (json!(2), json!(1))
    );
    let unguarded = post(&server, QUERY, &json!({})).send().await.unwrap();
    assert!(unguarded.headers().contains_key("www-authenticate"));
    assert_eq!(
        read(unguarded).await,
        (401, json!({"statusCode": 401, "message": "Unauthorized"}))
    );
    let refused = answer(delete(&server, "c").bearer_auth("reader"), 403).await;
    assert_eq!(refused["error"], "Forbidden");
    assert_eq!(
        answer(delete(&server, "c").bearer_auth("team"), 200).await["deleted"],
        1
    );
    assert_eq!(
        total("all").await,
        1,
        "that of the other namespace is there"
    );
}

#[tokio::test]
async fn what_was_signed_for_a_token_allows_as_much_for_an_hour_on_every_route() {
    let clock = SetClock::at("2030-01-01T00:00:00Z");
    let key = file("a key of more than thirty-two bytes, for tests");
    let signer = Signer::read(Path::new(key.path()), clock.clone()).unwrap();
    let server = Server::guarded(access().signing(signer).unwrap()).await;
    for who in ["all", "team"] {
        answer(
            post(&server, EVENTS, &json!([event(&json!({}))])).bearer_auth(who),
            201,
        )
        .await;
    }
    let renew = async |refresh: &str, status: u16| {
        let body = json!({"token": "an old one", "refreshToken": refresh, "project": "slug"});
        answer(
            post(&server, "/genomcore/api/v1/auth/refresh-token", &body),
            status,
        )
        .await
    };
    let renewed = renew("team", 201).await;
    assert_eq!(renewed["refreshToken"], "team");
    let token = renewed["token"].as_str().unwrap();
    let seen = answer(post(&server, QUERY, &json!({})).bearer_auth(token), 200).await;
    assert_eq!(
        (&seen["total"], &seen["items"][0]["collection"]),
        (&json!(1), &json!("c"))
    );
    let native = async || {
        let request = server.get("/v1/executions").bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(native().await, 200);
    let reader = renew("reader", 201).await;
    let reader = reader["token"].as_str().unwrap();
    answer(delete(&server, "c").bearer_auth(reader), 403).await;
    renew(token, 401).await;
    renew("nobody", 401).await;
    clock.advance(Duration::from_secs(3599));
    assert_eq!(native().await, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(native().await, 401);
    answer(post(&server, QUERY, &json!({})).bearer_auth(token), 401).await;
}
