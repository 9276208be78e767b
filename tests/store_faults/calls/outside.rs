//! The binary, told over HTTP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use dagtrail::model::{Filter, Page};

use super::fault::{Fault, Kind};
use super::shim::{self, Call};
use super::{End, sweep};
use crate::{ground, server, told};

const EXECUTION: &str = "5b3f9a40-0000-4000-8000-000000000002";
const BATCHES: u64 = 40;
const BATCH: u64 = 25;
/// How often a refused batch is sent.
const TRIES: usize = 6;
/// Faults of each kind in a quick run.
const SAMPLE: usize = 3;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

type Counts = BTreeMap<String, u64>;

fn batch(number: u64) -> Value {
    let items = (0..BATCH).map(|item| {
        json!({
            "id": format!("{number}-{item}"),
            "reason": "BackOff",
            "message": "back-off restarting failed container",
            "elemId": format!("step-{}", (number * 7 + item) % 30),
            "elemType": "K8s.Pod",
            "type": "Warning",
            "count": 1,
            "firstTimestamp": "2026-01-01T00:00:00Z",
        })
    });
    items.collect()
}

fn add(counts: &mut Counts, batch: &Value) {
    for item in batch.as_array().unwrap() {
        *counts
            .entry(item["elemId"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
}

/// A dagtrail that may end at any time.
struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
    said: String,
}

impl Process {
    fn start(directory: &Path, log: &Path, fault: Option<Fault>) -> Self {
        let data = directory.to_str().unwrap();
        let mut command = server::dagtrail(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--kube",
            "off",
            "--data-dir",
            data,
        ]);
        shim::arm(&mut command, directory, log, fault);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            lines,
            said: String::new(),
        }
    }

    /// Where it listens; `None` if it ends without.
    fn url(&mut self) -> Option<String> {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let url = line
                        .split_once("http://")
                        .filter(|_| line.starts_with("dagtrail listens"));
                    let url = url.map(|(_, rest)| {
                        let address = rest.chars().take_while(|c| !",/ ".contains(*c));
                        format!("http://{}", address.collect::<String>())
                    });
                    self.said += &format!("{line}\n");
                    if url.is_some() {
                        return url;
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    panic!("it neither serves nor ends: {}", self.said)
                }
            }
        }
    }

    /// Waits until it has ended; all that it said is in `said` then.
    fn end(&mut self) -> ExitStatus {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begin.elapsed() < PATIENCE, "it does not end: {}", self.said);
            std::thread::sleep(Duration::from_millis(3));
        };
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) {
            self.said += &format!("{line}\n");
        }
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What became of a batch.
enum Answer {
    Acknowledged,
    Refused,
    /// The process is gone.
    None,
}

async fn send(http: &reqwest::Client, url: &str, batch: &Value) -> Answer {
    let Ok(answer) = http.post(url).json(batch).send().await else {
        return Answer::None;
    };
    let status = answer.status();
    let Ok(text) = answer.text().await else {
        return Answer::None;
    };
    if !status.is_success() {
        assert!(
            [503, 507, 429].contains(&status.as_u16()),
            "{status}: {text}"
        );
        return Answer::Refused;
    }
    let said: Value = serde_json::from_str(&text).unwrap();
    let results = said["results"].as_array().unwrap();
    let fine = ["created", "merged", "duplicate"];
    assert!(
        results
            .iter()
            .all(|result| fine.contains(&result["status"].as_str().unwrap())),
        "{text}"
    );
    Answer::Acknowledged
}

/// What it serves, by element; `None` if it cannot be read now.
async fn served(http: &reqwest::Client, url: &str) -> Option<Counts> {
    let answer = http.get(url).send().await.ok()?;
    match answer.status().as_u16() {
        200 => {
            let rows: Vec<Value> = serde_json::from_str(&answer.text().await.ok()?).unwrap();
            let counts = rows.iter().map(|row| {
                (
                    row["elemId"].as_str().unwrap().to_owned(),
                    row["count"].as_u64().unwrap(),
                )
            });
            Some(counts.collect())
        }
        404 => Some(Counts::new()),
        _ => None,
    }
}

