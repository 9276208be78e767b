//! Histories out of a million stored rows by HTTP, next to nginx serving the same bytes as files: the same load generator,
//! the same requests, one after the other in one run. Does I/O.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::load_http::{self, Asked, fetch, rate};
use crate::nginx::Nginx;
use crate::report::{Aim, Row};
use crate::server::{Server, dagtrail};
use crate::trails;

/// How long each side answers in one go. They take turns, so that what else the machine does falls on both.
const TIME: Duration = Duration::from_millis(800);
/// How often each has its turn.
const TURNS: usize = 5;
/// Before it is measured.
const WARM_UP: Duration = Duration::from_millis(1500);

/// A kind of execution: how many there are, and how many rows each has.
struct Kind {
    name: &'static str,
    executions: usize,
    rows: usize,
    /// How many are polled: what the default of `--history-cache-mib` holds.
    polled: usize,
    /// What cold and hot answers have to reach of nginx.
    aims: (f64, f64),
}

/// Half a million rows of each.
const KINDS: [Kind; 2] = [
    Kind {
        name: "short",
        executions: 10_000,
        rows: 50,
        polled: 1000,
        aims: (0.35, 0.7),
    },
    Kind {
        name: "long",
        executions: 500,
        rows: 1000,
        polled: 40,
        aims: (0.5, 0.7),
    },
];

fn path(kind: &Kind, number: usize) -> String {
    format!("/v1/executions/{}/events", trails::id(kind.name, number))
}

/// A dagtrail over a folder, with a cache of so many MiB.
fn serve(folder: &Path, cache: &str) -> (Server, SocketAddr) {
    let folder = folder.to_str().expect("a path in UTF-8");
    let server = Server::spawn(dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--data-dir",
        folder,
        "--history-cache-mib",
        cache,
    ]));
    let address = server.url.trim_start_matches("http://");
    let address = address.parse().expect("an address");
    (server, address)
}

/// The requests for some executions of a kind, with what comes back; the bodies are put where nginx finds them.
struct Asking {
    plain: Vec<Asked>,
    known: Vec<Asked>,
}

fn ask_all(address: SocketAddr, kind: &Kind, files: &Path) -> Asking {
    let paths: Vec<String> = (0..kind.executions).map(|at| path(kind, at)).collect();
    let requests: Vec<_> = paths.iter().map(|path| load_http::get(path, "")).collect();
    let (mut plain, mut known) = (Vec::new(), Vec::new());
    for (chunk, requests) in paths.chunks(100).zip(requests.chunks(100)) {
        let answers = fetch(address, requests);
        for ((path, request), answer) in chunk.iter().zip(requests).zip(answers) {
            assert_eq!(answer.status, 200, "{path}");
            let file = Nginx::file(files, path);
            let folder = file.parent().expect("it is in a folder");
            fs::create_dir_all(folder).expect("a folder can be made");
            fs::write(file, &answer.body).expect("a file can be written");
            plain.push(Asked {
                bytes: request.clone(),
                status: 200,
                length: answer.body.len(),
            });
            let condition = format!("If-None-Match: {}\r\n", answer.etag);
            known.push(Asked {
                bytes: load_http::get(path, &condition),
                status: 304,
                length: 0,
            });
        }
    }
    Asking { plain, known }
}

/// Who is asked, and what.
type Side<'a> = (SocketAddr, &'a [Asked]);

/// Answers per second of each side.
fn in_turns<const SIDES: usize>(sides: [Side<'_>; SIDES]) -> [f64; SIDES] {
    let sides = sides.map(|(address, asked)| (address, Arc::new(asked.to_vec())));
    for (address, asked) in &sides {
        rate(*address, asked, WARM_UP);
    }
    let mut sums = [0.0; SIDES];
    for _ in 0..TURNS {
        for ((address, asked), sum) in sides.iter().zip(&mut sums) {
            *sum += rate(*address, asked, TIME);
        }
    }
    sums.map(|sum| sum / TURNS as f64)
}

/// Ours and nginx's, if there is one.
fn beside(nginx: Option<&Nginx>, address: SocketAddr, asked: &[Asked]) -> (f64, Option<f64>) {
    match nginx {
        Some(nginx) => {
            let [ours, peers] = in_turns([(address, asked), (nginx.address, asked)]);
            (ours, Some(peers))
        }
        None => (in_turns([(address, asked)])[0], None),
    }
}

/// What both sides are asked in a row.
const PEER: &str = "nginx, the same bytes as files, 2 workers, sendfile";

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (data, files) = (folder.path().join("data"), folder.path().join("nginx"));
    fs::create_dir_all(&files).expect("a folder can be made");
    let kinds = KINDS.map(|kind| (kind.name, kind.executions, kind.rows));
    trails::fill(&data, &kinds);
    let (server, address) = serve(&data, "0");
    let asking = KINDS.map(|kind| ask_all(address, &kind, &files));
    let nginx = Nginx::start(&files);
    let mut rows = Vec::new();
    for (kind, asking) in KINDS.iter().zip(&asking) {
        let bytes = asking.plain[0].length;
        let (ours, peers) = beside(nginx.as_ref(), address, &asking.plain);
        rows.push(Row {
            load: format!(
                "{} rows ({bytes} B), cold: uniform over 1 M rows, nothing kept",
                kind.rows
            ),
            peer: PEER.into(),
            unit: "answers/s",
            ours,
            peers,
            aim: Some(Aim::AtLeast(kind.aims.0)),
            note: COLD.into(),
        });
    }
    let cold_memory = server.memory("VmHWM") >> 20;
    assert!(server.terminate(), "it ends well");
    let (server, address) = serve(&data, "32");
    for (kind, asking) in KINDS.iter().zip(&asking) {
        let (plain, known) = (&asking.plain[..kind.polled], &asking.known[..kind.polled]);
        let (ours, peers) = beside(nginx.as_ref(), address, plain);
        rows.push(Row {
            load: format!("{} rows, hot: {} executions polled", kind.rows, kind.polled),
            peer: PEER.into(),
            unit: "answers/s",
            ours,
            peers,
            aim: Some(Aim::AtLeast(kind.aims.1)),
            note: "ours are copied into the socket, which is the largest part of the profile; sendfile's are not".into(),
        });
        let [not_modified, whole] = in_turns([(address, known), (address, plain)]);
        rows.push(Row {
            load: format!("{} rows, not modified (304)", kind.rows),
            peer: "the hot 200 answers".into(),
            unit: "answers/s",
            ours: not_modified,
            peers: Some(whole),
            aim: Some(Aim::AtLeast(1.5)),
            note: NOT_MODIFIED.into(),
        });
    }
    let hot_memory = server.memory("VmHWM") >> 20;
    assert!(server.terminate(), "it ends well");
    if let Some(last) = rows.last_mut() {
        last.note += &format!("; resident at most: cold {cold_memory} MiB, hot {hot_memory} MiB");
    }
    rows
}

/// What bounds the cold path, by its profile.
const COLD: &str = "by the profile of 50 rows 31 % is the kernel's switching to a thread that may wait for the disk and back, \
                    13 % the database's indexes and cache, 11 % words and JSON, 6 % unpacking; of 1,000 rows 30 % is words \
                    and JSON, 23 % unpacking, 9 % switching, 7 % the database";
/// What bounds answers without a body.
const NOT_MODIFIED: &str = "by the profile 59 % is the kernel's (51 % sends, and receives with it on the loopback), 15 % HTTP \
                            and the runtime, 20 % routes, layers and what is known; the 200s of few rows have all of it, too";
