//! Volcano. Does I/O.

use anyhow::Result;

use super::player;
use super::stage::{Stage, folder};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_flow_with_a_restart_is_one_readable_timeline() -> Result<()> {
    let Some(mut stage) = Stage::open(&["volcano"]).await? else {
        return Ok(());
    };
    let played = stage.play("volcano-flow").await?;
    stage.hold(&played, "JobFlow/nightly", "volcano-flow").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_of_volcano_and_one_of_batch_that_share_a_name_do_not_mix() -> Result<()> {
    let Some(mut stage) = Stage::open(&["volcano"]).await? else {
        return Ok(());
    };
    let of_volcano = stage.play("volcano-job").await?;
    let client = stage.plane.client().await?;
    let script = std::fs::read_to_string(folder().join("scripts/batch-job.yaml"))?;
    let of_batch = player::play(&client, &of_volcano.namespace, &script).await?;
    stage.hold(&of_volcano, "Job/train", "volcano-job").await?;
    stage.hold(&of_batch, "Job/train", "batch-job").await?;
    let namespace = &of_volcano.namespace;
    for (kind, played) in [
        ("job.batch.volcano.sh", &of_volcano),
        ("job.batch", &of_batch),
    ] {
        let path = format!("/v1/executions/{namespace}/{kind}/train");
        let found = stage.observer.get(&path).await?;
        let guid = &found["execution"]["guid"];
        assert_eq!(guid, played.uid("Job/train")?, "{found}");
    }
    let either = format!("/v1/executions/{namespace}/job/train");
    let refused = stage.observer.get(&either).await;
    assert!(refused.is_err(), "{refused:?}");
    Ok(())
}
