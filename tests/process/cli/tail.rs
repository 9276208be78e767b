//! Following: nothing is lost or doubled across a restart, and the exit code tells the end.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::asked::{ended, event};
use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(30);

/// The lines of a command as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (tell, told) = channel();
    thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    told
}

fn take(lines: &Receiver<String>, count: usize) -> Vec<Value> {
    let next = || lines.recv_timeout(PATIENCE).expect("a line comes");
    (0..count)
        .map(|_| serde_json::from_str(&next()).unwrap())
        .collect()
}

fn elements(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["elemId"].as_str().unwrap())
        .collect()
}

#[test]
fn a_tail_goes_on_across_a_restart_and_ends_with_the_execution() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    // Told in another order than they happened.
    server.emit(
        "run",
        &[
            event("Pulled", "c", 3),
            event("Pulled", "a", 1),
            event("Pulled", "b", 2),
        ],
    );
    let args = ["tail", "run", "-f", "--exit-status", "-o", "ndjson"];
    let mut child = server.command(&args).spawn().unwrap();
    let told = lines(&mut child);
    let mut all = take(&told, 3);
    assert_eq!(elements(&all), ["a", "b", "c"], "what was is sorted");
    server.emit("run", &[event("Pulled", "late", 0)]);
    all.extend(take(&told, 1));
    server.kill();
    let server = Server::start_at(data.path(), &address);
    server.emit(
        "run",
        &[event("Pulled", "after", 4), event("Pulled", "a", 5)],
    );
    server.emit("run", &[event("SuccessfulFinish", "", 6)]);
    all.extend(take(&told, 3));
    assert_eq!(elements(&all), ["a", "b", "c", "late", "after", "a", ""]);
    let said = ended(child, PATIENCE);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(told.recv().is_err(), "nothing comes twice");
    assert_eq!(
        said.err.matches("the connection is lost").count(),
        1,
        "{}",
        said.err
    );
    let (_, place) = said.err.split_once("resumed behind ").expect("it says so");
    let place = place.split_whitespace().next().unwrap();
    assert!(place.split_once('.').unwrap().1.parse::<u64>().unwrap() > 0);
    let counts: Vec<u64> = all
        .iter()
        .map(|row| row["count"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [1, 1, 1, 1, 1, 2, 1]);
    let last = server.get(&["get", "events", "run", "-o", "ndjson"]);
    for line in last.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert!(
            all.contains(&row),
            "the latest state of each was told: {row}"
        );
    }
    // Who comes after the end is told all and no more.
    let said = server.ask(&args);
    assert_eq!(
        (said.code, said.out.lines().count()),
        (0, 6),
        "{}",
        said.err
    );
}

#[test]
fn the_exit_code_tells_how_an_execution_ended() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    for (execution, code, status) in [
        ("succeeds", "SuccessfulFinish", 0),
        ("fails", "FailedFinish", 1),
        ("breaks", "ErrorFinish", 1),
        ("is-cancelled", "Cancelled", 1),
        ("goes-on", "ActionStart", 2),
    ] {
        server.emit(execution, &[event(code, "", 1)]);
        assert_eq!(
            server.ask(&["tail", execution, "--exit-status"]).code,
            status,
            "{execution}"
        );
        assert_eq!(server.ask(&["tail", execution]).code, 0, "{execution}");
    }
    assert_eq!(server.ask(&["tail", "nothing", "--exit-status"]).code, 3);
    assert_eq!(server.ask(&["tail", "nothing"]).code, 1);
    let nobody = [
        "tail",
        "fails",
        "--exit-status",
        "--server",
        "http://127.0.0.1:1",
    ];
    assert_eq!(server.ask(&nobody).code, 2);

    let failing = server
        .command(&["tail", "fails", "-f", "--exit-status"])
        .spawn()
        .unwrap();
    let mut going = server
        .command(&["tail", "goes-on", "-f", "--exit-status", "-o", "json"])
        .spawn()
        .unwrap();
    take(&lines(&mut going), 1);
    server.get(&["delete", "goes-on"]);
    let said = ended(going, PATIENCE);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("there no longer"), "{}", said.err);
    assert_eq!(ended(failing, PATIENCE).code, 1);
}

#[test]
fn who_cannot_be_reached_again_is_given_up() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    server.emit("run", &[event("Pulled", "a", 1)]);
    let args = [
        "tail",
        "run",
        "-f",
        "-o",
        "ndjson",
        "--reconnect-for",
        "300ms",
    ];
    let mut child = server.command(&args).spawn().unwrap();
    take(&lines(&mut child), 1);
    server.kill();
    let said = ended(child, PATIENCE);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("could not be made again"), "{}", said.err);
}

#[test]
fn filters_hold_for_what_comes_too() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let warning = |element: &str, second| {
        let mut warning = event("BackOff", element, second);
        warning["type"] = "Warning".into();
        warning
    };
    server.emit(
        "run",
        &[warning("x", 1), warning("y", 2), event("Pulled", "a", 3)],
    );
    let mut child = server
        .command(&[
            "tail",
            "run",
            "-f",
            "--type",
            "Warning",
            "--tail",
            "1",
            "--contains",
            "BACK",
            "-o",
            "ndjson",
        ])
        .spawn()
        .unwrap();
    let told = lines(&mut child);
    let first = take(&told, 1);
    server.emit("run", &[event("Pulled", "b", 4), warning("z", 5)]);
    let second = take(&told, 1);
    assert_eq!(elements(&[first, second].concat()), ["y", "z"]);
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn what_an_alias_brings_is_told_and_the_rest_not_again() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    server.emit("one", &[event("Pulled", "a", 1), event("Pulled", "b", 2)]);
    server.emit("other", &[event("Pulled", "c", 3)]);
    let mut child = server
        .command(&["tail", "one", "-f", "--exit-status", "-o", "ndjson"])
        .spawn()
        .unwrap();
    let told = lines(&mut child);
    let mut all = take(&told, 2);
    let alias = format!("{}/v1/executions/one/aliases/other", server.url);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let put = runtime.block_on(reqwest::Client::new().put(alias).send());
    assert_eq!(put.unwrap().status(), 204);
    // Whether an alias alone wakes a stream is the server's affair; an event does.
    server.emit("one", &[event("Pulled", "d", 4)]);
    all.extend(take(&told, 2));
    server.get(&["delete", "one"]);
    let said = ended(child, PATIENCE);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(
        said.err.contains("what is new of the rest follows"),
        "{}",
        said.err
    );
    let mut elements = elements(&all);
    elements.sort_unstable();
    assert_eq!(elements, ["a", "b", "c", "d"]);
    assert!(told.recv().is_err(), "nothing comes twice");
}

#[test]
fn another_server_does_not_say_that_an_execution_is_not_there() {
    use std::io::{Read, Write};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stranger = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let read = stream.read(&mut [0; 4096]).unwrap();
        assert!(read > 0);
        let answer =
            "HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nconnection: close\r\n\r\n<html>\u{1b}[";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let args = ["tail", "run", "--exit-status", "--server", &url];
    let said = super::asked::run(&args);
    stranger.join().unwrap();
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err.contains(&url) && !said.err.contains('\u{1b}'),
        "{}",
        said.err
    );
}
