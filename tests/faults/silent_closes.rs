//! A server that closes every watch of Events and Executions at once and without a word, as some do when the version is
//! too old for them: it is not asked again and again, and what is new arrives all the same. Does I/O.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::control_plane::{ControlPlane, until};
use crate::driver::Driver;
use crate::ground;
use crate::proxy::{Asked, Proxy};
use crate::subject::Subject;
use crate::tally::Tally;
use crate::timeline::settled;

/// As `/metrics` names the count of closes.
const CLOSES_OF_EVENTS: &str = "dagtrail_watch_silent_close_total{kind=\"events\"}";
/// How long every watch is closed.
const SILENCE: Duration = Duration::from_secs(45);
/// After so many closes a watch is opened at most once in [`APART`].
const TRIES: usize = 5;
const APART: Duration = Duration::from_secs(1);
/// A list follows a close within this time.
const RELIST: Duration = Duration::from_secs(10);
/// What a busy machine adds to it.
const BUSY: Duration = Duration::from_secs(1);

/// One more thing is said, and told within `time`.
async fn news(subject: &Subject, driver: &mut Driver, time: Duration) -> Result<()> {
    driver.step().await?;
    settled(subject, driver, time).await
}

fn within(times: &[Instant], from: Instant, time: Duration) -> bool {
    times.iter().any(|at| *at >= from && *at < from + time)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_closes_make_no_hot_loop_and_hide_nothing() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let namespace = plane.namespace("silence").await?;
    let about = ground::objects(&plane, &namespace).await?;
    let tally = Tally::default();
    let proxy = Proxy::start(ground::client(&plane).await?, 1, tally.clone()).await?;
    let admin = plane.client().await?;
    let subject = Subject::start(admin.clone(), &proxy.url(), &namespace).await?;
    let mut driver = Driver::new(admin, &namespace, about, 1, tally.clone());
    until("ready", async || subject.ready().await).await?;
    proxy.silence();
    let begin = Instant::now();
    // The watch that is open is not closed by that; a start opens another.
    let mut subject = subject;
    subject.kill_and_restart().await?;
    let nightly = ground::execution(&plane, &namespace).await?;
    driver.also_about(nightly);
    while begin.elapsed() < SILENCE {
        news(&subject, &mut driver, RELIST + BUSY).await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let end = Instant::now();
    proxy.fair();

    let log = proxy.log();
    let of_events = || {
        log.iter()
            .filter(|one| one.is_of_events() && one.at > begin)
    };
    let closed: Vec<Instant> = of_events()
        .filter(|one| one.is_watch() && one.at < end)
        .map(|one| one.at)
        .collect();
    let lists: Vec<Instant> = of_events()
        .filter(|one| one.begins_list())
        .map(|one| one.at)
        .collect();
    let closes = tally.of("silent empty close");
    ensure!(closes > TRIES as u64, "only {closes} closes");
    for pair in closed.get(TRIES..).context("too few watches")?.windows(2) {
        let apart = pair[1] - pair[0];
        ensure!(apart >= APART, "two watches {apart:?} apart");
    }
    for at in closed.iter().filter(|at| **at + RELIST + BUSY < end) {
        ensure!(within(&lists, *at, RELIST + BUSY), "no list after a close");
    }
    let counted = subject.metric(CLOSES_OF_EVENTS).await?;
    ensure!(counted > TRIES as u64, "the metric says {counted} closes");

    // Executions are watched twice: as a source of history, and for their status.
    let of_executions = |one: &&Asked| one.is_of_executions() && one.at > begin && one.at < end;
    let watches = log
        .iter()
        .filter(of_executions)
        .filter(|one| one.is_watch());
    let (watches, most) = (watches.count(), usize::try_from(SILENCE.as_secs())?);
    ensure!(watches <= most, "{watches} watches of Executions");
    let status = log.iter().filter(|one| one.is_of_status()).count();
    ensure!(
        status > 0,
        "no status of an Execution that nobody could watch"
    );

    // The watch is whole again: what is said comes by it, after the last pause.
    news(&subject, &mut driver, RELIST + BUSY).await?;
    news(&subject, &mut driver, BUSY * 2).await?;
    Ok(())
}
