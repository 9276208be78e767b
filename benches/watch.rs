//! From the cluster's watch to a reader; and recorded deliveries, told again. Does I/O.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use k8s_openapi::api::core::v1::Event;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ListParams, PostParams, WatchEvent, WatchParams};
use kube::{Api, ResourceExt};
use parking_lot::Mutex;
use reqwest::StatusCode;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::cluster::{About, event, name, pods, with_plane};
use crate::control_plane::ControlPlane;
use crate::observer::Observer;
use crate::processors::{Scheduled, idle};
use crate::report::{Aim, Row, figure};
use crate::{extent, recorded};

/// Objects that the Events are about.
const OBJECTS: u32 = 40;
/// Between two creations.
const PACE: Duration = Duration::from_millis(2);
/// Rows that are asked for, the newest first: those of two seconds ...
const NEWEST: u32 = 30;
/// ... as long as what is looked for may be among them.
const SOON: Duration = Duration::from_millis(500);
/// Between two answers that do not show it yet.
const AGAIN: Duration = Duration::from_millis(1);
/// How long a created Event may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// All rows of the group.
pub(crate) fn run() -> Vec<Row> {
    let mut rows = with_plane("from the watch line to a reader", visible);
    rows.push(recorded::row());
    rows
}

/// When what was seen of an Event.
#[derive(Clone, Copy)]
struct Seen {
    /// Its creation was asked for.
    asked: Instant,
    /// From then to its line in a plain watch.
    line: Duration,
    /// From then to a GET that shows it.
    shown: Duration,
}

async fn visible(plane: &ControlPlane) -> Result<Vec<Row>> {
    let observer = Observer::start(plane).await?;
    let namespace = plane.namespace("bench").await?;
    let about = pods(plane, &namespace, OBJECTS).await?;
    observer.ready().await?;
    // What is not measured: connections are made, and the Pods are known.
    round(plane, &observer, &namespace, &about, 0..500).await?;
    let events = 500..extent::of(10_500, 1_500);
    let number = events.len();
    let scheduled = || Scheduled::of_process(observer.server().pid());
    let (begin, before, idle_before) = (Instant::now(), scheduled(), idle());
    let seen = round(plane, &observer, &namespace, &about, events).await?;
    let (took, ours) = (begin.elapsed(), scheduled().since(before));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let all = took.as_secs_f64() * cores as f64;
    let busy = all - (idle() - idle_before).as_secs_f64();
    let last = seen.iter().map(|seen| seen.asked).max().unwrap_or(begin);
    let pace = number as f64 / (last - begin).as_secs_f64();
    let milliseconds = |of: &dyn Fn(&Seen) -> Duration| {
        let mut all: Vec<f64> = seen
            .iter()
            .map(|seen| of(seen).as_secs_f64() * 1e3)
            .collect();
        all.sort_by(f64::total_cmp);
        (all[all.len() / 2], all[all.len() * 99 / 100])
    };
    let (median, p99) = milliseconds(&|seen| seen.shown);
    let (its_median, its_p99) = milliseconds(&|seen| seen.line);
    Ok(vec![Row {
        load: format!(
            "{} Events at {}/s: from the watch line to a GET that shows it, p99",
            figure(number as f64),
            figure(pace)
        ),
        peer: "the API server's own, from the creation to the watch line, p99".into(),
        unit: "ms",
        ours: p99,
        peers: Some(its_p99),
        aim: Some(Aim::Below(20.0)),
        note: format!(
            "median {} ms; the API server's {} ms. Meanwhile the processors were {:.0} % busy, {:.0} % with dagtrail, whose \
             threads waited {:.1} ms for one for each that they had one. Each object has one who asks, with If-None-Match",
            figure(median),
            figure(its_median),
            100.0 * busy / all,
            100.0 * ours.ran.as_secs_f64() / all,
            ours.waited.as_secs_f64() / ours.ran.as_secs_f64(),
        ),
    }])
}

