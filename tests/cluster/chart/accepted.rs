//! The API server takes every rendering without a word. Does I/O.

use anyhow::{Context, Result, ensure};

use super::{apply, documents, rendered, restricted, sets};
use crate::control_plane::ControlPlane;

/// Definitions of another project that allow everything: what they are about, its operator checks.
const MONITORING: &str = include_str!("monitoring-crds.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_takes_every_rendering() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    apply(&plane, MONITORING).await?;
    let wait = [
        "wait",
        "--for=condition=Established",
        "--timeout=60s",
        "crd",
        "--all",
    ];
    plane.kubectl(&wait).await?;
    restricted(&plane, "team-a").await?;
    let mut kinds = std::collections::BTreeSet::new();
    for (set, values) in sets()? {
        let namespace = format!("of-{set}");
        restricted(&plane, &namespace).await?;
        let values = values.to_str().context("a path in UTF-8")?;
        let rendered = rendered(&plane, &namespace, &["--values", values]).await?;
        let warned = apply(&plane, &rendered).await.context(set.clone())?;
        ensure!(warned.is_empty(), "{set}: {warned}");
        // Again, as an upgrade that changes nothing does.
        apply(&plane, &rendered).await.context(set)?;
        let documents = documents(&rendered)?;
        kinds.extend(
            documents
                .iter()
                .map(|doc| doc["kind"].as_str().unwrap_or_default().to_owned()),
        );
    }
    for kind in [
        "NetworkPolicy",
        "PodDisruptionBudget",
        "ServiceMonitor",
        "PrometheusRule",
        "ConfigMap",
    ] {
        ensure!(kinds.contains(kind), "{kind} is in no rendering: {kinds:?}");
    }
    // What the profile does not allow is told of, so its silence above says something.
    restricted(&plane, "of-a-bad-pod").await?;
    let bad = ["--set", "securityContext.allowPrivilegeEscalation=true"];
    let warned = apply(&plane, &rendered(&plane, "of-a-bad-pod", &bad).await?).await?;
    ensure!(warned.contains("would violate PodSecurity"), "{warned}");
    Ok(())
}
