//! Asks over kept connections, with as little work as there can be on the asking side. Does I/O.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A connection that is kept.
pub(crate) struct Link {
    stream: BufReader<TcpStream>,
    host: String,
    head: String,
    body: Vec<u8>,
}

impl Link {
    /// Connects to `http://host:port`.
    pub(crate) fn open(url: &str) -> Self {
        let host = url.trim_start_matches("http://").to_owned();
        let stream = TcpStream::connect(&host).expect("it listens");
        stream.set_nodelay(true).expect("a TCP connection");
        Self {
            stream: BufReader::with_capacity(1 << 16, stream),
            host,
            head: String::new(),
            body: Vec::new(),
        }
    }

    /// Asks, and reads all of the answer.
    pub(crate) fn get(&mut self, path: &str) -> (u16, &[u8]) {
        self.ask("GET", path, "", b"")
    }

    /// Posts, and reads all of the answer.
    pub(crate) fn post(&mut self, path: &str, media_type: &str, body: &[u8]) -> (u16, &[u8]) {
        let headers = format!(
            "content-type: {media_type}\r\ncontent-length: {}\r\n",
            body.len()
        );
        self.ask("POST", path, &headers, body)
    }

    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, &[u8]) {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n",
            self.host
        )
        .into_bytes();
        request.extend(body);
        self.stream
            .get_mut()
            .write_all(&request)
            .expect("it listens on");
        self.head.clear();
        loop {
            let read = self.stream.read_line(&mut self.head).expect("it answers");
            assert!(read > 0, "the connection was closed after {:?}", self.head);
            if self.head.ends_with("\r\n\r\n") {
                break;
            }
        }
        let status = self.head.get(9..12).and_then(|text| text.parse().ok());
        let length = self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().ok())?
        });
        let status: u16 = status.expect("a status");
        let length = match length {
            None if status == 204 || status == 304 => 0,
            length => length.expect("answers of a known length"),
        };
        self.body.resize(length, 0);
        self.stream
            .read_exact(&mut self.body)
            .expect("the whole answer");
        (status, &self.body)
    }
}

/// Answers a second that so many connections get in this time: `path` tells what the n-th asks for, and every answer
/// must be a 200 with a body.
pub(crate) fn rate(
    url: &str,
    connections: usize,
    time: Duration,
    path: impl Fn(u64) -> String + Sync,
) -> f64 {
    let (next, over, asked) = (AtomicU64::new(0), AtomicBool::new(false), AtomicU64::new(0));
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut link = Link::open(url);
                while !over.load(Ordering::Relaxed) {
                    let path = path(next.fetch_add(1, Ordering::Relaxed));
                    let (status, body) = link.get(&path);
                    assert!(status == 200 && body.len() > 2, "{path}: {status}");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
    });
    let asked = u32::try_from(asked.into_inner()).expect("not so many in a run");
    f64::from(asked) / begin.elapsed().as_secs_f64()
}
