//! The documented call: the sample comes back field for field, repeats fold, both languages are served.

use serde_json::{Value, json};

use super::server::{Server, read, refused};

const ID: &str = "e19d3faf-9f04-9685-e5c0-fbe8d40b96cd";
const EVENTS: &str = "/v1/executions/e19d3faf-9f04-9685-e5c0-fbe8d40b96cd/events";

pub(crate) fn sample() -> Value {
    serde_json::from_str(include_str!("../../src/api/v1/golden/events.json")).unwrap()
}

#[tokio::test]
async fn the_sample_comes_back_field_for_field_and_key_for_key() {
    let server = Server::start().await;
    let posted = server.tell(ID, &sample()).await;
    assert_eq!(posted["created"], 3, "{posted}");
    let answer = server.get(EVENTS).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let text = answer.text().await.unwrap();
    assert_eq!(text, sample_text());
}

/// The sample without the spaces between its tokens: its keys are in the order that is to be written.
fn sample_text() -> String {
    let golden = include_str!("../../src/api/v1/golden/events.json");
    golden
        .lines()
        .map(|line| line.trim().replacen("\": ", "\":", 1))
        .collect()
}

#[tokio::test]
async fn a_repeat_with_a_later_time_folds_and_an_equal_one_is_a_duplicate() {
    let server = Server::start().await;
    server.tell(ID, &sample()).await;
    let mut second = sample()[1].clone();
    let again = server.tell(ID, &second).await;
    assert_eq!(again["results"][0]["status"], "duplicate", "{again}");
    second["firstTimestamp"] = json!("2018-08-20T06:59:00Z");
    second["lastTimestamp"] = json!("2018-08-20T06:59:00Z");
    let later = server.tell(ID, &second).await;
    assert_eq!(later["results"][0]["status"], "merged", "{later}");
    assert_eq!(later["results"][0]["seq"], 4);
    let mut rows = sample();
    rows[1]["count"] = json!(2);
    rows[1]["lastTimestamp"] = json!("2018-08-20T06:59:00Z");
    assert_eq!(server.json(EVENTS).await, rows);
}

#[tokio::test]
async fn an_unknown_id_is_not_found_and_an_execution_without_events_is_empty() {
    let server = Server::start().await;
    let path = "/v1/executions/nobody/events";
    let told = refused(&read(server.get(path).send().await.unwrap()).await, 404);
    assert!(told.contains("nobody"), "{told}");
    let begun = server.tell("nobody", &json!([])).await;
    assert_eq!(begun["results"], json!([]));
    assert_eq!(server.json(path).await, json!([]));
}

#[tokio::test]
async fn one_language_is_served_if_it_is_asked_for_and_both_else() {
    let server = Server::start().await;
    server.tell(ID, &sample()).await;
    // Browsers send Accept-Language unasked; who splits at the mark must not be surprised.
    let both = server
        .get(EVENTS)
        .header("accept-language", "en")
        .send()
        .await
        .unwrap();
    assert_eq!(both.headers()["content-language"], "zh, en");
    assert_eq!(read(both).await.1, sample());
    let zh = server.json(&format!("{EVENTS}?lang=zh")).await;
    assert_eq!(zh[0]["reason"], "执行成功");
    assert_eq!(zh[0]["message"], "元素(job-a-init)执行create成功.");
    let en = server.json(&format!("{EVENTS}?lang=en")).await;
    assert_eq!(en[1]["reason"], "ActionStart");
    assert_eq!(
        en[1]["message"],
        "Element(job-c-init) start to Action(create)."
    );
}

#[tokio::test]
async fn a_code_without_words_is_given_them_and_the_least_event_has_all_eleven_keys() {
    let server = Server::start().await;
    let least = json!({"reason": "ActionStart", "lastTimestamp": "2026-01-01T00:00:00.5+01:00"});
    let posted = server.tell("least", &least).await;
    assert_eq!(posted["results"][0]["name"], "least.18866f0bdb0ec500");
    let rows = server.json("/v1/executions/least/events").await;
    assert_eq!(
        rows,
        json!([{
            "metadata": {"name": "least.18866f0bdb0ec500", "namespace": "default"},
            "involvedObject": {"name": "", "namespace": "default"},
            "reason": "启动##ActionStart",
            "message": "",
            "firstTimestamp": "2025-12-31T23:00:00Z",
            "lastTimestamp": "2025-12-31T23:00:00Z",
            "count": 1,
            "type": "Normal",
            "elemType": "",
            "elemId": "",
            "actionName": ""
        }])
    );
    let named = json!({"reason": "ActionStart", "elemId": "a", "actionName": "run", "type": "warning",
        "firstTimestamp": "2026-01-01T00:00:00Z", "involvedObject": {"name": "x", "namespace": "ns"}});
    server.tell("named", &named).await;
    let rows = server.json("/v1/executions/named/events").await;
    assert_eq!(
        rows[0]["message"],
        "元素(a)开始执行(run)流程. ## Element(a) start to Action(run)."
    );
    assert_eq!(rows[0]["metadata"]["namespace"], "ns");
    assert_eq!(rows[0]["type"], "Warning");
}

