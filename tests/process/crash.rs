//! `kill -9` from outside, again and again, under ingest: what was acknowledged is there, once. `ROUNDS` says how often;
//! `make crash ROUNDS=500` shows the counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use crate::server::Server;

/// Kills, unless `ROUNDS` says otherwise.
const ROUNDS: usize = 50;
const CLIENTS: usize = 4;
const ELEMENTS: u64 = 12;
/// A round ends when about so many bytes have been sent, at the most.
const BYTES_A_ROUND: u64 = 60_000;
const EXECUTION: &str = "5b3f9a40-0000-4000-8000-000000000001";

/// A small generator, so that a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What is known outside of the process that is killed.
#[derive(Default)]
struct Ledger {
    /// Counts that were acknowledged, by element.
    acknowledged: BTreeMap<String, u64>,
    /// Batches that were sent and not answered: they may be stored or not, and are sent again.
    open: Vec<Value>,
}

fn batch(dice: &mut Dice, client: usize, number: u64) -> Value {
    let items = 1 + dice.roll(20);
    let item = |index: u64, dice: &mut Dice| {
        let second = dice.roll(60);
        json!({
            "id": format!("{client}-{number}-{index}"),
            "reason": "BackOff",
            "message": "back-off restarting failed container",
            "elemId": format!("step-{}", dice.roll(ELEMENTS)),
            "elemType": "K8s.Pod",
            "type": "Warning",
            "count": 1 + dice.roll(5),
            "firstTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
        })
    };
    Value::Array((0..items).map(|index| item(index, dice)).collect())
}

fn add(counts: &mut BTreeMap<String, u64>, batch: &Value) {
    for item in batch.as_array().unwrap() {
        let element = item["elemId"].as_str().unwrap().to_owned();
        *counts.entry(element).or_default() += item["count"].as_u64().unwrap();
    }
}

async fn send(client: &reqwest::Client, url: &str, batch: &Value) -> Option<Value> {
    let answer = client.post(url).json(batch).send().await.ok()?;
    let status = answer.status();
    let body = answer.text().await.ok()?;
    assert!(status.is_success(), "{status}: {body}");
    Some(serde_json::from_str(&body).unwrap())
}

/// Posts until the server is gone.
async fn ingest(
    url: String,
    client: usize,
    round: usize,
    ledger: Arc<Mutex<Ledger>>,
    sent: Arc<AtomicUsize>,
) {
    let http = reqwest::Client::new();
    let mut dice =
        Dice(((round * CLIENTS + client) as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    for number in 0.. {
        let again = ledger.lock().unwrap().open.pop();
        let batch =
            again.unwrap_or_else(|| batch(&mut dice, client, (round as u64) << 32 | number));
        let answer = send(&http, &url, &batch).await;
        let mut ledger = ledger.lock().unwrap();
        let Some(answer) = answer else {
            ledger.open.push(batch);
            return;
        };
        let results = answer["results"].as_array().unwrap();
        let fine = |result: &Value| {
            ["created", "merged", "duplicate"].contains(&result["status"].as_str().unwrap())
        };
        assert!(results.iter().all(fine), "{answer}");
        add(&mut ledger.acknowledged, &batch);
        sent.fetch_add(batch.to_string().len(), Ordering::Relaxed);
    }
}

async fn stored(server: &Server) -> BTreeMap<String, u64> {
    let answer = reqwest::get(server.events(EXECUTION)).await.unwrap();
    if answer.status() == 404 {
        return BTreeMap::new();
    }
    let rows: Vec<Value> = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let mut counts = BTreeMap::new();
    for row in rows {
        let element = row["elemId"].as_str().unwrap().to_owned();
        let twice = counts.insert(element, row["count"].as_u64().unwrap());
        assert!(twice.is_none(), "two rows of one key: {row}");
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_however_often_it_is_killed() {
    let asked = std::env::var("ROUNDS")
        .ok()
        .filter(|asked| !asked.is_empty());
    let rounds = asked.map_or(ROUNDS, |asked| asked.parse().unwrap());
    let data = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut dice = Dice(0x5EED);
    let runtime = tokio::runtime::Handle::current();
    let mut starts = Vec::new();
    for round in 0..rounds {
        let begin = Instant::now();
        // One that cannot be opened fails the test here.
        let server = Server::start(data.path());
        starts.push(begin.elapsed());
        let (acknowledged, mut possible) = {
            let ledger = ledger.lock().unwrap();
            let mut possible = ledger.acknowledged.clone();
            ledger
                .open
                .iter()
                .for_each(|batch| add(&mut possible, batch));
            (ledger.acknowledged.clone(), possible)
        };
        let found = stored(&server).await;
        for (element, count) in &acknowledged {
            let stored = found.get(element).copied().unwrap_or(0);
            assert!(
                stored >= *count,
                "round {round}: {element} lost {}",
                count - stored
            );
        }
        for (element, count) in &found {
            let told = possible.remove(element).unwrap_or(0);
            assert!(
                *count <= told,
                "round {round}: {element} doubled {}",
                count - told
            );
        }
        let sent = Arc::new(AtomicUsize::new(0));
        let ingest = |client| {
            ingest(
                server.events(EXECUTION),
                client,
                round,
                ledger.clone(),
                sent.clone(),
            )
        };
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| runtime.spawn(ingest(client)))
            .collect();
        let enough = usize::try_from(1 + dice.roll(BYTES_A_ROUND)).unwrap();
        while sent.load(Ordering::Relaxed) < enough {
            tokio::task::yield_now().await;
        }
        server.kill();
        for client in clients {
            client.await.unwrap();
        }
    }
    let server = Server::start(data.path());
    let open = std::mem::take(&mut ledger.lock().unwrap().open);
    let http = reqwest::Client::new();
    let mut expected = ledger.lock().unwrap().acknowledged.clone();
    for batch in open {
        send(&http, &server.events(EXECUTION), &batch)
            .await
            .expect("it answers");
        add(&mut expected, &batch);
    }
    assert_eq!(stored(&server).await, expected);
    starts.sort();
    let slow = starts[(starts.len() * 99).div_ceil(100) - 1];
    println!(
        "{rounds} kills, {} occurrences acknowledged: lost 0, doubled 0, unopenable 0; ready after {:?} (median), {slow:?} \
         (99 %)",
        expected.values().sum::<u64>(),
        starts[starts.len() / 2],
    );
    assert!(server.terminate(), "it ends in order");
}
