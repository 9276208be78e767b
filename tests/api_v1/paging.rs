//! Pages under writes: what the pages gave, and what has changed since the first of them, is what there is.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::follower::{Follower, Rows, apply, by_row, key, seq};
use super::server::{Server, read, refused};

/// A write: which row, told of which second; later seconds move its end, earlier ones its beginning and its place.
type Write = (usize, i64);

fn event((number, second): Write) -> Value {
    let at = format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60);
    json!({
        "metadata": {"name": format!("n{}.{second}", number % 3)}, "reason": "Step", "message": "m",
        "elemId": format!("e{number}"), "lastTimestamp": at
    })
}

/// The path of the next page, out of `Link`.
fn next(answer: &reqwest::Response) -> Option<String> {
    let link = answer.headers().get("link")?.to_str().unwrap();
    let (path, rel) = link.split_once(">; ").unwrap();
    assert_eq!(rel, "rel=\"next\"");
    Some(path.strip_prefix('<').unwrap().to_owned())
}

async fn write(server: &Server, id: &str, writes: &[Write]) -> u64 {
    if writes.is_empty() {
        return 0;
    }
    let events: Vec<_> = writes.iter().map(|write| event(*write)).collect();
    let told = server.tell(id, &Value::Array(events)).await;
    let results = told["results"].as_array().unwrap().iter();
    results
        .filter_map(|result| result["seq"].as_u64())
        .max()
        .unwrap_or(0)
}

async fn pages_and_changes(
    server: &Server,
    id: &str,
    limit: usize,
    order: &str,
    before: &[Write],
    between: &[Vec<Write>],
) {
    let mut newest = write(server, id, &[(0, 0)])
        .await
        .max(write(server, id, before).await);
    let path = format!("/v1/executions/{id}/events");
    let mut page = Some(format!("{path}?order={order}&limit={limit}"));
    let (mut rows, mut began, mut writes) = (Rows::new(), None, between.iter());
    while let Some(at) = page {
        let answer = server.get(&at).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        page = next(&answer);
        let place = ["dagtrail-store", "dagtrail-seq"]
            .map(|name| answer.headers()[name].to_str().unwrap().to_owned());
        let place = place.join(".");
        assert_eq!(
            *began.get_or_insert_with(|| place.clone()),
            place,
            "that of the first page, on every page"
        );
        let (_, given) = read(answer).await;
        let given = given.as_array().unwrap();
        assert!(given.len() == limit || (page.is_none() && given.len() < limit));
        for row in given {
            rows.insert(key(row), row.clone());
        }
        if let Some(writes) = writes.next() {
            newest = newest.max(write(server, id, writes).await);
        }
    }
    let last = server.json(&path).await;
    let began = began.expect("there was a page");
    if newest > began.rsplit_once('.').unwrap().1.parse().unwrap() {
        let mut follower = Follower::open(server, &path, Some(&began)).await;
        loop {
            let event = follower.next().await.expect("there is more");
            if event.event == "gap" {
                // An earlier first time has given a row another name: all of them follow.
                rows.clear();
                continue;
            }
            apply(&mut rows, &event);
            if seq(&event) >= newest {
                break;
            }
        }
    }
    assert_eq!(rows, by_row(&last));
}

#[test]
fn pages_and_changes_together_are_the_final_rows() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::in_memory());
    let cases = AtomicUsize::new(0);
    let some = || prop::collection::vec((0..25_usize, 0..3600_i64), 0..12);
    let strategy = (
        1..7_usize,
        prop::bool::ANY,
        some(),
        prop::collection::vec(some(), 0..6),
    );
    let config = ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |((limit, descending, before, between) in strategy)| {
        let id = format!("case-{}", cases.fetch_add(1, Ordering::Relaxed));
        let order = if descending { "desc" } else { "asc" };
        runtime.block_on(pages_and_changes(&server, &id, limit, order, &before, &between));
    });
}

#[tokio::test]
async fn a_history_that_rests_comes_page_by_page_in_its_order() {
    let server = Server::start().await;
    let writes: Vec<Write> = (0..25)
        .map(|number| (number, 25 - i64::try_from(number).unwrap() / 2))
        .collect();
    write(&server, "x", &writes).await;
    for (order, limit) in [
        ("asc", 1),
        ("asc", 7),
        ("desc", 5),
        ("desc", 25),
        ("asc", 26),
    ] {
        let all = server
            .json(&format!("/v1/executions/x/events?order={order}"))
            .await;
        let mut given = Vec::new();
        let mut page = Some(format!(
            "/v1/executions/x/events?type=Normal&order={order}&lang=both&limit={limit}"
        ));
        while let Some(at) = page {
            let answer = server.get(&at).send().await.unwrap();
            page = next(&answer);
            given.extend(read(answer).await.1.as_array().unwrap().clone());
        }
        assert_eq!(Value::Array(given), all, "{order} {limit}");
    }
}

#[tokio::test]
async fn a_cursor_serves_only_the_query_that_it_was_given_for() {
    let server = Server::start().await;
    for id in ["x", "y"] {
        write(&server, id, &[(1, 1), (2, 2), (3, 3)]).await;
    }
    let first = server
        .get("/v1/executions/x/events?limit=1&reason=Step")
        .send()
        .await
        .unwrap();
    let page = next(&first).unwrap();
    let cursor = page.split_once("cursor=").unwrap().1;
    assert_eq!(server.json(&page).await.as_array().unwrap().len(), 1);
    // How many and in which words is not what it is bound to.
    let rest = format!("/v1/executions/x/events?reason=Step&lang=en&limit=9&cursor={cursor}");
    assert_eq!(server.json(&rest).await.as_array().unwrap().len(), 2);
    let turned: String = cursor.chars().rev().collect();
    for other in [
        format!("y/events?limit=1&reason=Step&cursor={cursor}"),
        format!("x/events?limit=1&reason=Other&cursor={cursor}"),
        format!("x/events?limit=1&cursor={cursor}"),
        format!("x/events?limit=1&reason=Step&order=desc&cursor={cursor}"),
        format!("x/events?limit=1&reason=Step&cursor={cursor}A"),
        format!("x/events?limit=1&reason=Step&cursor={turned}"),
    ] {
        let answer = server
            .get(&format!("/v1/executions/{other}"))
            .send()
            .await
            .unwrap();
        assert!(
            refused(&read(answer).await, 400).contains("cursor"),
            "{other}"
        );
    }
    // Another server has another secret.
    let stranger = Server::start().await;
    write(&stranger, "x", &[(1, 1), (2, 2)]).await;
    refused(&read(stranger.get(&page).send().await.unwrap()).await, 400);
}