/// Tells it everything; what was acknowledged, what may be there besides, and whether it lives.
async fn tell(url: &str) -> (Counts, Counts, bool) {
    let url = format!("{url}/v1/executions/{EXECUTION}/events");
    let http = reqwest::Client::new();
    let mut acknowledged = Counts::new();
    for number in 0..BATCHES {
        let batch = batch(number);
        let mut possible = acknowledged.clone();
        add(&mut possible, &batch);
        let mut tries = 0;
        loop {
            match send(&http, &url, &batch).await {
                Answer::Acknowledged => break,
                Answer::None => return (acknowledged, possible, false),
                Answer::Refused => {
                    // While it goes on, what it refused is not there.
                    if let Some(served) = served(&http, &url).await {
                        assert_eq!(served, acknowledged);
                    }
                    tries += 1;
                    if tries == TRIES {
                        return (acknowledged, possible, true);
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
        acknowledged = possible;
    }
    if let Some(served) = served(&http, &url).await {
        assert_eq!(served, acknowledged);
    }
    (acknowledged.clone(), acknowledged, true)
}

/// What is in the directory, read without the library.
fn stored(directory: &Path, context: &str) -> Counts {
    let store = ground::open(directory, &told::options())
        .unwrap_or_else(|error| panic!("it cannot be opened again: {error}\n{context}"));
    let found = store.united(EXECUTION).unwrap();
    let keys: Vec<_> = found.into_iter().map(|execution| execution.key).collect();
    let listed = store
        .list(&keys, &Filter::default(), &Page::default())
        .unwrap();
    let mut counts = Counts::new();
    for row in listed.rows {
        let twice = counts.insert(row.body().elem_id.to_string(), row.count());
        assert!(twice.is_none(), "two rows of one key: {context}");
    }
    counts
}

fn run(template: &Path, fault: Option<Fault>) -> (End, Vec<Call>) {
    let folder = ground::folder();
    let (directory, log) = (folder.path().join("data"), folder.path().join("calls"));
    ground::copy(template, &directory);
    let mut process = Process::start(&directory, &log, fault);
    let (acknowledged, possible, lives) = match process.url() {
        None => (Counts::new(), Counts::new(), false),
        Some(url) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let told = runtime.unwrap().block_on(tell(&url));
            if told.2 {
                let pid = process.child.id().to_string();
                std::process::Command::new("kill")
                    .args(["-TERM", &pid])
                    .status()
                    .unwrap();
            }
            told
        }
    };
    let status = process.end();
    let context = format!("{fault:?}: {status}\n{}", process.said);
    assert!(!process.said.contains("panicked"), "{context}");
    if !status.success() {
        assert!(status.code().is_some(), "{context}");
        assert!(
            process
                .said
                .lines()
                .any(|line| line.starts_with("dagtrail: ")),
            "{context}"
        );
    }
    let found = stored(&directory, &context);
    assert!(
        found == acknowledged || found == possible,
        "{found:?} of {acknowledged:?}: {context}"
    );
    let calls = shim::calls(&log);
    let all = found.values().sum::<u64>() == BATCHES * BATCH;
    let end = match (lives, all) {
        (true, true) if status.success() => End::Done,
        (true, false) => End::ReadOnly,
        _ => End::Stopped,
    };
    if let Some(fault) = fault {
        if !calls.iter().any(|call| call.was_hit) {
            assert_eq!(end, End::Done, "{context}");
            return (End::NotReached, calls);
        }
        if fault.kind == Kind::Short {
            assert_eq!(end, End::Done, "half a write is no failure: {context}");
        }
    }
    (end, calls)
}

#[test]
fn a_server_whose_disk_fails_serves_the_truth_or_ends_with_a_sentence() {
    let folder = ground::folder();
    let template = folder.path().join("template");
    {
        let store = ground::open(&template, &told::options()).unwrap();
        store.append(&told::batch(0)).unwrap();
        store.close().unwrap();
        drop(store);
        ground::open(&template, &told::options())
            .unwrap()
            .close()
            .unwrap();
    }
    let (end, calls) = run(&template, None);
    assert_eq!(end, End::Done);
    sweep("the server", &calls, SAMPLE, |fault| {
        run(&template, Some(fault)).0
    });
}
