//! What the tests stand on: dagtrail installed, its rights, and a namespace with objects to tell Events of. Does I/O.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::DynamicObject;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::discovery::ApiResource;
use kube::{Api, Client};
use tokio::sync::Mutex;

use crate::control_plane::ControlPlane;
use crate::workloads;

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/dagtrail.yaml");

/// dagtrail's rights on the Lease hold in its own namespace. Here each process takes part in a Lease of the
/// namespace of its test.
const LEASES: &str = r"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: faults-leases}
rules:
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, create, update, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: faults-leases}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: faults-leases}
subjects: [{kind: ServiceAccount, name: dagtrail, namespace: dagtrail-system}]
";

/// An object that Events are about; it is an execution.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) uid: String,
}

/// Installs dagtrail, once on each control plane. Gives the kubeconfig of its ServiceAccount.
pub(crate) async fn installed(plane: &ControlPlane) -> Result<PathBuf> {
    static INSTALLED: Mutex<BTreeMap<PathBuf, PathBuf>> = Mutex::const_new(BTreeMap::new());
    let mut installed = INSTALLED.lock().await;
    if let Some(kubeconfig) = installed.get(&plane.kubeconfig_path()) {
        return Ok(kubeconfig.clone());
    }
    plane.apply(MANIFEST).await?;
    plane.apply(LEASES).await?;
    let definition = "crd/executions.dagtrail.dev";
    let condition = "--for=condition=Established";
    plane
        .kubectl(&["wait", condition, "--timeout=60s", definition])
        .await?;
    let kubeconfig = plane
        .kubeconfig_for_service_account("dagtrail-system", "dagtrail")
        .await?;
    installed.insert(plane.kubeconfig_path(), kubeconfig.clone());
    Ok(kubeconfig)
}

/// A client with exactly dagtrail's rights, which passes on whatever the server says.
pub(crate) async fn client(plane: &ControlPlane) -> Result<Client> {
    let kubeconfig = Kubeconfig::read_from(installed(plane).await?)?;
    let options = KubeConfigOptions::default();
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    config.default_retry = false;
    Ok(Client::try_from(config)?)
}

/// A Job that is suspended and a Pod that runs: both stay as they are.
pub(crate) async fn objects(plane: &ControlPlane, namespace: &str) -> Result<Vec<About>> {
    let job = workloads::job(namespace, "batch", "run", 0);
    let job = job.replace(
        "spec:\n  backoffLimit",
        "spec:\n  suspend: true\n  backoffLimit",
    );
    plane.apply(&job).await?;
    plane
        .apply(&workloads::pod(namespace, "web", "run"))
        .await?;
    let client = plane.client().await?;
    let job = Api::<Job>::namespaced(client.clone(), namespace)
        .get("batch")
        .await?;
    let pod = Api::<Pod>::namespaced(client, namespace).get("web").await?;
    let about = |api_version, kind, metadata: kube::core::ObjectMeta| {
        Ok(About {
            api_version,
            kind,
            name: metadata.name.context("it has a name")?,
            uid: metadata.uid.context("it has a uid")?,
        })
    };
    let job: Result<About> = about("batch/v1", "Job", job.metadata);
    Ok(vec![job?, about("v1", "Pod", pod.metadata)?])
}

/// An Execution: its status changes with each Event about it.
pub(crate) async fn execution(plane: &ControlPlane, namespace: &str) -> Result<About> {
    plane
        .apply(&format!(
            r"
apiVersion: dagtrail.dev/v1alpha1
kind: Execution
metadata: {{namespace: {namespace}, name: nightly}}
spec: {{engine: KubeDAG, elements: [{{id: prepare, type: job}}]}}
"
        ))
        .await?;
    let resource = ApiResource {
        group: "dagtrail.dev".into(),
        version: "v1alpha1".into(),
        api_version: "dagtrail.dev/v1alpha1".into(),
        kind: "Execution".into(),
        plural: "executions".into(),
    };
    let client = plane.client().await?;
    let api = Api::<DynamicObject>::namespaced_with(client, namespace, &resource);
    let metadata = api.get("nightly").await?.metadata;
    Ok(About {
        api_version: "dagtrail.dev/v1alpha1",
        kind: "Execution",
        name: "nightly".into(),
        uid: metadata.uid.context("it has a uid")?,
    })
}
