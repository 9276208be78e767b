//! What a client was told is taken is there after `kill -9`, once.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use super::socket::Socket;
use super::stage::{MOUNT, ago, events, free_port, post, python, said, serve};

const EVENTS: usize = 10_000;
/// Stored events at which the server is killed.
const KILLS: [u64; 3] = [1500, 4000, 7000];

fn event(number: usize, resource: &str) -> serde_json::Value {
    json!({
        "id": uuid::Uuid::from_u128(0x7000_8000_0000_0000_0000 + number as u128).to_string(),
        "occurred": ago(20), "event": "k.sent", "resource": { "prefect.resource.id": resource },
        "payload": { "number": number },
    })
}

#[tokio::test]
async fn what_was_ponged_or_said_goodbye_to_is_there_after_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let mut server = serve(data.path(), 0, &[]);
    let mut sent = 0;
    for round in 0..6 {
        let mut socket = Socket::greeted(&server.url, "/events/in", None).await;
        for _ in 0..300 {
            socket.say(&event(sent, "killed.1")).await;
            sent += 1;
        }
        if round % 2 == 0 {
            socket.ponged().await;
        } else {
            socket.closed().await;
        }
        server.kill();
        server = serve(data.path(), 0, &[]);
        let found = events(&server, "killed.1").await;
        assert_eq!(found.len(), sent, "after round {round}");
    }
    // A client that was not answered sends all again: nothing is there twice, and what was there first stays.
    let before = events(&server, "killed.1").await;
    let mut socket = Socket::greeted(&server.url, "/events/in", None).await;
    for number in 0..sent {
        socket.say(&event(number, "killed.1")).await;
    }
    socket.ponged().await;
    assert_eq!(events(&server, "killed.1").await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_10000_events_of_the_real_client_is_stored_once_while_the_server_is_killed_three_times()
 {
    let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = free_port();
    let mut server = serve(data.path(), port, &[]);
    let api = format!("{}{MOUNT}", server.url);
    let mut flood = python("", home.path(), &api);
    let flood = flood
        .args(["flood.py", &EVENTS.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let flood = tokio::task::spawn_blocking(|| flood.wait_with_output().unwrap());
    for kill in KILLS {
        loop {
            let asked = json!({ "filter": { "event": { "name": ["flood.drop"] } }, "limit": 0 });
            let (_, page) = post(&server, "/events/filter", asked.to_string()).await;
            let stored = page["total"].as_u64().unwrap();
            if stored >= kill {
                println!("killed with {stored} of {EVENTS} stored");
                break;
            }
            assert!(
                !flood.is_finished(),
                "the client ended with {stored} stored"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server.kill();
        server = serve(data.path(), port, &[]);
    }
    let ids: BTreeSet<String> =
        serde_json::from_value(said(&flood.await.unwrap()).remove(0)).unwrap();
    assert_eq!(ids.len(), EVENTS);
    let stored = events(&server, "flood.").await;
    assert_eq!(stored.len(), EVENTS);
    let found: BTreeSet<String> = stored
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, ids);
    println!("{EVENTS} events sent, {} stored, each once", stored.len());
}
