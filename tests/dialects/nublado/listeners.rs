//! Listeners at different moments, by the original's client in an old and a new version.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Lab, block, streams};
use crate::clients;
use crate::inside::Server;

/// httpx-sse, as the original's spawner uses it.
struct Client(Child);

impl Client {
    fn listen(which: &str, url: &str) -> Self {
        let program = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/dialects/nublado/listen.py"
        );
        let mut client = clients::python("nublado", which);
        let client = client.args([program, url, "rachel", "token"]);
        Self(client.stdout(Stdio::piped()).spawn().unwrap())
    }

    /// What it has received when its stream has ended.
    async fn received(mut self) -> Vec<Value> {
        let lines = BufReader::new(self.0.stdout.take().unwrap()).lines();
        let read = tokio::task::spawn_blocking(move || {
            let lines = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap());
            let received: Vec<Value> = lines.collect();
            assert!(self.0.wait().unwrap().success());
            received
        });
        tokio::time::timeout(Duration::from_secs(60), read)
            .await
            .unwrap()
            .unwrap()
    }
}

fn received(of: &str, data: &str) -> Value {
    json!({"event": of, "data": data, "id": "", "retry": null})
}

#[tokio::test]
async fn three_listeners_at_different_moments_receive_identical_bytes() {
    let server = Server::start().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    let (first, second) = (
        Lab::of(&server.base, "rachel"),
        Lab::of(&server.base, "rachel"),
    );
    let telling = async {
        streams(&server, 1).await;
        lab.tell("info", "Starting lab creation for rachel", Some(1))
            .await;
        lab.tell("info", "拉取 \u{2028}", Some(35)).await;
    };
    let rest = async {
        streams(&server, 2).await;
        lab.tell("error", "e\n", None).await;
        lab.tell("info", "48", Some(48)).await;
        lab.tell("complete", "Lab Kubernetes pod started for rachel", None)
            .await;
    };
    let (first, second) = tokio::join!(first.text(), async {
        telling.await;
        tokio::join!(second.text(), rest).0
    });
    let third = lab.text().await;
    let golden = [
        block(
            "info",
            r#"{"message": "Starting lab creation for rachel", "progress": 1}"#,
        ),
        block(
            "info",
            r#"{"message": "\u62c9\u53d6 \u2028", "progress": 35}"#,
        ),
        block("error", r#"{"message": "e\n"}"#),
        block("info", r#"{"message": "48", "progress": 48}"#),
        block(
            "complete",
            r#"{"message": "Lab Kubernetes pod started for rachel"}"#,
        ),
    ];
    assert_eq!(first, golden.concat());
    assert_eq!(second, first);
    assert_eq!(third, first);
    assert_eq!(
        lab.text().await,
        first,
        "the last operation is told as often as one asks"
    );
    streams(&server, 0).await;
}

#[tokio::test]
async fn the_original_client_hears_an_operation_old_and_new() {
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    let url = lab.path("events");
    let early = ["-old", ""].map(|which| Client::listen(which, &url));
    streams(&server, 2).await;
    // Long enough for pings in between.
    lab.tell("info", "Starting lab creation for rachel", Some(1))
        .await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    lab.tell("info", "\u{85}\u{2028} 拉取", Some(35)).await;
    lab.tell("error", "no image", None).await;
    lab.tell("failed", "Lab spawn failed", None).await;
    let late = ["-old", ""].map(|which| Client::listen(which, &url));
    let golden = [
        received(
            "info",
            r#"{"message": "Starting lab creation for rachel", "progress": 1}"#,
        ),
        received(
            "info",
            r#"{"message": "\u0085\u2028 \u62c9\u53d6", "progress": 35}"#,
        ),
        received("error", r#"{"message": "no image"}"#),
        received("failed", r#"{"message": "Lab spawn failed"}"#),
        json!({"end": "eof"}),
    ];
    for client in early.into_iter().chain(late) {
        let heard: Vec<Value> = client.received().await;
        assert_eq!(heard.last(), golden.last());
        assert_eq!(heard, golden);
    }
}

#[tokio::test]
async fn a_new_operation_cuts_off_those_who_listen_and_is_alone_for_those_who_come() {
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    let spawn = lab.open("spawn").await;
    lab.tell("info", "spawning", Some(1)).await;
    let (before, after) = tokio::join!(lab.text(), async {
        streams(&server, 1).await;
        let delete = lab.open("delete").await;
        assert_ne!(delete, spawn);
        let telling = async {
            streams(&server, 1).await;
            lab.tell("info", "Shutting down Kubernetes pod", Some(25))
                .await;
            lab.tell("info", "Lab for rachel deleted", Some(100)).await;
        };
        tokio::join!(lab.text(), telling).0
    });
    assert_eq!(
        before,
        block("info", r#"{"message": "spawning", "progress": 1}"#)
    );
    let deleted = [
        block(
            "info",
            r#"{"message": "Shutting down Kubernetes pod", "progress": 25}"#,
        ),
        block(
            "info",
            r#"{"message": "Lab for rachel deleted", "progress": 100}"#,
        ),
    ];
    assert_eq!(
        after,
        deleted.concat(),
        "a deletion ends with its 100, and has no complete"
    );
    let (status, told) = lab
        .post("events", &json!({"type": "info", "message": "m"}))
        .await;
    assert_eq!(status, 409, "{told}");
    assert_eq!(
        lab.text().await,
        after,
        "what comes after the end is not told"
    );
    lab.open("spawn").await;
    lab.end().await;
    lab.end().await;
    assert_eq!(lab.text().await, "", "an operation without events has none");
}

#[tokio::test]
async fn a_stream_of_an_operation_that_goes_on_breaks_off_when_the_server_stops() {
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    let url = lab.path("events");
    let client = Client::listen("", &url);
    streams(&server, 1).await;
    let stopping = server.stopping.clone();
    stopping.cancel();
    let heard = client.received().await;
    assert_eq!(
        heard,
        [json!({"end": "RemoteProtocolError"})],
        "an end would be a success"
    );
    server.stop().await;
}

#[tokio::test]
async fn events_told_at_once_have_ordinals_of_their_own() {
    let server = Server::start().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    let told = (0..40).map(|_| lab.tell("info", "m", Some(35)));
    let mut ordinals = futures::future::join_all(told).await;
    ordinals.sort_unstable();
    assert_eq!(ordinals, (1..=40).collect::<Vec<u64>>());
    lab.end().await;
    let all = block("info", r#"{"message": "m", "progress": 35}"#).repeat(40);
    assert_eq!(lab.text().await, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_come_one_after_the_other_receive_the_same() {
    let server = Server::start().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    let late = |number: u64| {
        let base = &server.base;
        async move {
            tokio::time::sleep(Duration::from_millis(number * 5)).await;
            Lab::of(base, "rachel").text().await
        }
    };
    let listeners = futures::future::join_all((0..100).map(late));
    let telling = async {
        for number in 0..50_u8 {
            lab.tell("info", &format!("{number}"), Some(number + 1))
                .await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        lab.tell("complete", "c", None).await;
    };
    let (heard, ()) = tokio::join!(listeners, telling);
    let golden = lab.text().await;
    assert_eq!(golden.matches("event: ").count(), 51);
    assert!(heard.iter().all(|text| *text == golden));
}
