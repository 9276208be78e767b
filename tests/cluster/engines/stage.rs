//! A control plane with an engine's kinds, and a dagtrail that watches it. Does I/O.

use std::path::Path;

use anyhow::{Context, Result};

use super::player::{self, Played};
use crate::control_plane::ControlPlane;
use crate::observer::Observer;

/// Where scripts are played.
pub(super) struct Stage {
    pub(super) plane: ControlPlane,
    pub(super) observer: Observer,
}

impl Stage {
    /// Installs these definitions of `crds/` and starts dagtrail; `None` where there is no control plane.
    pub(super) async fn open(definitions: &[&str]) -> Result<Option<Self>> {
        let Some(plane) = ControlPlane::own().await else {
            return Ok(None);
        };
        for name in definitions {
            install(&plane, name).await?;
        }
        let observer = Observer::start(&plane).await?;
        // What a script's first steps change again would not be seen by who begins later.
        observer.ready().await?;
        Ok(Some(Self { plane, observer }))
    }

    /// Plays a script of `scripts/` in a namespace of its own.
    pub(super) async fn play(&self, script: &str) -> Result<Played> {
        let text = std::fs::read_to_string(folder().join(format!("scripts/{script}.yaml")))
            .with_context(|| format!("read the script {script}"))?;
        let namespace = self.plane.namespace("engines").await?;
        player::play(&self.plane.client().await?, &namespace, &text)
            .await
            .with_context(|| format!("play {script}"))
    }
}

/// Installs a definition of `crds/`.
pub(crate) async fn install(plane: &ControlPlane, name: &str) -> Result<()> {
    let file = folder().join(format!("crds/{name}.yaml"));
    let file = file.to_str().context("a path in UTF-8")?;
    plane.apply(file).await?;
    let established = [
        "wait",
        "--for=condition=Established",
        "--timeout=60s",
        "-f",
        file,
    ];
    plane.kubectl(&established).await?;
    Ok(())
}

/// The folder of this module.
pub(super) fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/engines")
}
