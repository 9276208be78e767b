//! A disk that fills up, below a process that goes on: writes stop at the reserve, reads go on, retention makes room, and
//! writes go on. The same where somebody else fills the disk to its last byte.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::server::{Server, dagtrail};
use crate::small_disk::SmallDisk;

/// How long the slowest machine may take for any one step.
const PATIENCE: Duration = Duration::from_secs(300);

/// Text that does not pack.
struct Noise(Vec<u8>);

impl Noise {
    fn new() -> Self {
        let (mut state, mut text) = (88_172_645_463_325_252_u64, Vec::new());
        while text.len() < 8 << 20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.extend(state.to_le_bytes().map(|byte| b'!' + byte % 90));
        }
        // These mean something in JSON.
        text.iter_mut()
            .filter(|byte| matches!(byte, b'"' | b'\\' | b'#'))
            .for_each(|byte| *byte = b'x');
        Self(text)
    }

    /// 150 events of 20 kB and an end.
    fn batch(&self, number: u64) -> String {
        let event = |code: &str, message: String| {
            let time = "2026-01-01T00:00:00Z";
            let event = json!({"reason": code, "message": message, "firstTimestamp": time});
            format!("{event}\n")
        };
        let mut lines = String::new();
        for row in 0..150_u64 {
            let from = (number * 150 + row) * 20_011 % (self.0.len() as u64 - 20_000);
            let noise = &self.0[from as usize..][..20_000];
            let message = format!("{row} {}", str::from_utf8(noise).unwrap());
            lines += &event("BackOff", message);
        }
        lines + &event("SuccessfulFinish", "over".into())
    }
}

fn serve(disk: &SmallDisk, more: &[&str]) -> Server {
    let data = disk.data();
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--data-dir",
    ];
    let mut command = dagtrail(&[&args[..], &[data.to_str().unwrap()], more].concat());
    command.env("RUST_LOG", "warn,fjall=off,lsm_tree=off");
    Server::spawn(command)
}

async fn post(client: &Client, server: &Server, noise: &Noise, number: u64) -> reqwest::Response {
    let request = client.post(server.events(&format!("run-{number}")));
    let request = request
        .header("content-type", "application/x-ndjson")
        .body(noise.batch(number));
    request.send().await.unwrap()
}

async fn read(client: &Client, server: &Server, number: u64) -> StatusCode {
    let answer = client.get(server.events(&format!("run-{number}"))).send();
    answer.await.unwrap().status()
}

async fn metric(client: &Client, server: &Server, name: &str) -> f64 {
    let text = client.get(format!("{}/metrics", server.url)).send().await;
    let text = text.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0.0, |value| value.trim().parse().unwrap())
}

/// Posts until nothing is taken in any more; how many batches were.
async fn fill(client: &Client, server: &Server, noise: &Noise) -> (u64, reqwest::Response) {
    for number in 0..2000 {
        let answer = post(client, server, noise, number).await;
        if answer.status() != StatusCode::OK {
            return (number, answer);
        }
    }
    panic!("the disk does not get full");
}

