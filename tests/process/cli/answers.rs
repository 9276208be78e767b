//! What `get` and `query` answer, in every format.

use serde_json::{Value, json};

use super::asked::{event, run};
use crate::server::Server;

const FORMATS: [&str; 7] = ["table", "wide", "json", "yaml", "ndjson", "csv", "name"];

/// Two executions: one that has failed, with a fold, and one that goes on.
fn filled() -> (tempfile::TempDir, Server) {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let mut back_off = event("BackOff", "装载", 3);
    back_off["type"] = "Warning".into();
    back_off["count"] = 12.into();
    back_off["message"] = "Back-off restarting failed container".into();
    back_off["lastTimestamp"] = "2026-01-01T00:01:00Z".into();
    let mut end = event("FailedFinish", "", 61);
    end["type"] = "Warning".into();
    server.emit("run-1", &[event("ActionStart", "load", 1), back_off, end]);
    server.emit("id:a/b", &[event("ActionStart", "extract", 5)]);
    (data, server)
}

/// The times at which the server was told are of today.
fn without_today(server: &Server, text: &str) -> String {
    let list: Value =
        serde_json::from_str(&server.get(&["get", "executions", "-o", "json"])).unwrap();
    let mut text = text.to_owned();
    for one in list.as_array().unwrap() {
        let updated = one["execution"]["update_at"].as_str().unwrap();
        text = text.replace(updated, "2026-02-02T00:00:00Z");
        let shown = updated.replace('T', " ").replace('Z', "");
        text = text.replace(&shown, "2026-02-02 00:00:00");
    }
    text
}

#[test]
fn executions_and_events_are_answered_in_every_format() {
    let (_data, server) = filled();
    for format in FORMATS {
        let executions = server.get(&["get", "executions", "-o", format]);
        let executions = without_today(&server, &executions);
        insta::assert_snapshot!(format!("executions_{format}"), executions);
        let events = server.get(&["get", "events", "run-1", "-o", format]);
        insta::assert_snapshot!(format!("events_{format}"), events);
        let found = server.get(&["query", "--type", "Warning", "-o", format]);
        insta::assert_snapshot!(format!("query_{format}"), found);
        let tailed = server.get(&["tail", "run-1", "-o", format]);
        insta::assert_snapshot!(format!("tail_{format}"), tailed);
    }
}

#[test]
fn words_are_in_the_language_that_is_asked_for() {
    let (_data, server) = filled();
    let args = ["get", "events", "run-1"];
    let zh = server.get(&[&args[..], &["--lang", "zh"]].concat());
    insta::assert_snapshot!("events_zh", zh);
    let both = server.get(&[&args[..], &["--lang", "both", "--no-headers"]].concat());
    insta::assert_snapshot!("events_both", both);
    let surroundings = server
        .command(&args)
        .env("LANG", "zh_CN.UTF-8")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(surroundings.stdout).unwrap(), zh);
}

