//! Events posted over HTTP to the program itself, each request answered when it is on disk, next to the append of as
//! many events without HTTP. Does I/O.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::append;
use crate::report::{Aim, Row};
use crate::server::Server;

/// How long it runs.
const TIME: Duration = Duration::from_secs(6);
/// Events of a request ...
const EVENTS: u64 = 1000;
/// ... of which so many are rows that are not there yet: the others repeat them.
const ROWS: u64 = 200;
/// Who posts at once: enough that the next request arrives while another is written.
const CLIENTS: u64 = 4;

/// A request's body: each line about 500 bytes.
fn lines() -> String {
    let mut lines = String::new();
    for at in 0..EVENTS {
        let (row, told) = (at % ROWS, at / ROWS);
        let pod = format!("align-{row:04}-8c5f7d9b6f-x7k2p");
        writeln!(
            lines,
            concat!(
                r#"{{"metadata":{{"name":"{pod}.17a3c5e1f0b2d4","namespace":"bench"}},"#,
                r#""involvedObject":{{"name":"{pod}","namespace":"bench"}},"#,
                r#""reason":"BackOff","message":"Back-off restarting failed container main in pod {pod}_bench(0d6b1f6e-7a43-4f52-9a51-{row:012})","#,
                r#""firstTimestamp":"2026-11-21T08:00:00.{row:06}Z","lastTimestamp":"2026-11-21T08:{told:02}:00.{row:06}Z","#,
                r#""count":1,"type":"Warning","elemType":"Bench.step","elemId":"align-{row:04}","actionName":"run"}}"#,
            ),
            pod = pod,
            row = row,
            told = told,
        )
        .expect("a string takes all");
    }
    lines
}

/// Posts one request after another, each to an execution of its own; how many were answered.
fn post(address: &str, client: u64, body: &str, until: Instant) -> u64 {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.set_nodelay(true).expect("it is a TCP socket");
    let mut answers = BufReader::with_capacity(1 << 18, socket.try_clone().expect("it is open"));
    let (mut requests, mut line, mut answer) = (0, String::new(), Vec::new());
    while Instant::now() < until {
        let head = format!(
            "POST /v1/executions/bench-{client}-{requests}/events HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).expect("it is taken");
        socket.write_all(body.as_bytes()).expect("it is taken");
        let mut length = 0;
        let mut status = String::new();
        loop {
            line.clear();
            answers.read_line(&mut line).expect("it answers");
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if status.is_empty() {
                status.clone_from(&header);
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
        }
        answer.resize(length, 0);
        answers.read_exact(&mut answer).expect("the whole answer");
        let told = String::from_utf8_lossy(&answer[answer.len().saturating_sub(100)..]);
        let stored = format!(r#""created":{ROWS},"merged":{}"#, EVENTS - ROWS);
        assert!(
            status.ends_with("200 ok") && told.contains(&stored),
            "{status} {told}"
        );
        requests += 1;
    }
    requests
}

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let appended = append::append(&folder.path().join("append"), 1000).rate;
    let server = Server::start(&folder.path().join("served"));
    let address = server.url.trim_start_matches("http://");
    let body = &lines();
    let start = Instant::now();
    let requests: u64 = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || post(address, client, body, start + TIME)))
            .collect();
        let clients = clients.into_iter();
        clients
            .map(|client| client.join().expect("it posts to the end"))
            .sum()
    });
    let ours = (requests * EVENTS) as f64 / start.elapsed().as_secs_f64();
    vec![Row {
        load: format!(
            "{CLIENTS} clients, NDJSON of {EVENTS} events a request, {} bytes each, 80 % repeats",
            body.len() as u64 / EVENTS
        ),
        peer: "append in batches of 1000".into(),
        unit: "events/s",
        ours,
        peers: Some(appended),
        aim: Some(Aim::AtLeast(0.6)),
        note: "the clients run on the same two cores; by the profile 29 % of the time of the threads that read requests \
               is BLAKE3 (ids of rows, digests of texts), 18 % reading JSON, 11 % the kernel, 6 % copying, 5 % the allocator"
            .into(),
    }]
}
