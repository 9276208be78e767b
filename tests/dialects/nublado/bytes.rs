//! The same events from sse-starlette behind uvicorn and from dagtrail: the same bytes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use reqwest::Client;
use serde_json::{Value, json};

use super::{Lab, without_pings};
use crate::clients;
use crate::inside::Server;

const HEADERS: [&str; 4] = [
    "cache-control",
    "content-type",
    "x-accel-buffering",
    "connection",
];

/// The original's server, ended with the test.
struct Original {
    child: Child,
    base: String,
}

impl Original {
    fn start(events: &Value, ping: u64, end: f64) -> Self {
        let program = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/dialects/nublado/original.py"
        );
        let mut child = clients::python("nublado", "")
            .args([
                program,
                &events.to_string(),
                &ping.to_string(),
                &end.to_string(),
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut port).unwrap();
        let base = format!("http://127.0.0.1:{}", port.trim());
        Self { child, base }
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn events() -> Value {
    json!([
        ["info", "Starting lab creation for rachel", 1],
        [
            "info",
            "Za\u{17c}\u{f3}\u{142}\u{107} \u{2028} two\nlines \u{5143}\u{7d20}",
            35
        ],
        [
            "info",
            "\"\\/\t\r\u{8}\u{c}\u{1}\u{1f}\u{7f}\u{85}\u{feff}\u{1f9ec}",
            100
        ],
        ["info", "", null],
        ["error", "Back-off pulling image \"x\": ErrImagePull", null],
        [
            "info",
            "a message of several thousand bytes: ".repeat(200),
            75
        ],
        ["complete", "Lab Kubernetes pod started for rachel", null],
    ])
}

/// Status line, the headers that clients look at, and the body.
async fn answer(base: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let client = Client::builder().no_proxy().build().unwrap();
    let asked = client.get(Lab::of(base, "rachel").path("events"));
    let asked = asked.header("accept", "text/event-stream");
    let asked = asked.header("cache-control", "no-store");
    let answer = asked.header("accept-encoding", "gzip, deflate").send();
    let answer = answer.await.unwrap();
    let headers = HEADERS.map(|name| {
        let value = answer
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap());
        (name.to_owned(), value.unwrap_or("(none)").to_owned())
    });
    assert!(!answer.headers().contains_key("content-encoding"));
    let status = answer.status().as_u16();
    (
        status,
        headers.to_vec(),
        answer.bytes().await.unwrap().to_vec(),
    )
}

#[tokio::test]
async fn sse_starlette_sends_the_same_headers_and_bytes() {
    let original = Original::start(&events(), 15, 0.0);
    let server = Server::in_memory().await;
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    for event in events().as_array().unwrap() {
        let progress = event[2]
            .as_u64()
            .map(|progress| u8::try_from(progress).unwrap());
        let (of, message) = (event[0].as_str().unwrap(), event[1].as_str().unwrap());
        lab.tell(of, message, progress).await;
    }
    let (theirs, ours) = (answer(&original.base).await, answer(&server.base).await);
    assert_eq!(
        String::from_utf8_lossy(&theirs.2),
        String::from_utf8_lossy(&ours.2)
    );
    assert_eq!(theirs, ours);
}

/// The shape of the last block of a stream: digits are told by `9`.
fn shape(text: &str) -> String {
    let last = text.split_inclusive("\r\n\r\n").last().unwrap();
    let digit = |c: char| if c.is_ascii_digit() { '9' } else { c };
    last.chars().map(digit).collect()
}

#[tokio::test]
async fn sse_starlettes_ping_has_the_same_shape() {
    let events = json!([["info", "m", 1]]);
    let original = Original::start(&events, 1, 1.5);
    let server = Server::in_memory().await;
    // Python leaves microseconds out where there are none.
    server
        .clock
        .advance(std::time::Duration::from_micros(772_751));
    let lab = Lab::of(&server.base, "rachel");
    lab.open("spawn").await;
    lab.tell("info", "m", Some(1)).await;
    let ended = async {
        // At 150 ms comes the first.
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        lab.end().await;
    };
    let ((theirs, ours), ()) = tokio::join!(
        async { tokio::join!(answer(&original.base), answer(&server.base)) },
        ended
    );
    let (theirs, ours) = (
        String::from_utf8(theirs.2).unwrap(),
        String::from_utf8(ours.2).unwrap(),
    );
    assert_eq!(
        without_pings(theirs.as_bytes()),
        without_pings(ours.as_bytes())
    );
    assert!(
        ours.contains(": ping - 2030-01-01 00:00:00.772751+00:00\r\n\r\n"),
        "{ours}"
    );
    assert_eq!(
        shape(&theirs),
        ": ping - 9999-99-99 99:99:99.999999+99:99\r\n\r\n"
    );
    assert_eq!(shape(&theirs), shape(&ours));
}
