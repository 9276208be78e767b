//! One timeline: what comes in by a dialect is read by every other, in that one's own shape, as docs/dialects.md says.
//!
//! All five tell one execution: the operation of a lab, since Nublado's stream is the one that shows nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::inside::{Server, read};

const USER: &str = "rachel";
const PREFECT_ID: &str = "11111111-2222-4333-8444-555555555555";
const ALL: [&str; 5] = ["gcs", "prefect", "nublado", "genomcore", "dataflow"];

async fn answered(request: RequestBuilder) -> Value {
    let (status, body) = read(request.send().await.unwrap()).await;
    assert!((200..300).contains(&status), "{status}: {body}");
    body
}

async fn post(server: &Server, path: &str, body: &Value) -> Value {
    let url = format!("{}{path}", server.base);
    answered(server.client.post(url).json(body)).await
}

fn lab(rest: &str) -> String {
    format!("/nublado/spawner/v1/labs/{USER}/{rest}")
}

/// What each dialect's client sends of this execution.
fn sent(dialect: &str, execution: &str) -> Value {
    match dialect {
        "gcs" => json!({
            "metadata": {"name": "step.1", "namespace": "default"},
            "involvedObject": {"name": "step", "namespace": "default"},
            "reason": "镜像拉取失败##PullFailed", "message": "第 1 步 ## step 1",
            "firstTimestamp": "2029-12-31T23:00:00Z", "lastTimestamp": "2029-12-31T23:30:00Z", "count": 3,
            "type": "Warning", "elemType": "Engine.step", "elemId": "step", "actionName": "run",
        }),
        "prefect" => json!({
            "id": PREFECT_ID, "occurred": "2029-12-31T23:00:00.123456Z",
            "event": "pull.failed", "resource": {"prefect.resource.id": execution, "team": "a"},
            "related": [{"prefect.resource.id": "step.1", "prefect.resource.role": "step"}],
            "payload": {"big": 12345678901234567_u64, "ratio": 1.0}, "follows": null,
        }),
        "nublado" => {
            json!({"type": "error", "message": "Pull of the image failed", "progress": 35})
        }
        "genomcore" => json!({
            "owner": "user", "collection": execution, "start": "2029-12-31T23:00:00.000Z",
            "end": "2029-12-31T23:30:00.000Z", "value": "step 1", "type": "PullFailed", "source": "step",
            "externalId": "step",
        }),
        "dataflow" => json!({
            "time": "2029-12-31T23:00:00Z",
            "labels": {"JOB_ID": execution, "WORKER_ID": "worker-1"},
            "workerHealthReport": {"vmIsHealthy": false, "vmIsBroken": true, "vmBrokenCode": "DISK", "msg": "no disk"},
        }),
        other => panic!("no dialect {other}"),
    }
}

async fn tell(server: &Server, dialect: &str, execution: &str) {
    let event = sent(dialect, execution);
    match dialect {
        "gcs" => drop(server.tell(execution, &event).await),
        "prefect" => drop(post(server, "/prefect/api/events", &json!([event])).await),
        "nublado" => drop(post(server, &lab("events"), &event).await),
        "genomcore" => drop(post(server, "/genomcore/api/v1/events", &json!([event])).await),
        _ => {
            let body = json!({"workerMessages": [event]});
            drop(post(server, "/v1b3/projects/p/WorkerMessages", &body).await);
        }
    }
}

/// What a dialect's client reads of this execution.
async fn seen(server: &Server, dialect: &str, execution: &str) -> Value {
    match dialect {
        "gcs" => {
            server
                .json(&format!("/v1/executions/{execution}/events"))
                .await
        }
        "prefect" => {
            let own = format!("dagtrail.execution.{execution}");
            let filter = json!({"resource": {"id": [execution, own]}, "order": "ASC"});
            let page = json!({"filter": filter, "limit": 200});
            post(server, "/prefect/api/events/filter", &page).await["events"].take()
        }
        "nublado" => {
            let request = server.get(&lab("events"));
            let stream = answered(request).await;
            let blocks = stream.as_str().unwrap().split("\r\n\r\n");
            let event = |block: &str| {
                let (name, data) = block.split_once("\r\n")?;
                let data: Value = serde_json::from_str(data.strip_prefix("data: ")?).unwrap();
                Some(json!({"event": name.strip_prefix("event: ")?, "data": data}))
            };
            blocks.filter_map(event).collect()
        }
        "genomcore" => {
            let query = json!({"filter": {"collection": execution}, "sort": {"start": 1}});
            post(server, "/genomcore/api/v1/events/query", &query).await["items"].take()
        }
        _ => {
            let request = server.get(&format!("/v1b3/projects/p/jobs/{execution}/messages"));
            let (status, _) = read(request.send().await.unwrap()).await;
            assert_eq!(status, 404);
            json!("its API has nothing to read")
        }
    }
}

