//! `dagtrail doctor` in a cluster, with the rights of the manifest and with fewer. Does I/O.

use std::path::Path;
use std::process::Stdio;

use anyhow::Result;
use serde_json::Value;

use crate::control_plane::ControlPlane;
use crate::server::dagtrail;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/dagtrail.yaml");

/// A check, its outcome, and what helps.
type Check = (String, String, String);

/// Exit code, and each check.
fn doctor(kubeconfig: &Path, namespace: &str) -> Result<(Option<i32>, Vec<Check>)> {
    let mut command = dagtrail(&["doctor", "--in-cluster", "-o", "json"]);
    command
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["--server-namespace", namespace])
        .env_remove("KUBERNETES_SERVICE_HOST")
        .stdout(Stdio::piped());
    let done = command.output()?;
    let said: Value = serde_json::from_slice(&done.stdout)?;
    let checks = said["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|check| {
            let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
            (text("check"), text("outcome"), text("fix"))
        });
    Ok((done.status.code(), checks.collect()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_tells_which_right_is_missing() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    plane.apply(MANIFEST).await?;
    let granted = plane
        .kubeconfig_for_service_account("dagtrail-system", "dagtrail")
        .await?;
    let (_, checks) = doctor(&granted, "dagtrail-system")?;
    for check in [
        "cluster",
        "cluster's clock",
        "definition",
        "watch events",
        "watch pods",
        "watch jobs.batch",
        "status of executions",
        "lease rights",
    ] {
        let found = checks.iter().find(|(name, ..)| name == check);
        let outcome = found.map(|(_, outcome, _)| outcome.as_str());
        assert_eq!(outcome, Some("ok"), "{check}: {checks:?}");
    }
    // Another test may watch meanwhile.
    let lease = checks.iter().find(|(name, ..)| name == "lease");
    let lease = lease.map(|(_, outcome, _)| outcome.as_str());
    assert!(matches!(lease, Some("ok" | "warn")), "{checks:?}");

    let bare = r"
apiVersion: v1
kind: ServiceAccount
metadata: {namespace: dagtrail-system, name: bare}
";
    plane.apply(bare).await?;
    let bare = plane
        .kubeconfig_for_service_account("dagtrail-system", "bare")
        .await?;
    let (code, checks) = doctor(&bare, "dagtrail-system")?;
    assert_eq!(code, Some(2), "{checks:?}");
    for check in [
        "watch events",
        "watch pods",
        "status of executions",
        "lease rights",
    ] {
        let found = checks.iter().find(|(name, ..)| name == check);
        let (_, outcome, fix) = found.expect("it is checked");
        assert_eq!(outcome, "fail", "{check}: {checks:?}");
        assert!(fix.contains("kubectl apply"), "{check}: {fix}");
    }
    Ok(())
}
