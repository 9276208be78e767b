//! The end of a process that a thousand readers follow: each stream ends in order, and soon.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::{Server, output};

const STREAMS: usize = 1000;
/// What the product promises.
const SOON: Duration = Duration::from_secs(10);

/// Sockets of this process, and of those that it starts.
fn allow_files() {
    let limit = getrlimit(Resource::Nofile);
    let enough = limit.maximum.map_or(1 << 13, |most| most.min(1 << 13));
    assert!(
        enough > 2 * STREAMS as u64,
        "{enough} open files are not enough"
    );
    let current = limit.current.map_or(enough, |now| now.max(enough));
    let wanted = Rlimit {
        current: Some(current),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, wanted).unwrap();
}

/// Opens a stream, and reads until the row that is there has come.
async fn follow(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /v1/executions/run/events HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.contains("Started") {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "it ends before the first row: {text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_open_streams_end_in_order_within_ten_seconds_and_so_does_the_process() {
    allow_files();
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let address = server.url.trim_start_matches("http://").to_owned();
    let event = r#"{"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"}"#;
    let told = reqwest::Client::new()
        .post(server.events("run"))
        .header("content-type", "application/json")
        .body(event)
        .send()
        .await
        .unwrap();
    assert_eq!(told.status(), 200);
    let streams: Vec<_> = stream::iter(0..STREAMS)
        .map(|_| follow(&address))
        .buffer_unordered(50)
        .collect()
        .await;
    let metrics = reqwest::get(format!("{}/metrics", server.url))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    let open = format!("dagtrail_streams {STREAMS}");
    assert!(metrics.lines().any(|line| line == open), "{metrics}");

    let begin = Instant::now();
    let process = tokio::task::spawn_blocking(move || (server.terminate(), begin.elapsed()));
    let ends = stream::iter(streams).map(|mut stream| async move {
        let mut rest = Vec::new();
        let read = stream.read_to_end(&mut rest).await;
        // The last chunk of a body says that it is complete: a cut has none.
        read.is_ok() && rest.ends_with(b"0\r\n\r\n")
    });
    let ends: Vec<bool> = ends.buffer_unordered(STREAMS).collect().await;
    let (well, took) = process.await.unwrap();
    assert!(well, "the exit code is 0");
    assert!(took < SOON, "it took {took:?}");
    let complete = ends.iter().filter(|is_complete| **is_complete).count();
    assert_eq!(complete, STREAMS, "streams that ended in order");

    let path = data.path().to_str().unwrap();
    // The disk may be short on this machine, which is another matter.
    let (_, said, _) = output(&["doctor", "--data-dir", path]);
    for check in ["files", "log", "records"] {
        let is_well = said
            .lines()
            .any(|line| line.starts_with("+ok") && line.contains(check));
        assert!(is_well, "{check}: {said}");
    }
}
