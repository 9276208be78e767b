//! The run: a recorder that is killed, ended and begun again, while a driver writes. Does I/O.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::compared::{Compared, Error};
use super::testdata;
use super::watching::Watching;
use crate::control_plane::ControlPlane;
use crate::driver::Driver;
use crate::ground;
use crate::tally::Tally;

async fn steps(driver: &mut Driver, steps: u32) -> Result<()> {
    for _ in 0..steps {
        driver.step().await?;
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Ok(())
}

/// Events tell whole seconds: so long nothing happens, so that what is before and what is after differ.
async fn a_second() {
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_recorded_run_with_restarts_our_error_is_none() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let watching = Watching::new(folder.path(), ground::installed(&plane).await?);
    let namespace = plane.namespace("peers").await?;
    let about = ground::objects(&plane, &namespace).await?;
    let (client, tally) = (plane.client().await?, Tally::default());
    let mut driver = Driver::new(client, &namespace, about, 5, tally).on_time();

    steps(&mut driver, 10).await?;
    a_second().await;
    let first = watching.start().await?;
    steps(&mut driver, 40).await?;
    first.kill();
    steps(&mut driver, 15).await?;
    a_second().await;
    let second = watching.start().await?;
    steps(&mut driver, 25).await?;
    // What the watch asks for when it comes back is then no longer kept.
    plane.stop_apiserver()?;
    plane.compact_etcd().await?;
    plane.start_apiserver().await?;
    steps(&mut driver, 20).await?;
    watching.has_all(&driver).await?;
    driver.part().await?;
    steps(&mut driver, 5).await?;
    tokio::task::spawn_blocking(move || second.end()).await?;
    steps(&mut driver, 15).await?;
    a_second().await;
    let third = watching.start().await?;
    steps(&mut driver, 50).await?;
    watching.has_all(&driver).await?;
    tokio::task::spawn_blocking(move || third.end()).await?;

    watching.replayed()?;
    let compared = Compared::of(&watching.recording, driver.log())?;
    println!("{}", compared.page());
    let exact = Error {
        kept: compared.written,
        ..Error::default()
    };
    assert_eq!(compared.ours, exact);
    ensure!(compared.stream.starts == 3 && compared.stream.gone > 0);
    if std::env::var("UPDATE_PEERS").is_ok_and(|set| set == "1") {
        testdata::keep(&watching.recording, driver.log(), &compared)?;
    }
    Ok(())
}
