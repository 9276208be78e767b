//! Events in Prefect's dialect, beside Prefect's own server: the same bytes to both. Does I/O.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::hammer::Link;
use crate::own_server::Original;
use crate::report::{Aim, Row, figure};
use crate::stage::{MOUNT, ago, free_port, python, serve};
use crate::{extent, stock};

/// By the profile of the process while frames come.
const FRAMES: &str = "by the profile dagtrail has three quarters of both processors: 32 % of its time is checkpoints, 28 % who \
                      writes, 26 % reading frames, 14 % the database's own work; the rest is who sends";

/// Events in a request.
const TOGETHER: u64 = 200;
/// Connections that post.
const CONNECTIONS: u64 = 4;
/// How long a server gets to show all that it was sent.
const PATIENCE: Duration = Duration::from_secs(90);
const LEAST: Aim = Aim::AtLeast(100.0);

/// A server that speaks the dialect.
struct Side {
    url: String,
    mount: &'static str,
    home: tempfile::TempDir,
}

impl Side {
    fn new(url: &str, mount: &'static str) -> Self {
        let home = tempfile::tempdir_in(stock::scratch()).expect("a folder can be made");
        let url = url.to_owned();
        Self { url, mount, home }
    }

    fn api(&self) -> String {
        format!("{}{}", self.url, self.mount)
    }

    /// How many events can be read whose names begin so.
    fn readable(&self, prefix: &str) -> u64 {
        let asked = json!({ "filter": { "event": { "prefix": [prefix] } }, "limit": 1 });
        let path = format!("{}/events/filter", self.mount);
        let mut link = Link::open(&self.url);
        let (status, body) = link.post(&path, "application/json", asked.to_string().as_bytes());
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(body));
        let page: Value = serde_json::from_slice(body).expect("it answers with JSON");
        page["total"].as_u64().expect("a page has a total")
    }

    /// Events a second: so many from a beginning until they can be read.
    fn sustained(&self, prefix: &str, sent: u64, begin: Instant, until: Until) -> f64 {
        let answered = begin.elapsed();
        let mut found = self.readable(prefix);
        if until == Until::Answered {
            assert_eq!(found, sent, "what was answered can be read");
            return sent as f64 / answered.as_secs_f64();
        }
        let limit = begin.elapsed() + PATIENCE;
        while found < sent && begin.elapsed() < limit {
            thread::sleep(Duration::from_millis(100));
            found = self.readable(prefix);
        }
        found as f64 / begin.elapsed().as_secs_f64()
    }

    /// Events by POST.
    fn posted(&self, number: u64, until: Until) -> f64 {
        let path = format!("{}/events", self.mount);
        let each = number / CONNECTIONS / TOGETHER;
        let bodies: Vec<String> = (0..each * CONNECTIONS)
            .map(|request| {
                let numbers = request * TOGETHER..(request + 1) * TOGETHER;
                let events: Vec<String> = numbers.map(|at| event("posted", at)).collect();
                format!("[{}]", events.join(","))
            })
            .collect();
        let begin = Instant::now();
        thread::scope(|scope| {
            for bodies in bodies.chunks(usize::try_from(each).expect("it is small")) {
                let path = &path;
                scope.spawn(move || {
                    let mut link = Link::open(&self.url);
                    for body in bodies {
                        let (status, said) = link.post(path, "application/json", body.as_bytes());
                        assert_eq!(status, 204, "{}", String::from_utf8_lossy(said));
                    }
                });
            }
        });
        self.sustained("posted.", each * CONNECTIONS * TOGETHER, begin, until)
    }

    /// Events as frames on the socket; it is asked for a PONG after the last.
    async fn framed(&self, number: u64, until: Until) -> f64 {
        let url = format!("{}/events/in", self.api().replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a URL");
        let protocol = HeaderValue::from_static("prefect");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = connect_async(request).await.expect("it upgrades");
        let greeting = json!({ "type": "auth", "token": null }).to_string();
        socket
            .send(Message::text(greeting))
            .await
            .expect("it listens");
        socket.next().await.expect("it answers").expect("a frame");
        let frames: Vec<String> = (0..number).map(|at| event("framed", at)).collect();
        let begin = Instant::now();
        for frame in frames {
            socket.feed(Message::text(frame)).await.expect("it listens");
        }
        let ping = Message::Ping(b"last".as_slice().into());
        socket.send(ping).await.expect("it listens");
        loop {
            match socket.next().await.expect("it answers").expect("a frame") {
                Message::Pong(_) => break,
                Message::Close(said) => panic!("it says goodbye: {said:?}"),
                _ => {}
            }
        }
        tokio::task::block_in_place(|| self.sustained("framed.", number, begin, until))
    }

    /// Events by the real client.
    fn poured(&self, number: u64) -> f64 {
        let mut client = pour(self.home.path(), &self.api(), number);
        let said = BufReader::new(client.stdout.take().expect("it is piped"));
        let began = said
            .lines()
            .map_while(Result::ok)
            .find(|line| line.contains("began"));
        let begin = Instant::now();
        assert!(began.is_some(), "the client begins");
        let rate = self.sustained("client.poured", number, begin, Until::Readable);
        assert!(
            client.wait().expect("it ends").success(),
            "the client ends well"
        );
        rate
    }
}

