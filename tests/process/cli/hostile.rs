//! Words of strangers do not steer a terminal, and a reader who goes away is no error.

use std::io::{BufRead, BufReader};

use serde_json::json;

use super::asked::{ended, event};
use crate::server::Server;

/// Characters that act on a terminal or reorder a line; a line's end is ours.
fn acts(text: &str) -> Vec<char> {
    let acts = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(*c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().filter(acts).collect()
}

fn corpus() -> Vec<String> {
    let mut corpus: Vec<String> = [
        "\u{1b}]52;c;ZXZpbA==\u{7}",
        "\u{1b}[2J\u{1b}[H",
        "\u{9b}31m\u{9d}0;title\u{9c}",
        "one\r\ntwo\u{8}\u{8}\u{8}",
        "\u{202e}gpj.exe\u{2066}",
        "שלום עולם مرحبا",
        "nul\0del\u{7f}",
    ]
    .map(str::to_owned)
    .to_vec();
    corpus.push(format!("a{}", "\u{301}".repeat(2000)));
    corpus
}

#[test]
fn no_format_lets_a_message_steer_the_terminal() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let corpus = corpus();
    let events: Vec<_> = (0..)
        .zip(&corpus)
        .map(|(second, text)| {
            // Names have a limit, messages hardly.
            let short: String = text.chars().take(300).collect();
            let mut event = event("Custom", &short, second);
            event["message"] = text.as_str().into();
            event["metadata"] = json!({"name": short});
            event["labels"] = json!({short.as_str(): short});
            event
        })
        .collect();
    server.emit("evil", &events);
    for format in ["table", "wide", "json", "yaml", "ndjson", "csv", "name"] {
        for command in [
            &["get", "events", "evil"][..],
            &["get", "events", "evil", "--full"],
            &["tail", "evil"],
            &["query"],
            &["get", "executions"],
        ] {
            let said = server.ask(&[command, &["-o", format]].concat());
            assert_eq!(said.code, 0, "{command:?} {format}: {}", said.err);
            assert!(acts(&said.out).is_empty(), "{command:?} {format}");
        }
    }
    let table = server.get(&["get", "events", "evil"]);
    assert!(table.len() < 8000, "marks are cut: {}", table.len());
    assert!(table.contains("שלום עולם مرحبا"), "languages are not");
    insta::assert_snapshot!("hostile_table", table);
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&server.get(&["get", "events", "evil", "-o", "json"])).unwrap();
    let messages: Vec<&str> = rows
        .iter()
        .map(|row| row["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, corpus, "JSON says all of it");
    let rows: Vec<serde_json::Value> =
        serde_saphyr::from_str(&server.get(&["get", "events", "evil", "-o", "yaml"])).unwrap();
    let messages: Vec<&str> = rows
        .iter()
        .map(|row| row["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, corpus, "YAML says all of it");
}

#[test]
fn an_error_does_not_steer_it_either() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    for evil in ["\u{1b}]52;c;eA==\u{7}", "\u{202e}x", "\u{9b}2J"] {
        for args in [
            &["get", "events", evil][..],
            &["get", "executions", "--status", evil],
            &["delete", evil],
        ] {
            let said = server.ask(args);
            assert_eq!(said.code, 1, "{args:?}");
            assert!(acts(&said.err).is_empty(), "{:?}", said.err);
        }
    }
}

#[test]
fn a_reader_who_has_enough_is_no_error() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let events: Vec<_> = (0..2500)
        .map(|second| {
            let mut event = event("Custom", &format!("step-{second}"), second);
            event["message"] = "x".repeat(200).into();
            event
        })
        .collect();
    server.emit("long", &events);
    for args in [
        &["get", "events", "long"][..],
        &["tail", "long", "-f", "-o", "ndjson"],
        &["query", "-o", "yaml"],
        &["get", "events", "long", "-o", "csv"],
    ] {
        let mut child = server.command(args).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(!line.is_empty());
        let said = ended(child, std::time::Duration::from_secs(20));
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{args:?}");
    }
    let mut child = crate::server::dagtrail(&["openapi"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
