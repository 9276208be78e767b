//! Rules of retention, given to a process: what they take away, what stays, and what `retention explain` says before.

use std::io::Write;
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::server::{Server, dagtrail, output};

/// How long the slowest machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

const RULES: &str = "age: 30d
maxRows: 8
policies:
- name: short
  namespaces: [\"def*\"]
  phases: [Failed]
  age: 3s
";

fn serve(rules: &str) -> (Server, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(rules.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let args = ["serve", "--listen", "127.0.0.1:0", "--kube", "off"];
    let more = ["--in-memory", "--retention-file", path];
    (Server::spawn(dagtrail(&[&args[..], &more].concat())), file)
}

fn event(code: &str, message: &str, second: u32) -> Value {
    json!({
        "reason": code, "message": message, "firstTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
    })
}

async fn tell(client: &Client, server: &Server, id: &str, events: &[Value]) {
    let answer = client.post(server.events(id)).json(events).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
}

fn explained(server: &Server, id: &str) -> Value {
    let args = ["retention", "explain", id, "-o", "json"];
    let (fine, printed, said) = output(&[&args[..], &["--server", &server.url]].concat());
    assert!(fine, "{said}");
    let found: Value = serde_json::from_str(&printed).unwrap();
    found.as_array().map_or(found.clone(), |all| all[0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_explain_says_of_an_execution_is_what_becomes_of_it() {
    let (server, _file) = serve(RULES);
    let client = Client::new();
    for (id, code) in [
        ("nightly", "FailedFinish"),
        ("done", "SuccessfulFinish"),
        ("other", "BackOff"),
    ] {
        tell(&client, &server, id, &[event(code, "over", 0)]).await;
    }
    let short = explained(&server, "nightly");
    assert_eq!(short["rule"], "policy 1 (short)", "{short}");
    assert_eq!(
        (&short["age"], &short["maxRows"]),
        (&json!("3s"), &json!(8))
    );
    assert!(short["due"].is_string(), "{short}");
    for id in ["done", "other"] {
        let usual = explained(&server, id);
        assert_eq!(usual["rule"], "default", "{usual}");
        assert_eq!(usual["age"], "30d", "{usual}");
    }
    let args = ["retention", "explain", "nightly", "--server", &server.url];
    let (fine, printed, said) = output(&args);
    assert!(fine, "{said}");
    for part in [
        "nightly in default",
        "policy 1 (short)",
        "1 of at most 8 rows",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
    let begin = Instant::now();
    let status = async |id| {
        let answer = client.get(server.events(id)).send().await.unwrap();
        answer.status()
    };
    while status("nightly").await != StatusCode::NOT_FOUND {
        assert!(begin.elapsed() < PATIENCE, "it stays");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for id in ["done", "other"] {
        assert_eq!(status(id).await, StatusCode::OK, "{id}");
    }
    let (fine, _, said) = output(&args);
    assert!(!fine && said.contains("nightly"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_beyond_their_number_go_behind_the_answer_and_the_end_stays() {
    let (server, _file) = serve(RULES);
    let client = Client::new();
    tell(
        &client,
        &server,
        "a",
        &[event("SuccessfulFinish", "over", 0)],
    )
    .await;
    for row in 1..40 {
        let message = format!("row {row}");
        tell(&client, &server, "a", &[event("BackOff", &message, row)]).await;
        let answer = client.get(server.events("a")).send().await.unwrap();
        let rows: Vec<Value> = answer.json().await.unwrap();
        // What is looked after behind a batch may be a batch late for who reads at once.
        assert!(rows.len() <= 9, "{}", rows.len());
        let ends = |row: &&Value| row["message"] == "over ## over";
        assert_eq!(rows.iter().filter(ends).count(), 1, "{rows:?}");
    }
    // The same again is of a time that was pruned.
    let again = client.post(server.events("a"));
    let again = again.json(&[event("BackOff", "row 1", 1)]).send().await;
    assert_eq!(again.unwrap().status(), StatusCode::CONFLICT);
    let kept = explained(&server, "a");
    assert!(kept["prunedBefore"].is_string(), "{kept}");
}

#[test]
fn a_rule_that_is_not_one_is_refused_at_the_start() {
    for (rules, name) in [
        ("agee: 7d\n", "agee"),
        (
            "policies:\n- namespaces: [a]\n",
            "policies[0].age or maxRows",
        ),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(rules.as_bytes()).unwrap();
        let path = file.path().to_str().unwrap();
        let args = ["serve", "--listen", "127.0.0.1:0", "--kube", "off"];
        let more = ["--in-memory", "--retention-file", path];
        let (fine, _, said) = output(&[&args[..], &more].concat());
        assert!(!fine, "{rules}");
        assert!(said.contains(name) && said.contains(path), "{said}");
    }
}