fn says_full(answer: &reqwest::Response) {
    let status = answer.status();
    let full = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::INSUFFICIENT_STORAGE,
    ];
    assert!(full.contains(&status), "{status}");
    let wait = answer.headers()[RETRY_AFTER].to_str().unwrap();
    assert!(wait.parse::<u64>().unwrap() > 0, "{wait}");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_stop_at_the_reserve_reads_go_on_and_retention_makes_room_for_more() {
    let Some(disk) = SmallDisk::mount(512) else {
        return;
    };
    let server = serve(&disk, &["--retention", "100s"]);
    let (client, noise) = (Client::new(), Noise::new());
    let begin = Instant::now();
    let (stored, refused) = fill(&client, &server, &noise).await;
    let free = disk.free();
    says_full(&refused);
    let body = refused.text().await.unwrap();
    assert!(body.contains("the disk is full"), "{body}");
    eprintln!("{stored} batches in {:?}, {free} MiB free", begin.elapsed());
    assert!((16..160).contains(&free), "{free} MiB are free");
    assert!(stored > 20, "{stored}");
    // Whatever a client speaks, it is told in its words.
    let event = json!({
        "id": "00000000-0000-4000-8000-000000000001", "occurred": "2026-01-01T00:00:00Z", "event": "e",
        "resource": {"prefect.resource.id": "r"}, "related": [], "payload": {},
    });
    let prefect = client.post(format!("{}/prefect/api/events", server.url));
    let prefect = prefect.json(&[event]).send().await.unwrap();
    says_full(&prefect);
    let told = prefect.json::<serde_json::Value>().await.unwrap();
    assert!(
        told["exception_message"].is_string() || told["detail"].is_string(),
        "{told}"
    );
    let begin = Instant::now();
    loop {
        let answer = post(&client, &server, &noise, stored).await;
        if answer.status() == StatusCode::OK {
            break;
        }
        says_full(&answer);
        assert!(begin.elapsed() < PATIENCE, "nothing makes room");
        assert_eq!(read(&client, &server, stored - 1).await, StatusCode::OK);
        assert!(disk.free() > 4, "{} MiB are free", disk.free());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(read(&client, &server, 0).await, StatusCode::NOT_FOUND);
    assert!(
        metric(
            &client,
            &server,
            "dagtrail_pruned_executions_total{of=\"age\"}"
        )
        .await
            > 0.0
    );
    // It goes on and on, in the same process.
    let mut taken = 0;
    for number in 0..50 {
        let answer = post(&client, &server, &noise, stored + 1 + number).await;
        taken += u64::from(answer.status() == StatusCode::OK);
    }
    assert!(taken >= 10, "{taken}");
    assert_eq!(read(&client, &server, stored).await, StatusCode::OK);
    assert!(server.terminate());
}

/// Fills the disk to its last byte.
fn ballast(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 4096, 512, 1] {
        let bytes = vec![7; size];
        while file.write_all(&bytes).is_ok() {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_whose_disk_was_really_full_goes_on_when_there_is_room_again() {
    let Some(disk) = SmallDisk::mount(512) else {
        return;
    };
    let server = Arc::new(serve(&disk, &[]));
    let (client, noise) = (Client::new(), Arc::new(Noise::new()));
    let stored = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let path = disk.path().join("ballast");
    // Somebody tells all the time, so that the disk gets full below a write.
    let told = tokio::spawn({
        let (client, server, noise) = (client.clone(), server.clone(), noise.clone());
        let (stored, stop) = (stored.clone(), stop.clone());
        async move {
            while !stop.load(Ordering::SeqCst) {
                let number = stored.load(Ordering::SeqCst);
                let answer = post(&client, &server, &noise, number).await;
                if answer.status() == StatusCode::OK {
                    stored.fetch_add(1, Ordering::SeqCst);
                } else {
                    assert!(answer.headers().contains_key(RETRY_AFTER), "{answer:?}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    });
    let begin = Instant::now();
    while metric(&client, &server, "dagtrail_commit_failures_total").await == 0.0 {
        assert!(begin.elapsed() < PATIENCE, "no write has failed");
        assert!(!told.is_finished(), "it tells no more");
        let before = stored.load(Ordering::SeqCst);
        while stored.load(Ordering::SeqCst) < before + 2 {
            assert!(begin.elapsed() < PATIENCE, "it does not go on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let path = path.clone();
        let fill = tokio::task::spawn_blocking(move || ballast(&path));
        fill.await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        if metric(&client, &server, "dagtrail_commit_failures_total").await == 0.0 {
            std::fs::remove_file(disk.path().join("ballast")).unwrap();
        }
    }
    // Full, and the database has failed: what is stored is read, nothing is taken in.
    let full = stored.load(Ordering::SeqCst);
    for _ in 0..20 {
        for number in [0, full / 2, full - 1] {
            assert_eq!(read(&client, &server, number).await, StatusCode::OK);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    says_full(&post(&client, &server, &noise, full).await);
    std::fs::remove_file(&path).unwrap();
    let begin = Instant::now();
    while stored.load(Ordering::SeqCst) < full + 3 {
        assert!(begin.elapsed() < PATIENCE, "it does not go on");
        assert_eq!(read(&client, &server, full - 1).await, StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.store(true, Ordering::SeqCst);
    told.await.unwrap();
    for number in 0..stored.load(Ordering::SeqCst) {
        let answer = client.get(server.events(&format!("run-{number}"))).send();
        let rows: Vec<serde_json::Value> = answer.await.unwrap().json().await.unwrap();
        assert_eq!(rows.len(), 151, "run-{number}");
    }
}
