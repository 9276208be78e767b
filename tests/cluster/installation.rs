//! dagtrail's rights as the manifest gives them. Does I/O.

use anyhow::Result;
use kube::Client;
use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::control_plane::ControlPlane;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/dagtrail.yaml");

/// Applies the manifest. A client with the rights that it gives, in its namespace, and no others.
pub(crate) async fn client(plane: &ControlPlane) -> Result<Client> {
    plane.apply(MANIFEST).await?;
    let file = plane
        .kubeconfig_for_service_account("dagtrail-system", "dagtrail")
        .await?;
    let kubeconfig = Kubeconfig::read_from(file)?;
    let options = KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    config.default_namespace = "dagtrail-system".into();
    Ok(Client::try_from(config)?)
}
