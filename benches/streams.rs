//! A thousand subscribers of server-sent events on a hundred executions, while events come in at a steady rate: how long
//! from before an event is posted until each subscriber has it, and what a subscriber who waits takes in memory. Does I/O.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::extent;
use crate::report::{Aim, Row};
use crate::server::{Server, dagtrail};

const EXECUTIONS: usize = 100;
const SUBSCRIBERS: usize = 1000;
/// Events a second.
const RATE: u64 = 500;
/// Events that are posted together, so that each is on disk by itself soon.
const POST: u64 = 5;
const TIME: Duration = Duration::from_secs(10);
/// Until everybody has what was there before.
const SETTLE: Duration = Duration::from_secs(3);
/// Until memory has come to rest: the allocator keeps for ten seconds what nobody uses.
const REST: Duration = Duration::from_secs(13);
/// What marks the number of an event in its message.
const MARK: &str = "number ";

/// When each event was posted, and how many deliveries of it took how long.
struct Clock {
    begin: Instant,
}

impl Clock {
    fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_micros()).expect("a bench is short")
    }
}

fn id(execution: usize) -> String {
    format!("stream-{execution:03}")
}

/// An event whose message says when it was posted.
fn event(execution: usize, number: u64, posted: u64) -> String {
    let stamp = format!("{MARK}{posted} ");
    format!(
        "{{\"reason\":\"BackOff\",\"message\":\"{stamp}{number}\",\"elemId\":\"{}-pod-{}\",\
         \"firstTimestamp\":\"2026-01-01T00:00:00Z\"}}",
        id(execution),
        number % 50
    )
}

/// Posts some events of an execution and waits until they are on disk.
fn post(stream: &mut TcpStream, execution: usize, events: &str) {
    let request = format!(
        "POST /v1/executions/{}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{events}",
        id(execution),
        events.len()
    );
    stream
        .write_all(request.as_bytes())
        .expect("it can be told");
    let (mut answer, mut chunk) = (Vec::new(), [0; 16 << 10]);
    loop {
        let read = stream.read(&mut chunk).expect("it answers");
        assert!(read > 0, "the server hung up");
        answer.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if length.is_none_or(|length| body.len() >= length.parse().unwrap_or(0)) {
                return;
            }
        }
    }
}

/// Reads a stream, and tells of each event how many microseconds after it was posted it was here.
async fn subscribe(
    address: SocketAddr,
    execution: usize,
    clock: Arc<Clock>,
    told: mpsc::Sender<u64>,
) {
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("the server listens");
    let request = format!(
        "GET /v1/executions/{}/events?lang=en HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n",
        id(execution)
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it can be asked");
    let (mut left, mut chunk) = (Vec::new(), vec![0; 16 << 10]);
    while let Ok(read) = stream.read(&mut chunk).await {
        if read == 0 {
            return;
        }
        let now = clock.now();
        left.extend_from_slice(&chunk[..read]);
        let whole = left
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let text = String::from_utf8_lossy(&left[..whole]);
        for (at, _) in text.match_indices(MARK) {
            let posted: String = text[at + MARK.len()..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let posted = posted.parse().expect("a number follows the mark");
            if told.send(now.saturating_sub(posted)).is_err() {
                return;
            }
        }
        left.drain(..whole);
    }
}

/// The subscribers, on a runtime of their own; they end with it.
fn subscribers(address: SocketAddr, clock: &Arc<Clock>, told: &mpsc::Sender<u64>) -> Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    for at in 0..SUBSCRIBERS {
        let (clock, told) = (clock.clone(), told.clone());
        runtime.spawn(subscribe(address, at % EXECUTIONS, clock, told));
    }
    runtime
}

type Runtime = tokio::runtime::Runtime;

/// The value below which so many of a hundred are.
/// Resident memory when nothing happens: the least of a while.
fn at_rest(server: &Server) -> u64 {
    let (begin, mut least) = (Instant::now(), u64::MAX);
    while begin.elapsed() < extent::of(REST, Duration::from_secs(1)) {
        least = least.min(server.memory("VmRSS"));
        thread::sleep(Duration::from_millis(250));
    }
    least
}

fn percentile(sorted: &[u64], hundredth: usize) -> u64 {
    let at = (sorted.len() * hundredth / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().to_str().expect("a path in UTF-8");
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--data-dir",
        path,
    ];
    let server = Server::spawn(dagtrail(&[&["serve"], &arguments[..]].concat()));
    let address: SocketAddr =
        (server.url.trim_start_matches("http://").parse()).expect("an address");
    let mut poster = TcpStream::connect(address).expect("the server listens");
    poster.set_nodelay(true).expect("a socket has this option");
    let clock = Arc::new(Clock {
        begin: Instant::now(),
    });
    for execution in 0..EXECUTIONS {
        let events: Vec<_> = (0..20).map(|at| event(execution, at, 0)).collect();
        post(&mut poster, execution, &format!("[{}]", events.join(",")));
    }
    thread::sleep(SETTLE);
    let before = at_rest(&server);
    let (told, deliveries) = mpsc::channel();
    let runtime = subscribers(address, &clock, &told);
    thread::sleep(SETTLE);
    let idle = at_rest(&server).saturating_sub(before);
    // What was there before.
    let backlog = deliveries.try_iter().count();
    assert_eq!(
        backlog,
        SUBSCRIBERS * 20,
        "everybody has what was there before"
    );
    let (start, mut number) = (Instant::now(), 100_u64);
    let pause = Duration::from_micros(1_000_000 * POST / RATE);
    let mut next = start;
    while start.elapsed() < TIME {
        thread::sleep(next.saturating_duration_since(Instant::now()));
        next += pause;
        let execution = (number / POST) as usize % EXECUTIONS;
        let events: Vec<_> = (0..POST)
            .map(|at| event(execution, number + at, clock.now()))
            .collect();
        post(&mut poster, execution, &format!("[{}]", events.join(",")));
        number += POST;
    }
    let rate = (number - 100) as f64 / start.elapsed().as_secs_f64();
    thread::sleep(Duration::from_secs(1));
    let mut times: Vec<u64> = deliveries.try_iter().collect();
    runtime.shutdown_background();
    times.sort_unstable();
    let expected = (number - 100) as usize * SUBSCRIBERS / EXECUTIONS;
    assert_eq!(times.len(), expected, "everybody has everything, once");
    let load = format!("{SUBSCRIBERS} subscribers of {EXECUTIONS} executions");
    vec![
        Row {
            load: format!("{load}, {RATE} events/s, p99 from before the post"),
            peer: String::new(),
            unit: "ms",
            ours: percentile(&times, 99) as f64 / 1000.0,
            peers: None,
            aim: Some(Aim::Below(250.0)),
            note: format!(
                "p50 {:.1} ms; {rate:.0} events/s were posted, each {POST} in one durable request",
                percentile(&times, 50) as f64 / 1000.0
            ),
        },
        Row {
            load: format!("{load}, at rest, resident for each"),
            peer: String::new(),
            unit: "KiB",
            ours: idle as f64 / 1024.0 / SUBSCRIBERS as f64,
            peers: None,
            aim: Some(Aim::Below(24.0)),
            note: "by a probe of the allocator two thirds of it, 16 KiB, are the two buffers that hyper makes for a connection"
                .into(),
        },
    ]
}
