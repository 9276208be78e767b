//! Two processes, each with a directory of its own, and one Lease: who is paused loses it, and does nothing with the
//! cluster before it holds it again. Does I/O.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::control_plane::{ControlPlane, say, until};
use crate::driver::Driver;
use crate::extent::Extent;
use crate::ground;
use crate::proxy::{Asked, Proxy};
use crate::subject::Subject;
use crate::tally::Tally;
use crate::timeline::settled;

/// Longer than a Lease is held without renewal; and in a run that takes its time.
const PAUSE: Duration = Duration::from_secs(25);
const LONG_PAUSE: Duration = Duration::from_secs(60);
/// How soon another one watches, from the pause on.
const TAKEN_OVER: Duration = Duration::from_secs(20);
/// How long the one that was paused is looked at.
const LOOK: Duration = Duration::from_secs(8);
/// How long a timeline may take that is to be exact.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of the two, and the proxy that sees all that it asks.
struct Watcher {
    proxy: Proxy,
    subject: Subject,
}

impl Watcher {
    async fn start(plane: &ControlPlane, namespace: &str) -> Result<Self> {
        let proxy = Proxy::start(ground::client(plane).await?, 1, Tally::default()).await?;
        let subject = Subject::start(plane.client().await?, &proxy.url(), namespace).await?;
        Ok(Self { proxy, subject })
    }

    /// What it has asked since then that only the holder of the Lease may ask.
    fn ruled(&self, since: Instant) -> Vec<Asked> {
        let log = self.proxy.log().into_iter();
        log.filter(|asked| asked.at >= since && !asked.is_of_leases())
            .collect()
    }
}

/// Events are written for so long.
async fn told_for(driver: &mut Driver, time: Duration) -> Result<()> {
    let begin = Instant::now();
    while begin.elapsed() < time {
        driver.step().await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_paused_does_nothing_before_it_leads_again() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    ground::installed(&plane).await?;
    let namespace = plane.namespace("two").await?;
    let mut about = ground::objects(&plane, &namespace).await?;
    about.push(ground::execution(&plane, &namespace).await?);
    let client = plane.client().await?;
    let mut driver = Driver::new(client, &namespace, about, 2, Tally::default());

    let first = Watcher::start(&plane, &namespace).await?;
    until("the first leads", async || first.subject.ready().await).await?;
    let second = Watcher::start(&plane, &namespace).await?;
    let begin = Instant::now();
    told_for(&mut driver, Duration::from_secs(3)).await?;
    let early = second.ruled(begin);
    ensure!(early.is_empty(), "the second stands by, not: {early:?}");
    let writes = first.ruled(begin).into_iter();
    ensure!(
        writes.filter(Asked::is_of_status).count() > 0,
        "the first writes the status"
    );

    first.subject.pause()?;
    let paused = Instant::now();
    let long = Extent::asked().is_long();
    told_for(&mut driver, if long { LONG_PAUSE } else { PAUSE }).await?;
    let taken = second.ruled(paused).into_iter().next();
    let taken = taken.context("the second does not take over")?.at - paused;
    ensure!(taken <= TAKEN_OVER, "taken over after {taken:?}");

    let resumed = Instant::now();
    first.subject.resume()?;
    told_for(&mut driver, LOOK).await?;
    let late = first.ruled(resumed);
    ensure!(late.is_empty(), "it does not lead, and yet: {late:?}");
    let asked = first.proxy.log();
    let asks = asked.iter().filter(|asked| asked.at >= resumed);
    ensure!(asks.count() > 0, "it wants the Lease again");
    settled(&second.subject, &driver, PATIENCE).await?;

    // It takes over what it has missed, and the directory of the other stays as it is.
    let ended = Instant::now();
    second.subject.end().await?;
    told_for(&mut driver, Duration::from_secs(2)).await?;
    settled(&first.subject, &driver, PATIENCE).await?;
    ensure!(!first.ruled(ended).is_empty(), "it leads again");
    say(&format!(
        "faults: the holder of the Lease was paused for {:.0?}; the other one took over after {taken:.1?}",
        resumed - paused
    ));
    Ok(())
}