#[tokio::test]
async fn lines_go_in_and_come_out() {
    let server = Server::start().await;
    let lines: String = sample()
        .as_array()
        .unwrap()
        .iter()
        .map(|event| format!("{event}\n"))
        .collect();
    let kind = "application/x-ndjson; charset=utf-8";
    let posted = server
        .post_as(kind, ID, format!("{lines}{{\"broken\n"))
        .send();
    let (status, body) = read(posted.await.unwrap()).await;
    assert_eq!(
        (status, &body["created"], &body["invalid"]),
        (200, &json!(3), &json!(1))
    );
    assert!(
        body["results"][3]["message"]
            .as_str()
            .unwrap()
            .starts_with("line 4: "),
        "{body}"
    );
    let answer = server
        .get(EVENTS)
        .header("accept", "application/x-ndjson")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(Value::Array(rows), sample());
}

#[tokio::test]
async fn an_id_makes_a_retry_a_duplicate_whatever_else_it_says_and_only_in_its_own_execution() {
    let server = Server::start().await;
    let mut event = json!({"id": "mine", "reason": "Retry", "lastTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"a": "b"}, "payload": {"any": [1.50, null]}});
    assert_eq!(server.tell("a", &event).await["created"], 1);
    event["lastTimestamp"] = json!("2026-01-02T00:00:00Z");
    assert_eq!(server.tell("a", &event).await["duplicate"], 1);
    assert_eq!(server.tell("b", &event).await["created"], 1);
    event["id"] = json!("other");
    assert_eq!(server.tell("a", &event).await["merged"], 1);
    assert_eq!(server.json("/v1/executions/a/events").await[0]["count"], 2);
}

#[tokio::test]
async fn filters_keep_what_they_name() {
    let server = Server::start().await;
    server.tell(ID, &sample()).await;
    let odd = json!({"reason": "BackOff", "type": "WARNING", "elemId": "e&=ö", "elemType": "Argo.Pod", "actionName": "run",
        "firstTimestamp": "2018-08-20T07:00:00Z", "lastTimestamp": "2018-08-20T08:00:00.25Z"});
    server.tell(ID, &odd).await;
    for (query, count) in [
        ("type=Warning", 1),
        ("type=normal", 3),
        ("elemType=KubeDAG.init", 3),
        ("elemId=e%26%3D%C3%B6", 1),
        ("actionName=create&elemId=job-c-init", 1),
        ("reason=ActionStart", 2),
        ("reason=%E5%90%AF%E5%8A%A8%23%23ActionStart", 2),
        ("since=2018-08-20T08:00:00Z", 1),
        ("since=2018-08-20T08:00:01Z", 0),
        ("since=2018-08-20T08:44:44%2B02:00", 1),
        ("until=2018-08-20T06:41:44Z", 3),
        ("until=2018-08-20T06:41:43Z", 0),
        ("since=2018-08-20T07:30:00Z&until=2018-08-20T07:30:00Z", 1),
        ("order=asc&lang=zh&limit=10", 4),
    ] {
        let rows = server.json(&format!("{EVENTS}?{query}")).await;
        assert_eq!(rows.as_array().unwrap().len(), count, "{query}");
    }
    let backwards = server.json(&format!("{EVENTS}?order=desc")).await;
    let mut forwards = server.json(EVENTS).await;
    forwards.as_array_mut().unwrap().reverse();
    assert_eq!(backwards, forwards);
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = Server::start().await;
    server.tell(ID, &sample()).await;
    let first = server.get(EVENTS).send().await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.headers()["dagtrail-seq"], "3");
    let known = |path: String, tag: &str| server.get(&path).header("if-none-match", tag).send();
    server.tell("another", &sample()).await;
    for tags in [tag.clone(), format!("\"x\", {tag}"), "*".to_owned()] {
        let same = known(EVENTS.to_owned(), &tags).await.unwrap();
        assert_eq!(same.status(), 304, "{tags}");
        assert_eq!(same.headers()["etag"], *tag);
        assert_eq!(same.headers()["dagtrail-seq"], "6");
        assert_eq!(same.text().await.unwrap(), "");
    }
    for query in ["?lang=en", "?type=Normal", "?limit=1", "?order=desc"] {
        assert_eq!(
            known(format!("{EVENTS}{query}"), &tag)
                .await
                .unwrap()
                .status(),
            200,
            "{query}"
        );
    }
    let lines = server
        .get(EVENTS)
        .header("if-none-match", &tag)
        .header("accept", "application/x-ndjson");
    assert_eq!(lines.send().await.unwrap().status(), 200);
    let mut later = sample()[0].clone();
    later["lastTimestamp"] = json!("2019-01-01T00:00:00Z");
    server.tell(ID, &later).await;
    assert_eq!(known(EVENTS.to_owned(), &tag).await.unwrap().status(), 200);
}

#[tokio::test]
async fn head_says_what_get_would_say_without_the_rows() {
    let server = Server::start().await;
    server.tell(ID, &sample()).await;
    let url = format!("{}{EVENTS}", server.base);
    let head = server.client.head(&url).send().await.unwrap();
    let get = server.client.get(&url).send().await.unwrap();
    assert_eq!(head.status(), 200);
    for name in ["etag", "dagtrail-seq", "content-type", "content-length"] {
        assert_eq!(head.headers()[name], get.headers()[name], "{name}");
    }
    assert_eq!(head.text().await.unwrap(), "");
}
