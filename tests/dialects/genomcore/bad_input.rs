//! What is wrong is refused in this dialect's shape, naming the item and the field, and nothing of it is stored.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{EVENTS, QUERY, create, event, items, post};
use crate::inside::{Server, read};

/// That an answer is an error in NestJS's shape; gives its sentences.
#[track_caller]
fn refused((found, body): &(u16, Value), status: u16) -> Vec<String> {
    assert_eq!(
        (*found, &body["statusCode"]),
        (status, &json!(status)),
        "{body}"
    );
    let sentence = |value: &Value| value.as_str().expect("a sentence").to_owned();
    if status == 401 {
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    } else {
        assert!(body["error"].is_string(), "{body}");
    }
    match &body["message"] {
        Value::Array(many) => many.iter().map(sentence).collect(),
        one => vec![sentence(one)],
    }
}

async fn sent(request: RequestBuilder) -> (u16, Value) {
    read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_bad_event_is_named_by_index_and_field_and_nothing_of_the_request_is_stored() {
    let server = Server::in_memory().await;
    let without = |field: &str| {
        let mut event = event(&json!({}));
        event.as_object_mut().unwrap().remove(field);
        event
    };
    let with = |field: &str, value: Value| event(&json!({field: value}));
    let date = "must be a valid ISO 8601 date string";
    let table: &[(Value, &str)] = &[
        (without("owner"), "1.owner must be a string or a number"),
        (
            with("owner", json!(true)),
            "1.owner must be a string or a number",
        ),
        (
            with("owner", json!("x".repeat(1025))),
            "1.owner is 1025 bytes long, and 1024 is the most",
        ),
        (without("collection"), "1.collection must be a string"),
        (
            with("collection", json!(1)),
            "1.collection must be a string",
        ),
        (
            with("collection", json!(" ")),
            "1.collection should not be empty",
        ),
        (
            with("collection", json!("x".repeat(1025))),
            "1.collection is 1025 bytes long, and 1024 is the most",
        ),
        (without("start"), &format!("1.start {date}")),
        (
            with("start", json!("yesterday")),
            &format!("1.start {date}"),
        ),
        (
            with("start", json!(1_711_929_600)),
            &format!("1.start {date}"),
        ),
        (
            with("start", json!("2024-02-30")),
            &format!("1.start {date}"),
        ),
        (
            with("start", json!("1024-02-20")),
            &format!("1.start {date}"),
        ),
        (with("end", json!("later")), &format!("1.end {date}")),
        (
            with("end", json!("2024-03-31T23:59:59.999Z")),
            "1.end must be equal or greater than start",
        ),
        (without("value"), "1.value must be a string"),
        (with("value", json!({"a": 1})), "1.value must be a string"),
        (
            with("value", json!("x".repeat(1_100_000))),
            "1.value makes an event of",
        ),
        (without("type"), "1.type must be a string"),
        (
            with("type", json!("x".repeat(1025))),
            "1.type is 1025 bytes long, and 1024 is the most",
        ),
        (without("source"), "1.source must be a string"),
        (with("source", json!(null)), "1.source must be a string"),
        (without("externalId"), "1.externalId must be a string"),
        (
            with("externalId", json!([])),
            "1.externalId must be a string",
        ),
        (with("batch", json!("")), "1.batch should not be empty"),
        (
            with("batch", json!(false)),
            "1.batch must be a string or a number",
        ),
        (
            with("point", json!({})),
            "1.property point should not exist",
        ),
        (json!([]), "1 must be an object"),
        (json!(null), "1 must be an object"),
    ];
    assert!(table.len() >= 20);
    for (bad, told) in table {
        let body = json!([event(&json!({})), *bad, event(&json!({"value": "other"}))]);
        let sentences = refused(&sent(post(&server, EVENTS, &body)).await, 400);
        assert_eq!(sentences.len(), 1, "{sentences:?}");
        assert!(sentences[0].starts_with(told), "{sentences:?}: {told}");
    }
    assert!(items(&server, json!({})).await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_no_array_of_events_is_told_apart() {
    let server = Server::in_memory().await;
    for (body, status, told) in [
        ("", 400, "body is not JSON"),
        ("[{]", 400, "line 1 column 3"),
        ("[", 400, "body is not JSON"),
        ("{}", 400, "body must be an array"),
        (
            "[{\"owner\":1,\"owner\":2}]",
            400,
            "0.owner must be given once",
        ),
        ("[{\"value\":\"\\ud800\"}]", 400, "0.value must be a string"),
    ] {
        let request = server.client.post(format!("{}{EVENTS}", server.base));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        let sentences = refused(&sent(request).await, status);
        assert!(
            sentences.iter().any(|one| one.contains(told)),
            "{body}: {sentences:?}"
        );
    }
    let many = format!("[{}1]", "1,".repeat(100_000));
    for (kind, body, status, told) in [
        (
            "application/json",
            many.as_bytes(),
            413,
            "no more than 100000 elements",
        ),
        (
            "application/json",
            b"[\"\xff\"]",
            400,
            "not UTF-8 at byte 2",
        ),
        ("text/plain", b"[]", 415, "text/plain"),
        (
            "application/x-www-form-urlencoded",
            b"[]",
            415,
            "content-type",
        ),
    ] {
        let request = server.client.post(format!("{}{EVENTS}", server.base));
        let request = request.header("content-type", kind).body(body.to_vec());
        let sentences = refused(&sent(request).await, status);
        assert!(sentences[0].contains(told), "{sentences:?}");
    }
    assert_eq!(
        create(&server, &[]).await,
        json!({"created": 0, "duplicates": 0, "ids": []})
    );
}

#[tokio::test]
async fn a_bad_query_is_named_by_where_it_is_wrong() {
    let server = Server::in_memory().await;
    let date = "must be a valid ISO 8601 date string";
    let deep = (0..40).fold(json!({}), |inner, _| json!({"$and": [inner]}));
    let many: Vec<String> = (0..1001).map(|n| n.to_string()).collect();
    for (query, body, told) in [
        ("page=-1", json!({}), "page must not be less than 0"),
        ("page=one", json!({}), "page must be an integer number"),
        ("pageSize=0", json!({}), "pageSize must not be less than 1"),
        (
            "pageSize=10001",
            json!({}),
            "pageSize must not be greater than 10000",
        ),
        ("page=9999999", json!({}), "page must not begin beyond"),
        ("limit=1", json!({}), "property limit should not exist"),
        ("", json!([]), "body must be an object"),
        ("", json!({"where": {}}), "property where should not exist"),
        ("", json!({"filter": []}), "filter must be an object"),
        (
            "",
            json!({"filter": {"colour": 1}}),
            "filter.colour is neither a field nor",
        ),
        (
            "",
            json!({"filter": {"$where": "1"}}),
            "filter.$where is neither a field nor",
        ),
        (
            "",
            json!({"filter": {"owner": {"$near": 1}}}),
            "filter.owner.$near is no operator",
        ),
        (
            "",
            json!({"filter": {"owner": {}}}),
            "filter.owner must have an operator",
        ),
        (
            "",
            json!({"filter": {"owner": true}}),
            "filter.owner must be a string or a number",
        ),
        (
            "",
            json!({"filter": {"owner": {"$in": 1}}}),
            "filter.owner.$in must be an array",
        ),
        (
            "",
            json!({"filter": {"owner": {"$gt": null}}}),
            "filter.owner.$gt must be a string or a number",
        ),
        (
            "",
            json!({"filter": {"start": {"$gt": "soon"}}}),
            &format!("filter.start.$gt {date}"),
        ),
        (
            "",
            json!({"filter": {"end": {"$exists": 1}}}),
            "filter.end.$exists must be a boolean",
        ),
        (
            "",
            json!({"filter": {"value": {"$regex": "("}}}),
            "filter.value.$regex is no expression",
        ),
        (
            "",
            json!({"filter": {"value": {"$regex": "a", "$options": "g"}}}),
            "filter.value.$regex can have",
        ),
        (
            "",
            json!({"filter": {"value": {"$options": "i"}}}),
            "filter.value.$options needs a $regex",
        ),
        (
            "",
            json!({"filter": {"start": {"$regex": "2024"}}}),
            "filter.start.$regex is not possible",
        ),
        (
            "",
            json!({"filter": {"value": {"$not": "a"}}}),
            "filter.value.$not must be an object",
        ),
        (
            "",
            json!({"filter": {"value": {"$not": {"$not": {"$eq": 1}}}}}),
            "filter.value.$not.$not is not possible",
        ),
        (
            "",
            json!({"filter": {"$or": []}}),
            "filter.$or must be an array of one condition",
        ),
        (
            "",
            json!({"filter": {"$and": [{"owner": {"$eq": []}}]}}),
            "filter.$and.0.owner.$eq must be",
        ),
        ("", json!({"filter": deep}), "is nested too deep"),
        (
            "",
            json!({"filter": {"collection": {"$in": many}}}),
            "names 1001 collections, and 1000 is",
        ),
        ("", json!({"sort": "start"}), "sort must be an object"),
        (
            "",
            json!({"sort": {"start": 2}}),
            "sort.start must be 1 or -1",
        ),
        (
            "",
            json!({"sort": {"colour": 1}}),
            "sort.colour is no field",
        ),
        (
            "",
            json!({"beforeDate": "soon"}),
            &format!("beforeDate {date}"),
        ),
        ("", json!({"afterDate": 5}), &format!("afterDate {date}")),
    ] {
        let answer = sent(post(&server, &format!("{QUERY}?{query}"), &body)).await;
        let sentences = refused(&answer, 400);
        assert_eq!(sentences.len(), 1, "{sentences:?}");
        assert!(sentences[0].contains(told), "{sentences:?}: {told}");
    }
}

#[tokio::test]
async fn other_routes_answer_in_the_same_shape() {
    let server = Server::in_memory().await;
    let at = |method: &str, path: &str| {
        let url = format!("{}/genomcore/api/v1/{path}", server.base);
        server.client.request(method.parse().unwrap(), url)
    };
    let renew = |body: Value| at("POST", "auth/refresh-token").json(&body);
    for (request, status, told) in [
        (
            at("GET", "nothing"),
            404,
            "Cannot GET /genomcore/api/v1/nothing",
        ),
        (at("GET", ""), 404, "Cannot GET /genomcore/api/v1/"),
        (
            at("PUT", "events"),
            405,
            "Cannot PUT /genomcore/api/v1/events",
        ),
        (at("GET", "events/query"), 405, "Cannot GET"),
        (
            at("DELETE", "events"),
            400,
            "collection should not be empty",
        ),
        (
            at("DELETE", "events?collection="),
            400,
            "collection should not be empty",
        ),
        (
            at("DELETE", "events?collection=a&collection=b"),
            400,
            "collection must be given once",
        ),
        (
            at("DELETE", "events?collection=a&owner=b"),
            400,
            "property owner should not exist",
        ),
        (renew(json!([])), 400, "body must be an object"),
        (renew(json!({})), 400, "refreshToken should not be empty"),
        (
            renew(json!({"refreshToken": 1})),
            400,
            "refreshToken must be a string",
        ),
        (
            renew(json!({"refreshToken": "a", "user": "b"})),
            400,
            "property user should not exist",
        ),
        (
            renew(json!({"token": "a", "refreshToken": "b"})),
            404,
            "signs no tokens",
        ),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(status == 405, answer.headers().contains_key("allow"));
        let sentences = refused(&read(answer).await, status);
        assert!(sentences[0].contains(told), "{sentences:?}");
    }
}
