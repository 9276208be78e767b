//! Argo Workflows. Does I/O.

use anyhow::Result;

use super::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dag_of_twenty_nodes_is_one_readable_timeline() -> Result<()> {
    let Some(mut stage) = Stage::open(&["argo-workflows"]).await? else {
        return Ok(());
    };
    let played = stage.play("argo-dag").await?;
    stage.hold(&played, "Workflow/nightly", "argo-dag").await
}