/// Creates Events at the pace, and follows each.
async fn round(
    plane: &ControlPlane,
    observer: &Observer,
    namespace: &str,
    about: &[About],
    numbers: std::ops::Range<u32>,
) -> Result<Vec<Seen>> {
    let events = Api::<Event>::namespaced(plane.client().await?, namespace);
    let list = events.list(&ListParams::default().limit(1)).await?;
    let version = list
        .metadata
        .resource_version
        .context("a list has a version")?;
    let watcher = Api::<Event>::namespaced(plane.client().await?, namespace);
    let asked = Arc::new(Mutex::new(HashMap::<String, (Instant, String)>::new()));
    let (sender, mut lines) = mpsc::unbounded_channel::<(String, Instant)>();
    let mut watching = JoinSet::new();
    watching.spawn(async move {
        let stream = watcher.watch(&WatchParams::default(), &version).await?;
        let mut stream = std::pin::pin!(stream);
        while let Some(line) = stream.next().await {
            if let WatchEvent::Added(event) = line?
                && sender.send((event.name_any(), Instant::now())).is_err()
            {
                break;
            }
        }
        anyhow::Ok(())
    });
    let (http, total) = (
        reqwest::Client::builder().no_proxy().build()?,
        numbers.len(),
    );
    let (mut creating, mut showing) = (JoinSet::new(), JoinSet::new());
    // Each object has one who asks for it, as a page would: what comes in a burst is then not asked for in a burst.
    let (shower, mut shows) = mpsc::unbounded_channel();
    let askers: HashMap<String, mpsc::UnboundedSender<Line>> = about
        .iter()
        .map(|about| {
            let (sender, lines) = mpsc::unbounded_channel();
            let uid = &about.uid;
            let url = format!("{}/v1/executions/{uid}/events?order=desc", observer.url());
            showing.spawn(show(http.clone(), url, lines, shower.clone()));
            (uid.clone(), sender)
        })
        .collect();
    let mut pace = tokio::time::interval(PACE);
    let mut numbers = numbers;
    let (mut seen, mut created) = (Vec::with_capacity(total), 0);
    let limit = Instant::now() + PACE * u32::try_from(total)? + PATIENCE;
    while seen.len() < total {
        ensure!(
            Instant::now() < limit,
            "{} of {total} Events were shown in time",
            seen.len()
        );
        tokio::select! {
            _ = pace.tick(), if created < total => {
                created += 1;
                let number = numbers.next().context("there are so many")?;
                let about = about[number as usize % about.len()].clone();
                let new = event(&about, namespace, number, Timestamp::now())?;
                let (events, asked) = (events.clone(), asked.clone());
                creating.spawn(async move {
                    asked.lock().insert(name(&about, number), (Instant::now(), about.uid));
                    events.create(&PostParams::default(), &new).await
                });
            }
            Some(done) = creating.join_next() => drop(done??),
            Some((name, line)) = lines.recv() => {
                let known = asked.lock().get(&name).cloned();
                if let Some((asked, uid)) = known {
                    askers[&uid].send(Line { quoted: format!("\"{name}\""), asked, line })?;
                }
            }
            Some(one) = shows.recv() => seen.push(one),
            Some(failed) = showing.join_next() => failed??,
            () = tokio::time::sleep(PATIENCE) => {}
        }
    }
    watching.abort_all();
    Ok(seen)
}

/// What a plain watch has shown.
struct Line {
    quoted: String,
    asked: Instant,
    line: Instant,
}

/// Asks for one history as long as one of the lines is not in it. What has not changed is not sent again: then the last
/// answer stands, which may show what had no line yet when it came.
async fn show(
    http: reqwest::Client,
    url: String,
    mut lines: mpsc::UnboundedReceiver<Line>,
    shows: mpsc::UnboundedSender<Seen>,
) -> Result<()> {
    let (mut pending, mut text, mut etag) = (Vec::new(), String::new(), None);
    while let Some(first) = lines.recv().await {
        pending.push(first);
        while let Some(oldest) = pending.first().map(|first| first.line.elapsed()) {
            ensure!(oldest < PATIENCE, "{} is not shown", pending[0].quoted);
            while let Ok(next) = lines.try_recv() {
                pending.push(next);
            }
            let limit = if oldest < SOON { NEWEST } else { 1000 };
            let mut question = http.get(format!("{url}&limit={limit}"));
            if let Some(known) = etag {
                question = question.header(IF_NONE_MATCH, known);
            }
            let answer = question.send().await?;
            etag = answer.headers().get(ETAG).cloned();
            if answer.status() != StatusCode::NOT_MODIFIED {
                text = answer.error_for_status()?.text().await?;
            }
            for line in pending.extract_if(.., |line| text.contains(&line.quoted)) {
                shows.send(Seen {
                    asked: line.asked,
                    line: line.line - line.asked,
                    shown: line.line.elapsed(),
                })?;
            }
            if !pending.is_empty() {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
    Ok(())
}
