//! Tekton. Does I/O.

use anyhow::Result;

use super::stage::{Stage, install};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_of_twelve_tasks_is_one_readable_timeline() -> Result<()> {
    let Some(mut stage) = Stage::open(&["tekton"]).await? else {
        return Ok(());
    };
    let played = stage.play("tekton-pipeline").await?;
    stage
        .hold(&played, "PipelineRun/release", "tekton-pipeline")
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_an_engine_that_is_installed_later_is_recorded() -> Result<()> {
    let Some(mut stage) = Stage::open(&[]).await? else {
        return Ok(());
    };
    stage.observer.ready().await?;
    install(&stage.plane, "tekton").await?;
    let played = stage.play("tekton-alone").await?;
    stage.hold(&played, "TaskRun/backup", "tekton-alone").await
}
