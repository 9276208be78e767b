//! A load generator for HTTP/1.1: many kept connections that each ask for one thing after another, the same for every
//! server that is measured. Every answer is read whole; its status and its length must be those that were expected. Does I/O.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream as Plain};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Threads of the generator: as many as the servers have.
const THREADS: usize = 2;
/// Connections of each thread.
const CONNECTIONS: usize = 16;
/// More than any head of an answer.
const HEAD: usize = 4096;
/// What is read in one go.
const CHUNK: usize = 256 << 10;

/// A request, and what must come back.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) bytes: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) length: usize,
}

/// An answer that was read whole.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: String,
    pub(crate) body: Vec<u8>,
}

/// A `GET` on a kept connection.
pub(crate) fn get(path: &str, more: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n{more}\r\n")
        .into_bytes()
}

/// What the head of an answer says: where its body begins, its status, how long its body is.
struct Head {
    end: usize,
    status: u16,
    length: usize,
}

/// Reads a head, if it is all there.
fn head(bytes: &[u8]) -> Option<Head> {
    let text = &bytes[..bytes.len().min(HEAD)];
    let end = text.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&text[..end]).expect("heads are ASCII");
    let status = text.get(9..12).and_then(|code| code.parse().ok());
    Some(Head {
        end,
        status: status.expect("an answer begins with its status"),
        length: value(text, "content-length").map_or(0, |text| text.parse().expect("a number")),
    })
}

fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
    lines
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Asks for some things one after another on one connection and keeps what comes.
pub(crate) fn fetch(address: SocketAddr, requests: &[Vec<u8>]) -> Vec<Answer> {
    let mut stream = Plain::connect(address).expect("the server listens");
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        stream.write_all(request).expect("it can be asked");
        let (mut bytes, mut chunk) = (Vec::new(), vec![0; CHUNK]);
        let found = loop {
            if let Some(found) = head(&bytes)
                && bytes.len() >= found.end + found.length
            {
                break found;
            }
            let read = stream.read(&mut chunk).expect("it answers");
            assert!(read > 0, "the server hung up");
            bytes.extend_from_slice(&chunk[..read]);
        };
        let text = String::from_utf8_lossy(&bytes[..found.end]);
        answers.push(Answer {
            status: found.status,
            etag: value(&text, "etag").unwrap_or_default().to_owned(),
            body: bytes.split_off(found.end),
        });
    }
    answers
}

/// Answers per second that a server gives to these requests, chosen at random, each as likely.
pub(crate) fn rate(address: SocketAddr, asked: &Arc<Vec<Asked>>, time: Duration) -> f64 {
    let threads: Vec<_> = (0..THREADS)
        .map(|at| {
            let asked = asked.clone();
            thread::spawn(move || on_one_thread(address, &asked, time, at as u64))
        })
        .collect();
    let done = threads
        .into_iter()
        .map(|thread| thread.join().expect("it counts"));
    done.sum()
}

fn on_one_thread(address: SocketAddr, asked: &Arc<Vec<Asked>>, time: Duration, seed: u64) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    runtime.block_on(async {
        let (start, mut tasks) = (Instant::now(), tokio::task::JoinSet::new());
        for at in 0..CONNECTIONS {
            let seed = (seed + 1) * 1_000_003 + at as u64 * 7_919;
            tasks.spawn(one_connection(address, asked.clone(), start + time, seed));
        }
        let mut answers = 0_u64;
        while let Some(done) = tasks.join_next().await {
            answers += done.expect("a connection lasts");
        }
        answers as f64 / start.elapsed().as_secs_f64()
    })
}

async fn one_connection(
    address: SocketAddr,
    asked: Arc<Vec<Asked>>,
    until: Instant,
    mut random: u64,
) -> u64 {
    let mut stream = TcpStream::connect(address)
        .await
        .expect("the server listens");
    stream.set_nodelay(true).expect("a socket has this option");
    let (mut chunk, mut answers) = (vec![0; CHUNK], 0);
    while Instant::now() < until {
        // xorshift64
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let request = &asked[(random % asked.len() as u64) as usize];
        stream
            .write_all(&request.bytes)
            .await
            .expect("it can be asked");
        let mut filled = 0;
        let found = loop {
            filled += some(&mut stream, &mut chunk[filled..]).await;
            if let Some(found) = head(&chunk[..filled]) {
                break found;
            }
        };
        assert_eq!(
            (found.status, found.length),
            (request.status, request.length),
            "of {}",
            String::from_utf8_lossy(&request.bytes)
        );
        let mut left = found.length + found.end - filled;
        while left > 0 {
            let room = left.min(chunk.len());
            left -= some(&mut stream, &mut chunk[..room]).await;
        }
        answers += 1;
    }
    answers
}

async fn some(stream: &mut TcpStream, into: &mut [u8]) -> usize {
    let read = stream.read(into).await.expect("it answers");
    assert!(read > 0, "the server hung up");
    read
}