/// When an event counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// When it was answered: then it is on disk and can be read, which is looked at afterwards.
    Answered,
    /// When it can be read.
    Readable,
}

fn pour(home: &Path, api: &str, number: u64) -> Child {
    let mut python = python("", home, api);
    let number = number.to_string();
    python
        .args(["pour.py", &number, "client"])
        .stdout(Stdio::piped());
    python.spawn().expect("Python starts")
}

/// An event as the client writes it.
fn event(kind: &str, number: u64) -> String {
    let kinds = kind.bytes().fold(0, |all, byte| all << 8 | u64::from(byte));
    let id = uuid::Uuid::from_u64_pair(stock::random(number), stock::random(kinds ^ number));
    format!(
        "{{\"occurred\":\"{}\",\"event\":\"{kind}.happened\",\"resource\":{{\"prefect.resource.id\":\"prefect.flow-run.{}\",\
         \"prefect.resource.name\":\"brave-otter-{}\"}},\"related\":[{{\"prefect.resource.id\":\"prefect.flow.align\",\
         \"prefect.resource.role\":\"flow\",\"prefect.resource.name\":\"align\"}}],\"payload\":{{\"number\":{number},\
         \"message\":\"chunk {number} of the sample was aligned\"}},\"id\":\"{id}\",\"follows\":null}}",
        ago(20),
        uuid::Uuid::from_u64_pair(stock::random(number / 100), 7),
        number / 100,
    )
}

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(measure())
}

async fn measure() -> Vec<Row> {
    let (ours_sent, theirs_sent) = (extent::of(400_000, 20_000), extent::of(4_000, 800));
    let data = tempfile::tempdir_in(stock::scratch()).expect("a folder can be made");
    let server = serve(data.path(), 0, &[]);
    let ours = Side::new(&server.url, MOUNT);
    let ours_posted = tokio::task::block_in_place(|| ours.posted(ours_sent, Until::Answered));
    let ours_framed = ours.framed(ours_sent / 2, Until::Answered).await;
    let ours_poured = tokio::task::block_in_place(|| ours.poured(theirs_sent));
    drop(server);

    let port = free_port();
    let theirs = Side::new(&format!("http://127.0.0.1:{port}"), "/api");
    let _original = Original::start(theirs.home.path(), port, &theirs.api()).await;
    let theirs_posted = tokio::task::block_in_place(|| theirs.posted(theirs_sent, Until::Readable));
    let theirs_framed = theirs.framed(theirs_sent, Until::Readable).await;
    let theirs_poured = tokio::task::block_in_place(|| theirs.poured(theirs_sent));

    let row = |load: &str, ours, theirs, aim, note: String| Row {
        load: load.into(),
        peer: "prefect server start, SQLite".into(),
        unit: "events/s",
        ours,
        peers: Some(theirs),
        aim,
        note,
    };
    let sent = |number: u64| {
        format!(
            "{} events to dagtrail, {} to Prefect",
            figure(number as f64),
            figure(theirs_sent as f64)
        )
    };
    vec![
        row(
            "POST /events, 200 a request, 4 connections",
            ours_posted,
            theirs_posted,
            Some(LEAST),
            sent(ours_sent),
        ),
        row(
            "frames on /events/in, one connection",
            ours_framed,
            theirs_framed,
            Some(LEAST),
            format!("{}; {FRAMES}", sent(ours_sent / 2)),
        ),
        row(
            "the real Python client, one process",
            ours_poured,
            theirs_poured,
            None,
            format!(
                "{}; beside dagtrail the client itself is the limit",
                sent(theirs_sent)
            ),
        ),
    ]
}
