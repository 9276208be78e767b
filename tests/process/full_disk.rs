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
use tokio_util::task::TaskTracker;

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
    fn batch(&self, id: &str) -> String {
        let hash = id
            .bytes()
            .fold(7_u64, |hash, byte| hash * 31 + u64::from(byte));
        let number = hash % 10_000;
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

/// A process on a small disk, and who talks to it.
struct Told {
    client: Client,
    server: Server,
    noise: Noise,
    refused: AtomicU64,
    stop: AtomicBool,
}

impl Told {
    fn start(disk: &SmallDisk, more: &[&str]) -> Self {
        Self {
            client: Client::new(),
            server: serve(disk, more),
            noise: Noise::new(),
            refused: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        }
    }

    async fn post(&self, id: &str) -> reqwest::Response {
        let request = self.client.post(self.server.events(id));
        let request = request
            .header("content-type", "application/x-ndjson")
            .body(self.noise.batch(id));
        request.send().await.unwrap()
    }

    /// How many rows an execution has; `None` if it is not there.
    async fn read(&self, id: &str) -> Option<usize> {
        let answer = self
            .client
            .get(self.server.events(id))
            .send()
            .await
            .unwrap();
        if answer.status() == StatusCode::NOT_FOUND {
            return None;
        }
        assert_eq!(answer.status(), StatusCode::OK, "{id}");
        let rows: Vec<serde_json::Value> = answer.json().await.unwrap();
        Some(rows.len())
    }

    async fn metric(&self, name: &str) -> f64 {
        let text = self.client.get(format!("{}/metrics", self.server.url));
        let text = text.send().await.unwrap().text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or(0.0, |value| value.trim().parse().unwrap())
    }

    async fn pruned(&self) -> f64 {
        let name = "dagtrail_pruned_executions_total{of=\"age\"}";
        self.metric(name).await
    }

    /// Posts until nothing is taken in any more; how many batches were.
    async fn fill(&self) -> (u64, reqwest::Response) {
        for number in 0..2000 {
            let answer = self.post(&run(number)).await;
            if answer.status() != StatusCode::OK {
                return (number, answer);
            }
        }
        panic!("the disk does not get full");
    }
}

fn run(number: u64) -> String {
    format!("run-{number}")
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

/// How long histories are kept, the shortest first: the disk has to be full before the first one goes.
const AGES: [u64; 3] = [20, 90, 400];

#[tokio::test(flavor = "multi_thread")]
async fn writes_stop_at_the_reserve_reads_go_on_and_retention_makes_room_for_more() {
    let mut ages = AGES.into_iter();
    let (disk, told, stored, refused) = loop {
        let age = ages.next().expect("a disk can be filled in time");
        let Some(disk) = SmallDisk::mount(512) else {
            return;
        };
        let told = Told::start(&disk, &["--retention", &format!("{age}s")]);
        let begin = Instant::now();
        let (stored, refused) = told.fill().await;
        let (took, free) = (begin.elapsed(), disk.free());
        eprintln!("{stored} batches in {took:?}, {free} MiB free");
        if told.pruned().await == 0.0 {
            break (disk, told, stored, refused);
        }
    };
    let free = disk.free();
    says_full(&refused);
    let body = refused.text().await.unwrap();
    assert!(body.contains("the disk is full"), "{body}");
    assert!((40..160).contains(&free), "{free} MiB are free");
    assert!(stored > 20, "{stored}");
    // Whatever a client speaks, it is told in its words.
    let event = json!({
        "id": "00000000-0000-4000-8000-000000000001", "occurred": "2026-01-01T00:00:00Z", "event": "e",
        "resource": {"prefect.resource.id": "r"}, "related": [], "payload": {},
    });
    let prefect = told
        .client
        .post(format!("{}/prefect/api/events", told.server.url));
    let prefect = prefect.json(&[event]).send().await.unwrap();
    if prefect.status() != StatusCode::NO_CONTENT {
        says_full(&prefect);
        let why = prefect.json::<serde_json::Value>().await.unwrap();
        assert!(
            why["exception_message"].is_string() || why["detail"].is_string(),
            "{why}"
        );
    }
    // Until something is old enough, the database may find some room of its own; but that ends.
    let (begin, mut next, mut least) = (Instant::now(), stored, free);
    let mut answers = Vec::new();
    while told.pruned().await == 0.0 {
        assert!(begin.elapsed() < PATIENCE, "nothing makes room");
        let answer = told.post(&run(next)).await;
        answers.push(answer.status().as_u16());
        if answer.status() == StatusCode::OK {
            next += 1;
        } else {
            says_full(&answer);
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        for number in [0, next / 2, next - 1] {
            let rows = told.read(&run(number)).await;
            let is_gone = rows.is_none() && told.pruned().await > 0.0;
            assert!(is_gone || rows == Some(151), "{number}: {rows:?}");
        }
        least = least.min(disk.free());
    }
    eprintln!(
        "{:?}: {least} MiB free at least, {answers:?}",
        begin.elapsed()
    );
    // It goes on and on, in the same process.
    let (begin, mut taken) = (Instant::now(), 0);
    while taken < 50 {
        assert!(begin.elapsed() < PATIENCE, "{taken} were taken in");
        let answer = told.post(&run(next)).await;
        if answer.status() == StatusCode::OK {
            (taken, next) = (taken + 1, next + 1);
        } else {
            says_full(&answer);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        least = least.min(disk.free());
    }
    eprintln!("{:?}: 50 more, {least} MiB free at least", begin.elapsed());
    // What makes room works in the reserve, and does not use it up.
    assert!(least >= 8, "{least} MiB were free");
    assert_eq!(told.read(&run(0)).await, None, "the oldest");
    assert_eq!(told.read(&run(next - 1)).await, Some(151));
    assert!(told.server.terminate());
}

/// Fills the disk to its last byte.
fn ballast(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 4096, 512, 1] {
        let bytes = vec![7; size];
        while file.write_all(&bytes).is_ok() {}
    }
}

/// Who tells all the time, so that a disk gets full below a write.
struct Teller {
    of: &'static str,
    stored: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Teller {
    fn start(of: &'static str, told: &Arc<Told>) -> Self {
        let (stored, told) = (Arc::<AtomicU64>::default(), told.clone());
        let count = stored.clone();
        let task = TaskTracker::new().spawn(async move {
            while !told.stop.load(Ordering::SeqCst) {
                let id = format!("{of}-{}", count.load(Ordering::SeqCst));
                let answer = told.post(&id).await;
                if answer.status() == StatusCode::OK {
                    count.fetch_add(1, Ordering::SeqCst);
                } else {
                    says_full(&answer);
                    told.refused.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        });
        Self { of, stored, task }
    }

    fn stored(&self) -> u64 {
        self.stored.load(Ordering::SeqCst)
    }

    async fn reach(&self, stored: u64, begin: Instant) {
        while self.stored() < stored {
            assert!(!self.task.is_finished(), "it tells no more");
            assert!(begin.elapsed() < PATIENCE, "it does not go on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_whose_disk_was_really_full_goes_on_when_there_is_room_again() {
    let Some(disk) = SmallDisk::mount(512) else {
        return;
    };
    // So that there is room for many rounds.
    let told = Arc::new(Told::start(&disk, &["--retention-max-bytes", "64Mi"]));
    let tellers = ["a", "b", "c"].map(|of| Teller::start(of, &told));
    let (begin, path) = (Instant::now(), disk.path().join("ballast"));
    let mut rounds = 0;
    loop {
        for teller in &tellers {
            teller.reach(teller.stored() + 1, begin).await;
        }
        rounds += 1;
        let file = path.clone();
        let fill = tokio::task::spawn_blocking(move || ballast(&file));
        fill.await.unwrap();
        // Full: nothing is taken in, and what was stored last is read, from memory or from disk.
        let refused = told.refused.load(Ordering::SeqCst);
        while told.refused.load(Ordering::SeqCst) < refused + 3 {
            assert!(begin.elapsed() < PATIENCE, "it takes in what has no room");
            for teller in &tellers {
                let last = format!("{}-{}", teller.of, teller.stored() - 1);
                assert_eq!(told.read(&last).await, Some(151), "{last}");
            }
        }
        std::fs::remove_file(&path).unwrap();
        for teller in &tellers {
            teller.reach(teller.stored() + 1, begin).await;
        }
        // It is told once a second.
        tokio::time::sleep(Duration::from_millis(1100)).await;
        if told.metric("dagtrail_store_reopens_total").await > 0.0 {
            break;
        }
    }
    eprintln!(
        "a write has failed in round {rounds}, after {:?}",
        begin.elapsed()
    );
    told.stop.store(true, Ordering::SeqCst);
    for teller in tellers {
        let last = format!("{}-{}", teller.of, teller.stored() - 1);
        teller.task.await.unwrap();
        assert_eq!(told.read(&last).await, Some(151), "{last}");
    }
}
