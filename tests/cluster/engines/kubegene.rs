//! KubeGene. Does I/O.

use anyhow::Result;

use super::stage::{Stage, install};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_fails_is_told_of_an_engine_that_was_installed_later() -> Result<()> {
    let Some(mut stage) = Stage::open(&[]).await? else {
        return Ok(());
    };
    stage.observer.ready().await?;
    install(&stage.plane, "kubegene").await?;
    let played = stage.play("kubegene-failure").await?;
    stage
        .hold(&played, "Execution/wgs", "kubegene-failure")
        .await?;
    // With the definition go the Execution, its Jobs and their Pods; what was told stays.
    let definition = "crd/executions.execution.kubegene.io";
    stage.plane.kubectl(&["delete", definition]).await?;
    stage
        .hold(&played, "Execution/wgs", "kubegene-failure")
        .await
}
