//! Google's own clients against the real binary: what they sent, and what they read.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::clients;
use crate::server::{Server, dagtrail};

const EVERYTHING: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/api/dataflow/golden/request.json"
);
const ANSWER: &str = include_str!("../../../src/api/dataflow/golden/response.json");
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dialects/dataflow");

pub(super) fn serve(data: &Path) -> Server {
    Server::spawn(dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--dataflow-report-interval",
        "7500ms",
        "--data-dir",
        data.to_str().unwrap(),
    ]))
}

/// What a client's program says, a line each; shown as it is.
fn drive(mut program: Command, script: &str, server: &Server) -> Vec<Value> {
    let program = program.arg(format!("{HERE}/{script}"));
    let said = program.args([&server.url, EVERYTHING]).output().unwrap();
    let (out, wrong) = (
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr),
    );
    println!("{out}");
    assert!(said.status.success(), "{script} has failed: {wrong}");
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(super) fn python(server: &Server) -> Vec<Value> {
    drive(clients::python("dataflow", ""), "send.py", server)
}

fn node(server: &Server) -> Vec<Value> {
    drive(clients::node("dataflow"), "send.js", server)
}

fn named<'a>(said: &'a [Value], name: &str) -> &'a Value {
    let found = said.iter().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("nothing was said of {name}"))
}

pub(super) async fn json(url: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, 200, "{url}: {text}");
    serde_json::from_str(&text).unwrap()
}

fn healthy(times: usize) -> Value {
    let one = json!({"workerHealthReportResponse": {"reportInterval": "7.500s"}});
    json!({"workerMessageResponses": vec![one; times]})
}

/// Whatever client sent it.
fn as_documented(said: &[Value], reports: usize) {
    let body = |name: &str| &named(said, name)["read"]["body"];
    assert_eq!(
        *body("every kind"),
        serde_json::from_str::<Value>(ANSWER).unwrap()
    );
    assert_eq!(*body("health, by location"), healthy(reports));
    assert_eq!(*body("the same again"), healthy(reports));
    assert_eq!(*body("odd names"), json!({"workerMessageResponses": [{}]}));
    assert_eq!(*body("empty"), json!({}));
    for (name, is_v1) in [("wrong, format 1", true), ("wrong, format 2", false)] {
        let read = &named(said, name)["read"];
        assert_eq!(read["status"], 400);
        let error = &read["body"]["error"];
        assert_eq!(error["status"], "INVALID_ARGUMENT", "{error}");
        assert_eq!(error.get("errors").is_some(), is_v1, "{error}");
        assert_eq!(error.get("details").is_some(), !is_v1, "{error}");
    }
}

#[tokio::test]
async fn the_python_client_is_understood_and_understands() {
    let data = TempDir::new().unwrap();
    let server = serve(data.path());
    let said = python(&server);
    as_documented(&said, 3);
    assert_eq!(named(&said, "without a body")["read"]["body"], json!({}));
    // The library finds the sentence where it looks for it.
    let wrong = &named(&said, "wrong, no format")["read"];
    let reason = wrong["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("Invalid JSON payload received. Unknown name \"foo\""),
        "{reason}"
    );
    let violations = &wrong["details"][0]["fieldViolations"];
    assert_eq!(violations[1]["field"], "worker_messages[0].time");
    let part = &named(&said, "a part")["read"]["body"];
    assert_eq!(*part, json!({"workerMessageResponses": [{}, {}, {}]}));
    assert_eq!(named(&said, "every parameter")["read"]["body"], healthy(3));
    let uri = named(&said, "odd names")["uri"].as_str().unwrap();
    assert!(
        uri.contains(
            "/projects/example.com%3Amy%20proj/locations/eu%20west%2F1%20%C3%BC%3F%23%252F/"
        ),
        "{uri}"
    );
    // The first attempt was taken in and its answer lost: the second is counted once.
    assert_eq!(named(&said, "attempts")["read"], 2);
    assert_eq!(named(&said, "retried")["read"]["status"], 200);
    let rows = json(&server.events("python-job")).await;
    let counts: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["reason"].as_str().unwrap(),
                row["count"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("工作机健康##WorkerHealthy", 3),
            ("工作机程序已启动##HARNESS_STARTED", 1),
            ("工作机不健康##WorkerUnhealthy", 1),
            ("网络已就绪##NETWORK_UP", 1),
        ]
    );
}

#[tokio::test]
async fn the_node_client_is_understood_and_understands() {
    let data = TempDir::new().unwrap();
    let server = serve(data.path());
    let said = node(&server);
    as_documented(&said, 2);
    let kind = &named(&said, "every kind")["read"]["type"];
    assert_eq!(kind, "application/json; charset=UTF-8");
    let message = named(&said, "wrong, format 2")["read"]["message"]
        .as_str()
        .unwrap();
    assert!(message.contains("(TYPE_BOOL), \"yes\""), "{message}");
    let rows = json(&server.events("node-job")).await;
    assert_eq!(
        (&rows[0]["count"], &rows[0]["elemId"]),
        (&json!(2), &json!("vm-1"))
    );
    assert_eq!(rows[1]["reason"], "云存储下载错误##GCS_DOWNLOAD_ERROR");
    assert_eq!(rows[1]["metadata"]["namespace"], "example.com:my proj");
}
