//! Kueue. Does I/O.

use anyhow::Result;

use super::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_eviction_and_a_requeue_are_in_the_timeline_of_the_job() -> Result<()> {
    let Some(mut stage) = Stage::open(&["kueue"]).await? else {
        return Ok(());
    };
    let played = stage.play("kueue-eviction").await?;
    stage.hold(&played, "Job/align", "kueue-eviction").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kueue_that_serves_only_the_older_version_is_read_alike() -> Result<()> {
    let Some(mut stage) = Stage::open(&["kueue-v1beta1"]).await? else {
        return Ok(());
    };
    let played = stage.play("kueue-eviction-v1beta1").await?;
    stage.hold(&played, "Job/align", "kueue-eviction").await
}
