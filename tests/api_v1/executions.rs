//! The executions themselves: lists, names, aliases, deletion.

use std::time::Duration;

use dagtrail::model::{ExecutionFact, ExecutionKey, Identity, Observation, Time};
use serde_json::{Value, json};

use super::seed::sample;
use super::server::{Server, read, refused};

fn told_of(tenant: &str, id: &str, group: &str, name: &str, created: &str) -> Observation {
    Observation::Execution(ExecutionFact {
        key: ExecutionKey::new(tenant, id),
        identity: Some(Identity {
            engine: "Any.Job".into(),
            group: group.into(),
            kind: "Job".into(),
            namespace: tenant.into(),
            name: name.into(),
        }),
        created: Some(Time::parse(created).unwrap()),
        aliases: Vec::new(),
    })
}

async fn some_jobs() -> Server {
    let server = Server::start().await;
    for (tenant, id, group, name, created) in [
        ("a", "a1", "batch", "nightly", "2026-01-01T00:00:00Z"),
        ("a", "a2", "batch", "nightly", "2026-01-02T00:00:00Z"),
        (
            "a",
            "a3",
            "batch.volcano.sh",
            "weekly",
            "2026-01-03T00:00:00Z",
        ),
        ("b", "b1", "batch", "nightly", "2026-01-04T00:00:00Z"),
        ("b", "b2", "batch", "both", "2026-01-05T00:00:00Z"),
        (
            "b",
            "b3",
            "batch.volcano.sh",
            "both",
            "2026-01-06T00:00:00Z",
        ),
        ("b", "b4", "", "core", "2026-01-07T00:00:00Z"),
    ] {
        server
            .observe(told_of(tenant, id, group, name, created))
            .await;
    }
    server
}

fn ids(list: &Value) -> String {
    let all = list["executions"].as_array().unwrap().iter();
    let ids: Vec<_> = all
        .map(|one| one["execution"]["guid"].as_str().unwrap())
        .collect();
    ids.join(" ")
}