/// The events of a native stream, to its end.
async fn streamed(server: &Server, execution: &str) -> Vec<Value> {
    let path = format!("/v1/executions/{execution}/events");
    let request = server.get(&path).header("accept", "text/event-stream");
    let stream = answered(request).await;
    let blocks = stream.as_str().unwrap().split("\n\n");
    let unnamed = blocks.filter(|block| !block.lines().any(|line| line.starts_with("event:")));
    let data =
        unnamed.filter_map(|block| block.lines().find_map(|line| line.strip_prefix("data: ")));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// The same in every run: the operation's id and what is made of it.
fn settled(seen: &Value, execution: &str) -> Value {
    let text = seen.to_string().replace(execution, "<operation>");
    let mut settled: Value = serde_json::from_str(&text).unwrap();
    hide(&mut settled);
    settled
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match key.as_str() {
                    "id" | "row" if value != PREFECT_ID => {
                        *value = json!("<made>");
                    }
                    _ => hide(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::String(text) => {
            // Names of derived rows end with digits of the row, and ids are made of the execution's.
            if text.starts_with("<operation>.") {
                *text = "<operation>.<made>".into();
            } else if uuid::Uuid::parse_str(text).is_ok() && text != PREFECT_ID {
                *text = "<made>".into();
            }
        }
        _ => {}
    }
}

/// That what was sent by a dialect is read by it again.
fn comes_back(dialect: &str, execution: &str, seen: &Value) {
    let wanted = sent(dialect, execution);
    let found = match dialect {
        "nublado" => {
            let data = json!({"message": wanted["message"], "progress": wanted["progress"]});
            let wanted = json!({"event": wanted["type"], "data": data});
            return assert!(seen.as_array().unwrap().contains(&wanted), "{seen:#}");
        }
        "dataflow" => return,
        _ => seen.as_array().unwrap().iter().find(|event| {
            let fields = wanted.as_object().unwrap().iter();
            fields.into_iter().all(|(key, value)| event[key] == *value)
        }),
    };
    assert!(found.is_some(), "{wanted:#} is not among {seen:#}");
}

#[tokio::test]
async fn what_comes_in_by_one_dialect_is_read_by_every_other() {
    let mut table: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for source in ALL {
        let server = Server::in_memory().await;
        let operation = post(&server, &lab("operations"), &json!({"kind": "spawn"})).await;
        let execution = operation["operation"].as_str().unwrap().to_owned();
        tell(&server, source, &execution).await;
        post(&server, &lab("operations/end"), &json!({})).await;
        for reader in ALL {
            let seen = seen(&server, reader, &execution).await;
            if source == reader {
                comes_back(source, &execution, &seen);
            }
            if reader == "gcs" {
                let mut rows = seen.as_array().unwrap().clone();
                let mut streamed = streamed(&server, &execution).await;
                let by_name = |row: &Value| row["metadata"]["name"].to_string();
                rows.sort_by_key(by_name);
                streamed.sort_by_key(by_name);
                assert_eq!(streamed, rows, "the stream tells what the history does");
            }
            let shown = settled(&seen, &execution);
            table.entry(source).or_default().insert(reader, shown);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects/golden/pairs.json");
    let found = serde_json::to_string_pretty(&table).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap();
    assert!(
        found == wanted,
        "the table of all pairs has changed: run UPDATE_GOLDEN=1 cargo test --test dialects pairs, and review it and \
         docs/dialects.md\n{found}"
    );
}
