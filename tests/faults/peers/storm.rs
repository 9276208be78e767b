//! A run that is recorded in a storm, and beside others: the replay is the same, and what was written is there. Does I/O.

use anyhow::{Result, ensure};

use super::compared::rows;
use super::watching::Watching;
use crate::control_plane::ControlPlane;
use crate::dice::Dice;
use crate::driver::Driver;
use crate::proxy::Proxy;
use crate::tally::Tally;
use crate::{ground, model, subject};

const SEED: u64 = 11;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_recorded_in_a_storm_is_replayed_to_the_same_bytes() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("recorded").await?;
    let about = ground::objects(plane, &namespace).await?;
    let tally = Tally::default();
    let proxy = Proxy::start(ground::client(plane).await?, SEED, tally.clone()).await?;
    let folder = tempfile::tempdir()?;
    let kubeconfig = folder.path().join("kubeconfig");
    std::fs::write(&kubeconfig, subject::kubeconfig(&proxy.url(), &namespace))?;
    let watching = Watching::new(folder.path(), kubeconfig);
    let client = plane.client().await?;
    let mut driver = Driver::new(client, &namespace, about, SEED, tally.clone());
    let mut dice = Dice::new(SEED, "storm");

    for round in 0..3 {
        // Whoever begins in a storm would need a long time for its first lists.
        proxy.fair();
        let recorder = watching.start().await?;
        proxy.storm();
        for _ in 0..30 {
            driver.step().await?;
            tokio::time::sleep(dice.millis(0, 120)).await;
        }
        if round < 2 {
            recorder.kill();
            continue;
        }
        proxy.fair();
        watching.has_all(&driver).await?;
        tokio::task::spawn_blocking(move || recorder.end()).await?;
    }
    let mut rows = rows(&watching.replayed()?)?;
    for about in driver.about() {
        let told = rows.remove(&about.uid).unwrap_or_default();
        let written = model::dump(driver.log(), &about.uid);
        ensure!(told == written, "told {told:#?}, written {written:#?}");
    }
    println!("injected: {tally}");
    Ok(())
}
