//! Storms, each from a seed; after each the timelines are exactly what was written. Does I/O.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::DeleteParams;
use tokio::sync::Mutex;

use crate::control_plane::{ControlPlane, say};
use crate::dice::Dice;
use crate::driver::Driver;
use crate::extent::Extent;
use crate::ground;
use crate::proxy::Proxy;
use crate::subject::Subject;
use crate::tally::{KINDS, Tally};
use crate::timeline::{differences, settled};

/// Storms at a time: mostly each of them waits.
const AT_A_TIME: u64 = 12;
/// How long a timeline may take after a storm. A black hole may last half a minute, and so may a pause before
/// another try.
const PATIENCE: Duration = Duration::from_secs(120);

struct Storm<'a> {
    plane: &'a ControlPlane,
    namespace: String,
    dice: Dice,
    tally: Tally,
    proxy: Proxy,
    subject: Subject,
    driver: Driver,
}

impl<'a> Storm<'a> {
    async fn new(plane: &'a ControlPlane, seed: u64, tally: &Tally) -> Result<Self> {
        let namespace = plane.namespace(&format!("seed-{seed}")).await?;
        let about = ground::objects(plane, &namespace).await?;
        let proxy = Proxy::start(ground::client(plane).await?, seed, tally.clone()).await?;
        proxy.storm();
        let admin = plane.client().await?;
        let subject = Subject::start(admin.clone(), &proxy.url(), &namespace).await?;
        Ok(Self {
            plane,
            dice: Dice::new(seed, "storm"),
            tally: tally.clone(),
            proxy,
            subject,
            driver: Driver::new(admin, &namespace, about, seed, tally.clone()),
            namespace,
        })
    }

    async fn run(mut self) -> Result<()> {
        let rounds = self.dice.between(1, 2);
        for round in 1..=rounds {
            self.proxy.storm();
            self.round().await?;
            self.proxy.fair();
            let what = format!("after round {round} of {rounds}");
            self.settled(&what).await?;
            self.driver.part().await?;
        }
        self.settled("after the parting").await?;
        // Another start lists everything once more: nothing may be counted twice.
        self.subject.kill_and_restart().await?;
        let begin = Instant::now();
        while !self.subject.ready().await? {
            ensure!(begin.elapsed() < PATIENCE, "not ready again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.settled("after one more list").await?;
        let wrong = differences(&self.subject, &self.driver).await?;
        ensure!(wrong.is_empty(), "it did not stay: {wrong:#?}");
        // Later storms are not to list what this one has left.
        let namespaces = Api::<Namespace>::all(self.plane.client().await?);
        let parameters = DeleteParams::default();
        namespaces.delete(&self.namespace, &parameters).await?;
        Ok(())
    }

    async fn round(&mut self) -> Result<()> {
        for _ in 0..self.dice.between(60, 160) {
            self.driver.step().await?;
            match self.dice.between(0, 999) {
                0..15 => {
                    self.tally.count("kill -9");
                    self.subject.kill_and_restart().await?;
                }
                15..30 => self.pause().await?,
                30..40 => self.compact().await?,
                _ => tokio::time::sleep(self.dice.millis(0, 120)).await,
            }
        }
        Ok(())
    }

    async fn compact(&mut self) -> Result<()> {
        // etcd refuses a revision that is compacted already: one at a time, each after something new.
        static ONE: Mutex<()> = Mutex::const_new(());
        let _one = ONE.lock().await;
        self.driver.step().await?;
        self.tally.count("etcd compacted");
        self.plane.compact_etcd().await?;
        Ok(())
    }

    async fn pause(&mut self) -> Result<()> {
        self.tally.count("SIGSTOP and SIGCONT");
        self.subject.pause()?;
        for _ in 0..self.dice.between(1, 8) {
            self.driver.step().await?;
            tokio::time::sleep(self.dice.millis(0, 400)).await;
        }
        // A stopped process can be killed, too.
        if self.dice.permille(250) {
            self.tally.count("kill -9");
            return self.subject.kill_and_restart().await;
        }
        self.subject.resume()
    }

    async fn settled(&self, when: &str) -> Result<()> {
        let settled = settled(&self.subject, &self.driver, PATIENCE).await;
        settled.with_context(|| when.to_owned())
    }
}

/// The seeds of a run, one after another, for several that ask.
struct Seeds {
    extent: Extent,
    begin: Instant,
    given: AtomicU64,
}

impl Seeds {
    fn new(extent: Extent) -> Self {
        Self {
            extent,
            begin: Instant::now(),
            given: AtomicU64::new(0),
        }
    }

    fn next(&self) -> Option<u64> {
        let place = self.given.fetch_add(1, Ordering::Relaxed);
        match self.extent {
            Extent::One(seed) => (place == 0).then_some(seed),
            Extent::Many(seeds) => (place < seeds).then_some(place + 1),
            Extent::Thorough(_) if place < Extent::FIXED => Some(place + 1),
            Extent::Thorough(enough) => (self.begin.elapsed() < enough).then(fresh),
        }
    }
}

/// One that nobody has tried: above those that are counted from 1 on.
fn fresh() -> u64 {
    (1 << 32) + u64::from(uuid::Uuid::new_v4().as_fields().0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_every_storm_nothing_is_lost_and_nothing_is_doubled() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let (tally, extent) = (Tally::default(), Extent::asked());
    let (seeds, passed) = (Seeds::new(extent), AtomicU64::new(0));
    let workers = (0..AT_A_TIME).map(|_| async {
        while let Some(seed) = seeds.next() {
            let since = Instant::now();
            let again = || format!("seed {seed}; again: make faults SEED={seed}");
            let storm = Storm::new(plane, seed, &tally).await.with_context(again)?;
            storm.run().await.with_context(again)?;
            passed.fetch_add(1, Ordering::Relaxed);
            let took = since.elapsed();
            say(&format!("faults: seed {seed} passed in {took:.1?}"));
        }
        anyhow::Ok(())
    });
    try_join_all(workers).await?;
    say(&format!(
        "faults: {} seeds passed in {:.0?}: lost 0, doubled 0. Injected: {tally}",
        passed.into_inner(),
        seeds.begin.elapsed()
    ));
    if extent.is_all() {
        let never: Vec<_> = KINDS.iter().filter(|kind| tally.of(kind) == 0).collect();
        ensure!(never.is_empty(), "not injected at all: {never:?}");
    }
    Ok(())
}
