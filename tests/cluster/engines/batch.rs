//! Jobs of batch/v1. Does I/O.

use anyhow::Result;

use super::player;
use super::stage::{Stage, folder};

/// As the full view labels what a CronJob has made.
const CRON_JOB: &str = "dagtrail.dev/cronjob";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_indexed_job_and_one_that_is_retried_do_not_mix_though_their_pods_are_called_alike()
-> Result<()> {
    let Some(mut stage) = Stage::open(&[]).await? else {
        return Ok(());
    };
    let played = stage.play("batch-jobs").await?;
    stage.hold(&played, "Job/align", "batch-indexed").await?;
    stage.hold(&played, "Job/align-0", "batch-backoff").await?;
    for (job, cron) in [("Job/align", Some("hourly")), ("Job/align-0", None)] {
        let id = played.uid(job)?;
        let path = format!("/v1/executions/{id}/events?view=full&reason=Created");
        let rows = stage.observer.get(&path).await?;
        assert_eq!(rows[0]["labels"][CRON_JOB].as_str(), cron, "{rows}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_deleted_and_made_again_is_another_execution() -> Result<()> {
    let Some(mut stage) = Stage::open(&[]).await? else {
        return Ok(());
    };
    let script = std::fs::read_to_string(folder().join("scripts/batch-job.yaml"))?;
    let client = stage.plane.client().await?;
    let namespace = stage.plane.namespace("engines").await?;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let played = player::play(&client, &namespace, &script).await?;
        stage.hold(&played, "Job/train", "batch-job").await?;
        let of = format!("--namespace={namespace}");
        stage
            .plane
            .kubectl(&["delete", "job.batch", "train", "--wait", &of])
            .await?;
        runs.push(played);
    }
    assert_ne!(runs[0].uid("Job/train")?, runs[1].uid("Job/train")?);
    // The first is as it was, though the second had its name.
    stage.hold(&runs[0], "Job/train", "batch-job").await
}
