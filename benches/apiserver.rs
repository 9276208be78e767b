//! Which Events has an object? Asked of the API server, and of dagtrail. Does I/O.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::future::try_join_all;

use crate::cluster::{About, pods, tell, with_plane};
use crate::control_plane::{ControlPlane, until};
use crate::hammer::{self, Link};
use crate::observer::Observer;
use crate::report::{Aim, Row, figure};
use crate::server::{Server, dagtrail};
use crate::{extent, stock};

/// Objects that the Events are about.
const OBJECTS: u32 = 500;
/// Who ask at a time.
const CONNECTIONS: usize = 4;
/// How long each side is asked.
const TIME: Duration = Duration::from_secs(15);
/// As `/metrics` names the number of rows.
const CREATED: &str = "dagtrail_observations_total{of=\"created\"}";
/// Rounds of asking each store in turn; the median counts.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let mut rows = with_plane("LIST with a field selector", compared);
    rows.extend(flat());
    rows
}

async fn compared(plane: &ControlPlane) -> Result<Vec<Row>> {
    let observer = Observer::start(plane).await?;
    let namespace = plane.namespace("bench").await?;
    let about = pods(plane, &namespace, extent::of(OBJECTS, 50)).await?;
    let mut rows = Vec::new();
    let mut told = 0;
    for events in extent::of([10_000, 50_000], [500, 1_000]) {
        tell(plane, &namespace, &about, told..events).await?;
        told = events;
        until("all Events in the history", async || {
            Ok(observer.metric(CREATED).await? >= events.into())
        })
        .await?;
        let each = events as usize / about.len();
        let theirs = listed(plane, &namespace, &about, each).await?;
        let url = observer.url().to_owned();
        let asked = about.clone();
        let ours = tokio::task::spawn_blocking(move || read(&url, &asked, each)).await??;
        rows.push(Row {
            load: format!(
                "{} Events in the namespace, {each} of the object",
                figure(events.into())
            ),
            peer: "kube-apiserver with etcd, LIST by involvedObject.uid".into(),
            unit: "answers/s",
            ours,
            peers: Some(theirs),
            aim: (rows.len() == 1).then_some(Aim::AtLeast(1_000.0)),
            note: "its etcd does not sync, which favours it".into(),
        });
    }
    Ok(rows)
}

/// Answers a second of the API server.
async fn listed(
    plane: &ControlPlane,
    namespace: &str,
    about: &[About],
    each: usize,
) -> Result<f64> {
    let client = plane.client().await?;
    let (next, answers, begin) = (AtomicU64::new(0), AtomicU64::new(0), Instant::now());
    let ask = async || {
        while begin.elapsed() < extent::of(TIME, Duration::from_secs(3)) {
            let number = next.fetch_add(1, Ordering::Relaxed) as usize;
            let uid = &about[number % about.len()].uid;
            let path = format!(
                "/api/v1/namespaces/{namespace}/events?fieldSelector=involvedObject.uid%3D{uid}"
            );
            let text = client
                .request_text(http::Request::get(path).body(Vec::new())?)
                .await?;
            let found = text.matches("\"involvedObject\":").count();
            ensure!(found == each, "{found} Events of {uid}, not {each}");
            answers.fetch_add(1, Ordering::Relaxed);
        }
        anyhow::Ok(())
    };
    try_join_all((0..CONNECTIONS).map(|_| ask())).await?;
    Ok(answers.into_inner() as f64 / begin.elapsed().as_secs_f64())
}

/// Answers a second of dagtrail.
fn read(url: &str, about: &[About], each: usize) -> Result<f64> {
    let path = |number: u64| {
        let uid = &about[usize::try_from(number).unwrap_or(0) % about.len()].uid;
        format!("/v1/executions/{uid}/events")
    };
    let mut link = Link::open(url);
    for number in 0..about.len() as u64 {
        let path = format!("{}?reason=Pulled", path(number));
        let (status, body) = link.get(&path);
        let found = String::from_utf8_lossy(body)
            .matches("\"involvedObject\":")
            .count();
        ensure!(
            status == 200 && found == each,
            "{path}: {status}, {found} rows"
        );
    }
    Ok(hammer::rate(
        url,
        CONNECTIONS,
        extent::of(TIME, Duration::from_secs(3)),
        path,
    ))
}

/// A dagtrail that renders each answer anew.
fn uncached(folder: &Path) -> Server {
    let folder = folder.to_str().expect("a path in UTF-8");
    let place = ["serve", "--listen", "127.0.0.1:0", "--kube", "off"];
    let more = ["--data-dir", folder, "--history-cache-mib", "0"];
    Server::spawn(dagtrail(&[&place[..], &more[..]].concat()))
}

/// How it is asked, and what it is that costs more, by the profile of both.
const FLAT: &str = "one connection, uniform over all executions; of what 10 M rows cost more than 10,000, by the profile 45 % \
                    is finding blocks in the database's indexes and its cache, 18 % four reads of files an answer, where the \
                    few rows need none, and 20 % the rest of the kernel";

/// What a GET costs with ever more rows stored.
fn flat() -> Vec<Row> {
    let sizes = extent::of([10_000, 1_000_000, 10_000_000], [1_000, 10_000, 100_000]);
    let stocks = sizes.map(stock::of);
    let servers = [0, 1, 2].map(|at: usize| uncached(&stocks[at].folder));
    let mut costs = [const { Vec::new() }; 3];
    for round in 0..ROUNDS as u64 {
        for ((server, stock), costs) in servers.iter().zip(&stocks).zip(&mut costs) {
            let path = |number: u64| {
                let run = stock::random(round << 40 | number) % stock.executions;
                format!("/v1/executions/{}/events", stock::execution(run))
            };
            let rate = hammer::rate(&server.url, 1, ROUND, path);
            costs.push(1e6 / rate);
        }
    }
    let [least, more, most] = costs.map(|mut costs| {
        costs.sort_by(f64::total_cmp);
        costs[ROUNDS / 2]
    });
    let row = |rows: u64, cost| Row {
        load: format!(
            "a history of 100 rows with {} rows stored",
            figure(rows as f64)
        ),
        peer: format!("with {} rows stored", figure(sizes[0] as f64)),
        unit: "µs an answer",
        ours: cost,
        peers: Some(least),
        aim: Some(Aim::AtMost(1.3)),
        note: FLAT.into(),
    };
    vec![row(sizes[1], more), row(sizes[2], most)]
}
