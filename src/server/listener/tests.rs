//! The listener with sockets that misbehave. Does I/O.

use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

struct Served {
    address: SocketAddr,
    tracker: TaskTracker,
    stopping: CancellationToken,
    metrics: Metrics,
}

const PATIENT: Patience = Patience {
    first: Duration::from_secs(60),
    idle: Duration::from_secs(60),
    write: Duration::from_secs(60),
};

async fn served(router: Router, connections: usize, patience: Patience) -> Served {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (tracker, stopping) = (TaskTracker::new(), CancellationToken::new());
    let metrics = Metrics::new();
    let listening = Listening {
        socket,
        router,
        tls: None,
        connections,
        render: plainly,
        metrics: metrics.clone(),
    };
    let drain = Duration::from_millis(50);
    let serving = listening.serve_patiently(tracker.clone(), stopping.clone(), patience, drain);
    tracker.spawn(serving);
    Served {
        address,
        tracker,
        stopping,
        metrics,
    }
}

fn pong() -> Router {
    Router::new().route("/", get(async || "pong"))
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

async fn said(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = [0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut bytes));
    let read = read.await.expect("an answer comes").unwrap();
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/// Whether the other side has ended it.
async fn is_ended(stream: &mut TcpStream) -> bool {
    let mut rest = [0; 64];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut rest));
    matches!(read.await, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn a_request_that_hangs_is_cut_off_when_the_server_stops() {
    let router = Router::new().route("/", post(|body: Bytes| async move { body }));
    let served = served(router, 9, PATIENT).await;
    let mut client = served.connect().await;
    let half = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf";
    client.write_all(half).await.unwrap();
    while served.metrics.connections.get() == 0 {
        tokio::task::yield_now().await;
    }
    served.stopping.cancel();
    served.tracker.close();
    let ended = tokio::time::timeout(DRAIN, served.tracker.wait()).await;
    assert!(ended.is_ok(), "a connection outlives the server");
    drop(client);
}

#[tokio::test]
async fn half_open_sockets_disturb_nobody_and_end() {
    let patience = Patience {
        first: Duration::from_secs(2),
        ..PATIENT
    };
    let served = served(pong(), 1000, patience).await;
    let mut half_open = Vec::new();
    for number in 0..500 {
        let mut stream = served.connect().await;
        // Nothing, what may become either version of HTTP, and headers that do not end.
        let begin: &[u8] = [&b""[..], b"P", b"GET / HTTP/1.1\r\nhost: a\r\n"][number % 3];
        stream.write_all(begin).await.unwrap();
        half_open.push(stream);
    }
    let mut healthy = served.connect().await;
    for _ in 0..20 {
        let asked = Instant::now();
        assert!(said(&mut healthy, GET).await.starts_with("HTTP/1.1 200"));
        assert!(
            asked.elapsed() < Duration::from_secs(1),
            "{:?}",
            asked.elapsed()
        );
    }
    for stream in &mut half_open {
        assert!(is_ended(stream).await);
    }
    assert!(said(&mut healthy, GET).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_asked_ends_but_not_while_an_answer_is_awaited() {
    let patience = Patience {
        idle: Duration::from_millis(300),
        ..PATIENT
    };
    let slow = async || {
        tokio::time::sleep(Duration::from_millis(900)).await;
        "late"
    };
    let served = served(pong().route("/slow", get(slow)), 9, patience).await;
    let mut client = served.connect().await;
    assert!(said(&mut client, GET).await.ends_with("pong"));
    let request = GET.replace("/ HTTP", "/slow HTTP");
    assert!(said(&mut client, &request).await.ends_with("late"));
    assert!(said(&mut client, GET).await.ends_with("pong"));
    assert!(is_ended(&mut client).await);
}

#[tokio::test]
async fn headers_are_bounded() {
    let served = served(pong(), 9, PATIENT).await;
    for (bytes, status) in [(15 * 1024, "200"), (17 * 1024, "431"), (600 * 1024, "431")] {
        let mut client = served.connect().await;
        let filler = "x".repeat(bytes);
        let request = format!("GET / HTTP/1.1\r\nhost: a\r\nx-filler: {filler}\r\n\r\n");
        // What is far too large is refused before all of it was sent.
        let _ = client.write_all(request.as_bytes()).await;
        let mut answer = [0; 12];
        client.read_exact(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(answer, format!("HTTP/1.1 {status}"), "{bytes}");
    }
}

#[tokio::test]
async fn one_connection_too_many_is_sent_away_at_once_and_a_socket_waits_for_its_place() {
    let served = served(pong(), 1, PATIENT).await;
    let mut first = served.connect().await;
    assert!(said(&mut first, GET).await.starts_with("HTTP/1.1 200"));
    let mut second = served.connect().await;
    let answer = said(&mut second, GET).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    assert!(is_ended(&mut second).await);
    let upgrade = GET.replace(
        "host: a",
        "host: a\r\nupgrade: websocket\r\nconnection: upgrade",
    );
    let mut third = served.connect().await;
    let mut waits = std::pin::pin!(said(&mut third, &upgrade));
    let soon = Duration::from_millis(200);
    assert!(tokio::time::timeout(soon, &mut waits).await.is_err());
    drop(first);
    // It is this router's answer, which knows no sockets: it was not sent away.
    assert!(waits.await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn who_does_not_read_is_let_go_of_and_little_is_held_for_them() {
    let patience = Patience {
        write: Duration::from_millis(500),
        ..PATIENT
    };
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = made.clone();
    let endless = async move || {
        let rows = futures::stream::repeat_with(move || {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024]))
        });
        Body::from_stream(rows)
    };
    let router = Router::new().route("/", get(endless));
    let served = served(router, 9, patience).await;
    let mut client = served.connect().await;
    client.write_all(GET.as_bytes()).await.unwrap();
    while served.metrics.connections.get() == 0 {
        tokio::task::yield_now().await;
    }
    let gone = async {
        while served.metrics.connections.get() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(20), gone).await;
    assert!(gone.is_ok(), "who reads nothing holds a connection");
    let kib = made.load(std::sync::atomic::Ordering::SeqCst);
    // Most of it is in the kernel's buffers.
    assert!(kib < 16 * 1024, "{kib} KiB were made for who reads nothing");
}

#[test]
fn an_address_that_others_reach_needs_the_flag() {
    let all: SocketAddr = "0.0.0.0:8080".parse().unwrap();
    let told = check_exposure(all, false).unwrap_err();
    for flag in ["--auth-kubernetes", "--token-file", "--insecure-no-auth"] {
        assert!(told.contains(flag), "{told}");
    }
    assert!(check_exposure(all, true).is_ok());
    for loopback in ["127.0.0.1:0", "[::1]:8080", "[::ffff:127.0.0.1]:80"] {
        assert!(
            check_exposure(loopback.parse().unwrap(), false).is_ok(),
            "{loopback}"
        );
    }
}
