//! `emit` and `delete`.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::asked::{Said, event};
use crate::server::Server;

fn pipe(server: &Server, args: &[&str], text: &str) -> Said {
    let mut child = server.command(args).stdin(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap().into()
}

fn history(server: &Server, id: &str) -> Vec<Value> {
    serde_json::from_str(&server.get(&["get", "events", id, "-o", "json"])).unwrap()
}

#[test]
fn an_event_of_flags_is_told_and_told_again_it_is_a_duplicate() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let args = [
        "emit",
        "run",
        "--reason",
        "执行失败##FailedFinish",
        "--type",
        "warning",
        "--message",
        "no space ## left",
        "--elem-id",
        "load",
        "--elem-type",
        "Test.step",
        "--action",
        "run",
        "--count",
        "3",
        "--id",
        "attempt-1",
        "--first",
        "2026-01-01T00:00:00Z",
        "--last",
        "2026-01-01T00:00:09Z",
    ];
    let said = server.get(&args);
    assert!(said.starts_with("created run."), "{said}");
    assert!(server.get(&args).starts_with("duplicate run."));
    let rows = history(&server, "run");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["reason"], "FailedFinish");
    assert_eq!(rows[0]["type"], "Warning");
    assert_eq!(rows[0]["count"], 3);
    assert_eq!(rows[0]["lastTimestamp"], "2026-01-01T00:00:09Z");
    let said = server.get(&["emit", "now", "--reason", "Custom"]);
    assert!(
        said.starts_with("created now."),
        "without a time it is now: {said}"
    );
}

#[test]
fn a_file_is_told_as_one_event_as_an_array_or_as_lines() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let one = event("Pulled", "a", 1);
    let pretty = serde_json::to_string_pretty(&one).unwrap();
    let array = json!([event("Pulled", "a", 1), event("Pulled", "b", 2)]).to_string();
    let lines: String = (0..2345)
        .map(|second| format!("{}\n", event("Pulled", &format!("e{second}"), second)))
        .collect();
    for (id, text, count) in [
        ("one", &pretty, 1),
        ("array", &array, 2),
        ("lines", &lines, 2345),
    ] {
        let said = pipe(&server, &["emit", id, "-f", "-"], text);
        assert_eq!(
            (said.code, said.out.lines().count()),
            (0, count),
            "{id}: {}",
            said.err
        );
        assert_eq!(history(&server, id).len(), count);
    }
    let copied = server.get(&["get", "events", "array", "-o", "ndjson"]);
    assert_eq!(pipe(&server, &["emit", "copy", "-f", "-"], &copied).code, 0);
    assert_eq!(history(&server, "copy"), history(&server, "array"));
    for empty in ["", "\n  \n"] {
        assert_eq!(pipe(&server, &["emit", "none", "-f", "-"], empty).code, 1);
    }
}

#[test]
fn what_is_not_stored_is_named_and_the_rest_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let mut bad = event("Pulled", "b", 2);
    bad["count"] = 0.into();
    let lines = format!(
        "{}\n{bad}\n{}\n",
        event("Pulled", "a", 1),
        event("Pulled", "c", 3)
    );
    let said = pipe(&server, &["emit", "some", "-f", "-"], &lines);
    assert_eq!((said.code, said.out.lines().count()), (1, 2));
    assert!(
        said.err.contains("event 1: count") && said.err.contains("1 of 3"),
        "{}",
        said.err
    );
    assert_eq!(history(&server, "some").len(), 2);
    let said = pipe(&server, &["emit", "none", "-f", "-", "--atomic"], &lines);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.contains("event 1: count"), "{}", said.err);
    assert_eq!(server.ask(&["get", "events", "none"]).code, 1);
    let said = server.ask(&["emit", "x", "--reason", "A", "--payload", "{"]);
    assert!(
        said.code == 1 && said.err.contains("--payload"),
        "{}",
        said.err
    );
    assert_eq!(server.ask(&["emit", "x"]).code, 2, "a reason or a file");
    assert_eq!(server.ask(&["emit", "x", "-f", "/nowhere/events"]).code, 1);
}

#[test]
fn deleting_is_for_good_and_says_of_what() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    for id in ["one", "two", "a/b"] {
        server.emit(&format!("id:{id}"), &[event("Pulled", "a", 1)]);
    }
    let said = server.ask(&["delete", "@latest"]);
    assert!(
        said.code == 1 && said.err.contains("@latest"),
        "{}",
        said.err
    );
    assert_eq!(
        server.get(&["delete", "one", "id:a/b"]),
        "deleted one\ndeleted id:a/b\n"
    );
    assert_eq!(server.get(&["get", "executions", "-o", "name"]), "two\n");
    assert_eq!(server.ask(&["delete", "one"]).code, 1);
    assert_eq!(
        server.get(&["delete", "one", "two", "--ignore-not-found"]),
        "deleted two\n"
    );
}
