//! Pages are one order without a seam.

use serde_json::{Value, json};

use super::{QUERY, answer, create, event, items, post};
use crate::inside::Server;

#[tokio::test]
async fn all_pages_together_are_the_whole_whatever_the_order() {
    let server = Server::in_memory().await;
    let sent: Vec<Value> = (0..97)
        .map(|n| {
            event(&json!({
                "collection": format!("c{}", n % 3), "owner": n % 2, "type": format!("t{}", n % 5),
                "start": format!("2024-04-{:02}", 1 + n % 7), "externalId": n.to_string(),
            }))
        })
        .collect();
    create(&server, &sent).await;
    for body in [
        json!({}),
        json!({"sort": {"type": 1}}),
        json!({"sort": {"start": -1, "owner": 1}, "filter": {"collection": {"$in": ["c0", "c1"]}}}),
        json!({"sort": {"end": 1, "value": -1}}),
    ] {
        let whole = items(&server, body.clone()).await;
        let mut pages = Vec::new();
        for page in 0.. {
            let url = format!("{QUERY}?page={page}&pageSize=10");
            let answer = answer(post(&server, &url, &body), 200).await;
            assert_eq!(answer["total"], whole.len());
            let items = answer["items"].as_array().unwrap();
            pages.extend(items.clone());
            if items.len() < 10 {
                break;
            }
        }
        assert_eq!(pages, whole, "{body}");
    }
    let far = answer(post(&server, &format!("{QUERY}?page=50"), &json!({})), 200).await;
    assert_eq!(
        far,
        json!({"items": [], "page": 50, "pageSize": 10000, "total": 97})
    );
}
