//! Resident memory of the real process while it is asked and told things, with many rows stored. Does I/O.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::hammer::Link;
use crate::report::{Aim, Row, figure};
use crate::server::Server;
use crate::{extent, stock, told};

/// How long it is under load.
const TIME: Duration = Duration::from_secs(30);
/// Connections that ask.
const READERS: usize = 4;
/// Events in a request of the one that tells.
const LINES: u64 = 1_000;

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let sizes = extent::of([1_000_000, 10_000_000], [10_000, 100_000]);
    sizes.map(row).into()
}

fn row(rows: u64) -> Row {
    let stock = stock::of(rows);
    let server = Server::start(&stock.folder);
    let (over, asked, told) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let mut most = 0;
    thread::scope(|scope| {
        for reader in 0..READERS {
            let (over, asked, server, stock) = (&over, &asked, &server, &stock);
            scope.spawn(move || {
                let mut link = Link::open(&server.url);
                for number in 0_u64.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let run = stock::random(number << 8 | reader as u64) % stock.executions;
                    let path = format!("/v1/executions/{}/events", stock::execution(run));
                    let (status, body) = link.get(&path);
                    assert!(status == 200 && body.len() > 2, "{path}: {status}");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        scope.spawn(|| {
            let mut link = Link::open(&server.url);
            let mut first = 2_000_000_000;
            while !over.load(Ordering::Relaxed) {
                told::post(&mut link, first, LINES);
                first += LINES;
                told.fetch_add(LINES, Ordering::Relaxed);
            }
        });
        let begin = Instant::now();
        while begin.elapsed() < extent::of(TIME, Duration::from_secs(6)) {
            thread::sleep(Duration::from_millis(100));
            most = most.max(server.memory("VmRSS"));
        }
        over.store(true, Ordering::Relaxed);
    });
    let peak = server.memory("VmHWM");
    assert!(server.terminate(), "it ends in order");
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    Row {
        load: format!(
            "{} rows stored, asked by {READERS} and told by 1 as fast as it goes",
            figure(rows as f64)
        ),
        peer: String::new(),
        unit: "MiB resident",
        ours: mebibytes(peak.max(most)),
        peers: None,
        aim: Some(Aim::Below(300.0)),
        note: format!(
            "the most at any time since its start; {} histories of {} rows read, {} new rows written",
            figure(asked.into_inner() as f64),
            stock::ROWS,
            figure(told.into_inner() as f64)
        ),
    }
}
