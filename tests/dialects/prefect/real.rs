//! The real clients: what they send is what they follow and read.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::stage::{MOUNT, http, python, said, serve};
use crate::server::Server;

const FLOW_RUN: &str = "5d6f0c7e-0000-4000-8000-000000000001";
const TASK_RUN: &str = "5d6f0c7e-0000-4000-8000-000000000002";

fn output(command: &mut Command) -> Output {
    command
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap()
}

/// What does not belong to the event that was sent: when it came in. Of numbers the clients read 64 bits only.
fn bare(event: &Value) -> Value {
    let mut event = event.clone();
    event.as_object_mut().unwrap().remove("received");
    if let Some(payload) = event["payload"].as_object_mut() {
        payload.remove("big");
    }
    event
}

fn by_id(events: &Value) -> BTreeMap<String, Value> {
    let events = events.as_array().unwrap().iter();
    events
        .map(|event| (event["id"].as_str().unwrap().to_owned(), bare(event)))
        .collect()
}

async fn speak(which: &str) {
    let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = serve(data.path(), 0, &[]);
    let api = format!("{}{MOUNT}", server.url);
    let output =
        output(python(which, home.path(), &api).args(["client.py", FLOW_RUN, TASK_RUN, "demo"]));
    let told: BTreeMap<String, Value> = said(&output)
        .into_iter()
        .flat_map(|line| serde_json::from_value::<BTreeMap<_, _>>(line).unwrap())
        .collect();
    let sent = by_id(&told["sent"]);
    println!(
        "{which}: sent {}, followed {}, read {}",
        sent.len(),
        by_id(&told["followed"]).len(),
        by_id(&told["read"]).len()
    );
    assert_eq!(sent.len(), 8);
    assert_eq!(by_id(&told["read"]), sent);
    assert_eq!(told["pages"], 3);
    assert_eq!(told["whole"], 9, "with the one that was told live");
    let followed = by_id(&told["followed"]);
    assert_eq!(followed.len(), 7);
    let live = told["live"].clone();
    assert_eq!(followed[live["id"].as_str().unwrap()], bare(&live));
    for (id, event) in followed.iter().filter(|(id, _)| **id != live["id"]) {
        assert_eq!(*event, sent[id]);
    }
    let named = |name: &str| sent.values().find(|event| event["event"] == name).unwrap();
    assert_eq!(named("demo.near")["follows"], named("demo.began")["id"]);
    assert_eq!(named("demo.far")["follows"], Value::Null);
    natively(&server).await;
}

/// The native timeline of the flow run, in both languages.
async fn natively(server: &Server) {
    let rows: Vec<Value> = http()
        .get(server.events(FLOW_RUN))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let reasons: Vec<&str> = rows
        .iter()
        .map(|row| row["reason"].as_str().unwrap())
        .collect();
    let expected = [
        "demo.rich##demo.rich",
        "排队##Queued",
        "启动##ActionStart",
        "执行失败##FailedFinish",
        "执行成功##SuccessfulFinish",
    ];
    assert_eq!(reasons, expected);
    let failed = rows[3]["message"].as_str().unwrap();
    assert!(
        failed.contains("align-0") && failed.ends_with("no reads left"),
        "{failed}"
    );
    let list: Value = http()
        .get(format!("{}/v1/executions", server.url))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let run = list["executions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|run| run["execution"]["guid"] == FLOW_RUN)
        .unwrap();
    assert_eq!(
        (&run["execution"]["status"], &run["execution"]["name"]),
        (&json!("Succeeded"), &json!("brave-otter"))
    );
}

#[tokio::test]
async fn the_newest_client_reads_and_follows_what_it_emits() {
    speak("").await;
}

#[tokio::test]
async fn the_client_of_3_6_reads_and_follows_what_it_emits() {
    speak("-3.6").await;
}

#[tokio::test]
async fn the_command_line_emits_and_streams_with_a_password_and_is_refused_without() {
    let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let tokens = data.path().join("tokens.yaml");
    let text = format!(
        "tokens: [{{name: prefect, sha256: {}}}]\n",
        sha256("user:pass")
    );
    std::fs::write(&tokens, text).unwrap();
    let server = serve(
        &data.path().join("data"),
        0,
        &["--token-file", tokens.to_str().unwrap()],
    );
    let api = format!("{}{MOUNT}", server.url);
    let prefect = |secret: &str, args: &[&str]| {
        let mut command = python("", home.path(), &api);
        command
            .env("PREFECT_API_AUTH_STRING", secret)
            .args(["-m", "prefect"])
            .args(args);
        command
    };
    let mut streaming = prefect("user:pass", &["events", "stream", "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let emitted = output(&mut prefect(
        "user:pass",
        &[
            "event",
            "emit",
            "cli.happened",
            "--resource-id",
            "exec.cli",
            "--payload",
            r#"{"a": 1}"#,
        ],
    ));
    assert!(emitted.status.success());
    let lines = BufReader::new(streaming.stdout.take().unwrap()).lines();
    let told = lines
        .map_while(Result::ok)
        .find(|line| line.contains("cli.happened"));
    streaming.kill().unwrap();
    streaming.wait().unwrap();
    let told: Value = serde_json::from_str(&told.expect("it is streamed")).unwrap();
    assert_eq!(
        (
            &told["resource"]["prefect.resource.id"],
            &told["payload"]["a"]
        ),
        (&json!("exec.cli"), &json!(1))
    );
    println!("emitted and streamed {told}");
    let refused = &mut prefect(
        "user:wrong",
        &["event", "emit", "cli.refused", "--resource-id", "exec.cli"],
    );
    output(refused.stderr(Stdio::null()));
    let asked = http()
        .post(format!("{api}/events/filter"))
        .bearer_auth("user:pass");
    let page: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(page["total"], 1, "{page}");
    assert_eq!(page["events"][0]["event"], "cli.happened");
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