#[test]
fn json_is_the_servers_own_to_the_byte() {
    let (_data, server) = filled();
    let mut item = event("Custom", "x", 7);
    item["id"] = "one".into();
    let text = item.to_string();
    let payload = r#"{"big":123456789012345678901234567890,"small":1.50}"#;
    let told = server.ask(&[
        "emit",
        "run-2",
        "--reason",
        "Custom",
        "--payload",
        payload,
        "--label",
        "a=b=c",
        "--id",
        "one",
        "--first",
        "2026-01-01T00:00:07Z",
    ]);
    assert_eq!(told.code, 0, "{} {text}", told.err);
    for format in ["json", "ndjson"] {
        let shown = server.get(&["get", "events", "run-2", "--full", "-o", format]);
        assert!(
            shown.contains(&format!(r#""payload":{payload}"#)),
            "{shown}"
        );
        assert!(shown.contains(r#""labels":{"a":"b=c"}"#), "{shown}");
    }
}

#[test]
fn filters_choose() {
    let (_data, server) = filled();
    let names = |args: &[&str]| -> Vec<String> {
        let lines = server.get(&[args, &["-o", "ndjson"]].concat());
        let rows = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.map(|row| {
            let event = if row["event"].is_null() {
                &row
            } else {
                &row["event"]
            };
            event["reason"].as_str().unwrap().to_owned()
        })
        .collect()
    };
    let events = |args: &[&str]| names(&[&["get", "events", "run-1"], args].concat());
    assert_eq!(events(&["--type", "warning"]), ["BackOff", "FailedFinish"]);
    assert_eq!(events(&["--elem-id", "load"]), ["ActionStart"]);
    assert_eq!(
        events(&["--elem-id", "load", "--reason", "BackOff"]),
        [""; 0]
    );
    assert_eq!(
        events(&["--since", "2026-01-01T00:01:01Z"]),
        ["FailedFinish"]
    );
    assert_eq!(
        events(&["--until", "2026-01-01T00:00:01Z"]),
        ["ActionStart"]
    );
    assert_eq!(events(&["--contains", "RESTARTING"]), ["BackOff"]);
    assert_eq!(events(&["--tail", "1"]), ["FailedFinish"]);
    assert_eq!(
        names(&["query"]),
        ["ActionStart", "BackOff", "ActionStart", "FailedFinish"],
        "one timeline"
    );
    assert_eq!(
        names(&["query", "--limit", "2"]),
        ["ActionStart", "FailedFinish"]
    );
    assert_eq!(names(&["query", "--status", "Running"]), ["ActionStart"]);
    assert_eq!(names(&["query", "--name", "other"]), [""; 0]);
    let ids = |args: &[&str]| server.get(&[&["get", "executions", "-o", "name"], args].concat());
    assert_eq!(ids(&["--status", "Failed"]), "run-1\n");
    assert_eq!(ids(&["-n", "nowhere"]), "");
    assert_eq!(ids(&["--since", "1h"]).lines().count(), 2);
    assert_eq!(ids(&["--since", "2036-01-01T00:00:00Z"]), "");
    assert_eq!(ids(&["--limit", "1"]).lines().count(), 1);
    let said = server.ask(&["query", "--max-executions", "1"]);
    assert!(said.err.contains("newest 1 of 2"), "{}", said.err);
}

#[test]
fn an_execution_has_several_names() {
    let data = tempfile::tempdir().unwrap();
    let demo = Server::spawn(crate::server::dagtrail(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data.path().to_str().unwrap(),
    ]));
    let id = |args: &[&str]| {
        let said = demo.ask(&[&["get", "executions", "-o", "name"], args].concat());
        (said.code, said.out, said.err)
    };
    // The first events are told as soon as it serves.
    let begin = std::time::Instant::now();
    while id(&["demo/dag/report"]).0 != 0 && begin.elapsed().as_secs() < 10 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let (code, uid, _) = id(&["demo/dag/report"]);
    assert_eq!(code, 0);
    assert_eq!(id(&["dag/report", "-n", "demo"]).1, uid);
    assert_eq!(id(&[uid.trim()]).1, uid);
    assert_eq!(id(&["@latest"]).0, 0);
    let (code, _, err) = id(&["dag/report"]);
    assert_eq!(code, 1);
    assert!(err.contains("in which namespace"), "{err}");
    let (code, _, err) = id(&["a/b/c/d"]);
    assert_eq!(code, 2);
    assert!(err.contains("namespace/kind/name"), "{err}");
    let (code, _, err) = id(&["demo/dag/nothing"]);
    assert_eq!(code, 1);
    assert!(err.contains("GCS.4040001"), "{err}");
}

#[test]
fn nothing_found_is_said_beside_the_answer() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    for (args, out) in [
        (&["get", "executions", "-o", "json"][..], "[]\n"),
        (&["get", "executions"], ""),
        (&["query", "-o", "yaml"], "[]\n"),
    ] {
        let said = server.ask(args);
        assert_eq!((said.code, said.out.as_str()), (0, out), "{args:?}");
        assert!(said.err.contains("found"), "{args:?}: {}", said.err);
    }
    let said = server.ask(&["get", "events", "@latest"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("no execution yet"), "{}", said.err);
}

#[test]
fn who_does_not_answer_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = taken.local_addr().unwrap();
    drop(taken);
    let url = format!("http://{free}");
    let said = run(&["get", "executions", "--server", &url]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(
        said.err.contains(&url)
            && said.err.contains("refused")
            && said.err.contains("--port-forward"),
        "{}",
        said.err
    );
    let said = run(&["get", "executions", "--server", "localhost"]);
    assert!(said.err.contains("http://"), "{}", said.err);
    let said = run(&["get", "executions", "--context", "there-is-none"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("kubeconfig"), "{}", said.err);
}

#[test]
fn colours_are_for_terminals_and_for_who_wants_them() {
    let (_data, server) = filled();
    let args = ["get", "events", "run-1"];
    let coloured = |args: &[&str], name: &str, value: &str| {
        let done = server.command(args).env(name, value).output().unwrap();
        String::from_utf8(done.stdout).unwrap().contains('\u{1b}')
    };
    let always = [&args[..], &["--color", "always"]].concat();
    let never = [&args[..], &["--color", "never"]].concat();
    assert!(!coloured(&args, "X", "1"), "a pipe is no terminal");
    assert!(coloured(&args, "CLICOLOR_FORCE", "1"));
    assert!(coloured(&always, "NO_COLOR", "1"), "a flag wins");
    assert!(!coloured(&never, "CLICOLOR_FORCE", "1"));
    // A terminal of script(1): there NO_COLOR is what decides.
    let on_terminal = |name: &str| {
        let line = format!("{} get events run-1", env!("CARGO_BIN_EXE_dagtrail"));
        let mut script = std::process::Command::new("script");
        script
            .args(["-qec", &line, "/dev/null"])
            .env("TERM", "xterm");
        script
            .env_remove("NO_COLOR")
            .env("DAGTRAIL_SERVER", &server.url)
            .env(name, "1");
        let done = script.stdin(std::process::Stdio::null()).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    assert!(on_terminal("X").contains("\u{1b}[33mWarning"));
    let plain = on_terminal("NO_COLOR");
    assert!(
        plain.contains("Warning") && !plain.contains('\u{1b}'),
        "{plain:?}"
    );
}

#[test]
fn more_than_a_page_of_executions_is_all_there_once() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let posts = (0..1203).map(async |number| {
            let item = json!({"reason": "ActionStart", "firstTimestamp": "2026-01-01T00:00:00Z"});
            let url = server.events(&format!("run-{number}"));
            client
                .post(url)
                .json(&item)
                .send()
                .await
                .unwrap()
                .error_for_status()
                .unwrap();
        });
        futures::StreamExt::collect::<Vec<()>>(futures::StreamExt::buffer_unordered(
            futures::stream::iter(posts),
            64,
        ))
        .await;
    });
    let names = server.get(&["get", "executions", "-o", "name"]);
    let mut names: Vec<&str> = names.lines().collect();
    assert_eq!(names.len(), 1203);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 1203);
    let names = server.get(&["get", "executions", "-o", "name", "--limit", "1001"]);
    assert_eq!(names.lines().count(), 1001);
}

#[test]
fn what_two_executions_share_by_an_alias_is_found_once() {
    let (_data, server) = filled();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let alias = format!("{}/v1/executions/run-1/aliases/a%2Fb", server.url);
    let put = runtime.block_on(reqwest::Client::new().put(alias).send());
    assert_eq!(put.unwrap().status(), 204);
    assert_eq!(
        server
            .get(&["get", "events", "id:a/b", "-o", "name"])
            .lines()
            .count(),
        4
    );
    assert_eq!(server.get(&["query", "-o", "name"]).lines().count(), 4);
    // As they are without the full view, to the byte.
    let found = server.get(&["query", "-o", "ndjson"]);
    for row in server
        .get(&["get", "events", "run-1", "-o", "ndjson"])
        .lines()
    {
        assert!(found.contains(&format!("\"event\":{row}}}\n")), "{row}");
    }
}
