//! Whatever happens between the cluster and dagtrail, every count is what was created. Does I/O.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;

use crate::control_plane::{ControlPlane, until};
use crate::emitter::{Emitter, Telling};
use crate::observer::{Observer, events, missing};
use crate::workloads;

const REASONS: [&str; 4] = ["BackOff", "Unhealthy", "FailedMount", "Pulling"];

/// Tells on until it is told to stop, in small batches, one reason after the other.
async fn tell(mut emitters: Vec<Emitter>, stop: Arc<AtomicBool>) -> Result<u32> {
    let mut told = 0;
    while !stop.load(Ordering::Relaxed) {
        for emitter in &mut emitters {
            told += 3;
            emitter.tell(3).await?;
        }
    }
    Ok(told)
}

async fn equal(plane: &ControlPlane, observer: &Observer, uid: &str, after: &str) -> Result<()> {
    let mut open = Vec::new();
    let seen = until(after, async || {
        let told = events(plane, &[uid.to_owned()]).await?;
        open = missing(&told, &observer.timeline(uid).await?);
        Ok(told.len() >= REASONS.len() && open.is_empty())
    })
    .await;
    seen.with_context(|| format!("{after}: {open:#?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_restart_expiry_or_crash_makes_a_count_wrong() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let mut observer = Observer::start(&plane).await?;
    let namespace = plane.namespace("faults").await?;
    plane
        .apply(&workloads::pod(&namespace, "web", "run"))
        .await?;
    let pods = Api::<Pod>::namespaced(plane.client().await?, &namespace);
    let uid = pods
        .get("web")
        .await?
        .metadata
        .uid
        .context("a Pod has a uid")?;
    let emitter = |reason: &&str| {
        let telling = Telling::about("Pod", &namespace, "web", reason)
            .with("type", "Warning")
            .with("uid", &uid);
        Emitter::start(&plane, &telling)
    };
    let emitters = REASONS.iter().map(emitter).collect::<Result<Vec<_>>>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let telling = tokio::runtime::Handle::current().spawn(tell(emitters, stop.clone()));
    let pause = || tokio::time::sleep(std::time::Duration::from_secs(2));

    pause().await;
    plane.restart_apiserver().await?;
    pause().await;
    // Both at once: the watch that comes back asks for a revision that is compacted away, and gets 410.
    plane.stop_apiserver()?;
    plane.start_apiserver().await?;
    plane.compact_etcd().await?;
    pause().await;
    observer.kill_and_restart().await;
    pause().await;
    plane.compact_etcd().await?;
    plane.restart_apiserver().await?;
    pause().await;
    observer.kill_and_restart().await;
    pause().await;

    stop.store(true, Ordering::Relaxed);
    let told = telling.await??;
    equal(&plane, &observer, &uid, "after the faults").await?;
    // Another start is another relist of everything: nothing may be counted twice.
    observer.kill_and_restart().await;
    equal(&plane, &observer, &uid, "after one more relist").await?;
    println!(
        "{told} occurrences told through two API server restarts, two compactions and three kills"
    );
    Ok(())
}