#[tokio::test]
async fn the_list_is_the_newest_first_with_filters_and_documented_paging() {
    let server = some_jobs().await;
    let end = json!({"reason": "FailedFinish", "lastTimestamp": "2026-01-08T00:00:00Z"});
    server.tell("a1", &end).await;
    for (query, found, total) in [
        ("", "b4 b3 b2 b1 a3 a2 a1", 7),
        ("limit=2&offset=1", "b3 b2", 7),
        ("offset=6&limit=1000", "a1", 7),
        ("offset=99&limit=1", "", 7),
        ("limit=0&offset=0", "", 7),
        ("project_id=a", "a3 a2 a1", 3),
        ("name=ight", "b1 a2 a1", 3),
        ("status=Failed", "a1", 1),
        ("status=Pending&name=nightly", "b1 a2", 2),
        ("status=Retrying", "", 0),
        ("workflow_name=w", "", 0),
        (
            "workflow_name=&name=&status=&batch_name=&project_id=b&limit=1&offset=0",
            "b4",
            4,
        ),
    ] {
        let list = server.json(&format!("/v1/executions?{query}")).await;
        assert_eq!(ids(&list), found, "{query}");
        assert_eq!(list["total_num"], total, "{query}");
    }
    for query in [
        "limit=1",
        "offset=1",
        "limit=1&offset=",
        "limit=x&offset=0",
        "limit=1&offset=-1",
        "limit=1001&offset=0",
        "limit=%2B1&offset=0",
    ] {
        let answer = read(
            server
                .get(&format!("/v1/executions?{query}"))
                .send()
                .await
                .unwrap(),
        )
        .await;
        refused(&answer, 400);
        assert_eq!(answer.1["error_code"], "GCS.4003007", "{query}");
    }
    for (query, told) in [
        ("status=Done", "status"),
        ("state=x", "state"),
        ("name=a&name=b", "name"),
    ] {
        let answer = read(
            server
                .get(&format!("/v1/executions?{query}"))
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert!(refused(&answer, 400).contains(told), "{query}");
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_time_and_in_full_says_what_has_gone_wrong() {
    let server = some_jobs().await;
    server.clock.advance(Duration::from_secs(60));
    let back_off = json!({
        "reason": "BackOff", "type": "Warning", "count": 5, "elemId": "train", "message": "Back-off",
        "firstTimestamp": "2026-01-02T00:00:01Z", "lastTimestamp": "2026-01-02T00:00:09Z"
    });
    let end = json!({"reason": "ErrorFinish", "type": "Warning", "lastTimestamp": "2026-01-02T00:00:10Z"});
    server.tell("a2", &json!([back_off, end])).await;
    for (query, found) in [
        ("since=2030-01-01T00:00:30Z", "a2"),
        ("since=2030-01-01T00:01:00Z", "a2"),
        ("since=2030-01-01T00:01:01Z", ""),
        ("until=2026-01-03T00:00:00Z", "a3 a2 a1"),
        ("until=2026-01-02T23:59:59Z", "a2 a1"),
        (
            "since=2029-01-01T00:00:00Z&until=2026-01-01T00:00:00Z",
            "a1",
        ),
    ] {
        let list = server.json(&format!("/v1/executions?{query}")).await;
        assert_eq!(ids(&list), found, "{query}");
        assert!(list["executions"][0].get("summary").is_none());
    }
    let list = server
        .json("/v1/executions?view=full&name=nightly&project_id=a")
        .await;
    let warning = json!({
        "reason": "回退等待##BackOff", "message": "Back-off ## Back-off", "elem_id": "train", "count": 5,
        "last_timestamp": "2026-01-02T00:00:09Z"
    });
    let failed = json!({
        "phase": "Error", "finished_at": "2026-01-02T00:00:10Z", "rows": 2, "occurrences": 6, "warnings": 6,
        "last_warning": warning
    });
    let untold = json!({
        "phase": "Pending", "finished_at": null, "rows": 0, "occurrences": 0, "warnings": 0, "last_warning": null
    });
    assert_eq!(list["executions"][0]["summary"], failed);
    assert_eq!(list["executions"][1]["summary"], untold);
    for (query, told) in [
        ("since=now", "since"),
        ("until=2026-13-01T00:00:00Z", "until"),
        ("view=half", "view"),
        ("view=full&limit=201&offset=0", "200 is the most"),
    ] {
        let answer = server.get(&format!("/v1/executions?{query}"));
        let answer = read(answer.send().await.unwrap()).await;
        assert!(refused(&answer, 400).contains(told), "{query}");
    }
}

#[tokio::test]
async fn an_execution_shows_its_names_and_status() {
    let server = some_jobs().await;
    server
        .tell(
            "a2",
            &json!({"reason": "ActionStart", "lastTimestamp": "2026-01-02T00:00:01Z"}),
        )
        .await;
    let one = server.json("/v1/executions/a2").await;
    assert_eq!(one["execution"]["name"], "nightly");
    assert_eq!(one["execution"]["status"], "Running");
    assert_eq!(one["object"]["status"]["objectStatus"]["phase"], "Running");
    assert_eq!(one["execution"]["create_at"], "2026-01-02T00:00:00Z");
    assert!(one.get("status").is_none());
    let listed = server.json("/v1/executions?name=weekly").await;
    assert_eq!(listed["executions"][0]["status"], Value::Null);
    assert!(
        listed["executions"][0]
            .as_object()
            .unwrap()
            .contains_key("status")
    );
    refused(
        &read(server.get("/v1/executions/a9").send().await.unwrap()).await,
        404,
    );
}

#[tokio::test]
async fn an_execution_that_begins_with_posted_events_is_called_as_their_involved_object() {
    let server = Server::start().await;
    server.tell("guid", &sample()).await;
    let other = json!({"reason": "R", "lastTimestamp": "2026-01-01T00:00:00Z", "involvedObject": {"name": "zzz"}});
    server.tell("guid", &other).await;
    let list = server.json("/v1/executions?name=gcs-exec").await;
    assert_eq!(ids(&list), "guid");
    assert_eq!(
        list["executions"][0]["execution"]["name"],
        "gcs-exec-3-08-20-144951"
    );
    assert_eq!(list["executions"][0]["execution"]["project_id"], "default");
    // Who knows more of it overrules that.
    server
        .observe(told_of(
            "default",
            "guid",
            "batch",
            "nightly",
            "2026-01-01T00:00:00Z",
        ))
        .await;
    assert_eq!(
        server.json("/v1/executions/guid").await["execution"]["name"],
        "nightly"
    );
}

#[tokio::test]
async fn a_name_means_the_newest_of_that_name_and_a_kind_that_fits_two_groups_names_both() {
    let server = some_jobs().await;
    server.tell("a2", &sample()).await;
    for (path, id) in [
        ("a/job/nightly", "a2"),
        ("a/Job/nightly", "a2"),
        ("a/job.batch/nightly", "a2"),
        ("b/job/nightly", "b1"),
        ("b/job.batch.volcano.sh/both", "b3"),
        ("b/job.batch/both", "b2"),
        ("b/job.core/core", "b4"),
    ] {
        let one = server.json(&format!("/v1/executions/{path}")).await;
        assert_eq!(one["execution"]["guid"], id, "{path}");
    }
    assert_eq!(
        server.json("/v1/executions/a/job/nightly/events").await,
        sample()
    );
    for path in ["b/job/both", "b/job/both/events"] {
        let answer = read(
            server
                .get(&format!("/v1/executions/{path}"))
                .send()
                .await
                .unwrap(),
        )
        .await;
        let told = refused(&answer, 409);
        assert!(
            told.contains("job.batch and job.batch.volcano.sh"),
            "{told}"
        );
    }
    for path in [
        "a/job/none",
        "a/pod/nightly",
        "c/job/nightly",
        "a/job.apps/nightly",
    ] {
        let answer = server
            .get(&format!("/v1/executions/{path}/events"))
            .send()
            .await
            .unwrap();
        assert!(refused(&read(answer).await, 404).contains(path));
    }
}

async fn put_alias(server: &Server, id: &str, alias: &str) -> (u16, Value) {
    let url = format!("{}/v1/executions/{id}/aliases/{alias}", server.base);
    read(server.client.put(url).send().await.unwrap()).await
}

#[tokio::test]
async fn an_alias_unites_two_histories_into_one_whichever_id_is_asked() {
    let server = Server::start().await;
    let rows = sample();
    server.tell("uid", &rows[0]).await;
    server.tell("guid", &rows[1]).await;
    let before = server
        .get("/v1/executions/uid/events")
        .send()
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(put_alias(&server, "uid", "guid").await.0, 204);
    }
    assert_eq!(put_alias(&server, "uid", "uid").await.0, 204);
    assert_eq!(put_alias(&server, "guid", "third").await.0, 204);
    let after = server
        .get("/v1/executions/uid/events")
        .send()
        .await
        .unwrap();
    assert_ne!(before.headers()["etag"], after.headers()["etag"]);
    for id in ["uid", "guid", "third"] {
        let united = server.json(&format!("/v1/executions/{id}/events")).await;
        assert_eq!(united, json!([rows[0], rows[1]]), "{id}");
    }
    // What is posted under the alias goes to the one that has it.
    server.tell("third", &rows[2]).await;
    assert_eq!(server.json("/v1/executions/uid/events").await, rows);
    let one = server.json("/v1/executions/uid").await;
    assert_eq!(one["object"]["spec"]["aliases"], json!(["guid", "third"]));
    assert_eq!(server.json("/v1/executions").await["total_num"], 2);
    refused(&put_alias(&server, "nobody", "x").await, 404);
    refused(&put_alias(&server, "uid", &"x".repeat(1025)).await, 400);
}

#[tokio::test]
async fn what_is_posted_again_after_another_tenant_has_told_of_the_same_id_is_a_duplicate() {
    let server = Server::start().await;
    let event = json!({"id": "e1", "reason": "Started", "firstTimestamp": "2026-01-01T00:00:00Z"});
    assert_eq!(server.tell("shared", &event).await["created"], 1);
    server.clock.advance(std::time::Duration::from_secs(1));
    let other = told_of("a", "shared", "batch", "job", "2026-01-01T00:00:00Z");
    server.observe(other).await;
    assert_eq!(server.tell("shared", &event).await["duplicate"], 1);
    let history = server.json("/v1/executions/shared/events").await;
    assert_eq!(history.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_deleted_is_gone_with_its_aliases_and_is_not_brought_back_by_being_told_again() {
    let server = Server::start().await;
    server.tell("uid", &sample()).await;
    server.tell("guid", &sample()).await;
    put_alias(&server, "uid", "guid").await;
    let url = format!("{}/v1/executions/uid", server.base);
    let gone = server.client.delete(&url).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    for id in ["uid", "guid"] {
        let path = format!("/v1/executions/{id}/events");
        refused(&read(server.get(&path).send().await.unwrap()).await, 404);
    }
    refused(
        &read(server.client.delete(&url).send().await.unwrap()).await,
        404,
    );
    // Told again, as a relist would: it is said, and not stored.
    let again = read(
        server
            .post("uid", sample().to_string())
            .send()
            .await
            .unwrap(),
    )
    .await;
    let told = refused(&again, 409);
    assert!(told.contains("was deleted"), "{told}");
    let results = again.1["results"].as_array().unwrap();
    assert_eq!(results.len(), sample().as_array().unwrap().len());
    assert_eq!(results[0]["field"], "lastTimestamp");
    refused(
        &read(server.post("uid", "[]").send().await.unwrap()).await,
        409,
    );
    // The clock of the server stands at 2030.
    let later = json!([{"reason": "Again", "lastTimestamp": "2030-01-01T00:00:01Z"}, sample()[0]]);
    let mixed = server.tell("uid", &later).await;
    assert_eq!(
        (&mixed["created"], &mixed["invalid"]),
        (&json!(1), &json!(1)),
        "{mixed}"
    );
    assert_eq!(mixed["results"][1]["field"], "lastTimestamp");
    let rows = server.json("/v1/executions/uid/events").await;
    assert_eq!(rows.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_another_tenant_has_is_not_deleted_through_an_alias() {
    let server = Server::start().await;
    for (tenant, id) in [("a", "own"), ("b", "theirs")] {
        let made = told_of(tenant, id, "batch", "nightly", "2026-01-01T00:00:00Z");
        server.observe(made).await;
    }
    assert_eq!(put_alias(&server, "own", "theirs").await.0, 204);
    let url = format!("{}/v1/executions/own", server.base);
    let gone = server.client.delete(&url).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    let left = server.json("/v1/executions").await;
    assert_eq!(left["total_num"], 1);
    assert_eq!(left["executions"][0]["execution"]["guid"], "theirs");
    server.stop().await;
}
