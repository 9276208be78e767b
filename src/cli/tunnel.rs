//! The way into a cluster: through its API server to the Pod that serves, and a token that only dagtrail accepts. Does I/O.
//!
//! The user's own credentials go to the API server alone, never to the Pod.

use std::path::Path;

use anyhow::{Context, bail};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use kube::api::{ListParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use tokio::io::DuplexStream;

/// By these labels the Pod is found; the chart and the manifest give them.
const LABELS: &str = "app.kubernetes.io/name=dagtrail";
/// The port of that Pod, unless one of its ports is called `http`.
const PORT: u16 = 8080;
/// Whom the token is for: no other server accepts it.
const AUDIENCE: &str = "dagtrail";
/// The shortest life that the API server gives a token, in seconds.
const LIFE: i64 = 600;

/// The Pod that serves, by way of the API server; cheap to clone.
#[derive(Clone)]
pub(super) struct Tunnel {
    pods: Api<Pod>,
    pod: String,
    port: u16,
    is_encrypted: bool,
}

/// A cluster, as a kubeconfig names it.
pub(super) struct Cluster {
    pub(super) client: Client,
    /// The context's namespace.
    pub(super) namespace: String,
}

impl Cluster {
    /// Reads the kubeconfig, as kubectl does.
    pub(super) async fn of(
        kubeconfig: Option<&Path>,
        context: Option<&str>,
    ) -> anyhow::Result<Self> {
        let options = KubeConfigOptions {
            context: context.map(str::to_owned),
            ..KubeConfigOptions::default()
        };
        let config = match kubeconfig {
            Some(path) => {
                let read = Kubeconfig::read_from(path)
                    .with_context(|| format!("--kubeconfig {}", path.display()))?;
                Config::from_custom_kubeconfig(read, &options).await
            }
            None => Config::from_kubeconfig(&options).await,
        };
        let mut config = config.context("the kubeconfig cannot be used")?;
        // A stream may say nothing for a while.
        config.read_timeout = None;
        let namespace = config.default_namespace.clone();
        let client = Client::try_from(config).context("the kubeconfig cannot be used")?;
        Ok(Self { client, namespace })
    }

    /// The tunnel to the Pod that is ready.
    pub(super) async fn tunnel(&self, namespace: &str) -> anyhow::Result<Tunnel> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let found = pods
            .list(&ListParams::default().labels(LABELS))
            .await
            .with_context(|| format!("the Pods of namespace {namespace} cannot be listed"))?;
        let Some(pod) = found.items.iter().find(|pod| is_ready(pod)) else {
            bail!(
                "no Pod with the label {LABELS} is ready in namespace {namespace}; \
                 --server-namespace names another, --server an address"
            );
        };
        let pod_name = pod.metadata.name.clone().unwrap_or_default();
        Ok(Tunnel {
            port: port(pod),
            is_encrypted: is_encrypted(pod),
            pod: pod_name,
            pods,
        })
    }

    /// A token of a ServiceAccount that lives for ten minutes and is for dagtrail alone. `None`: there is no such
    /// account, or the user may not have its token.
    pub(super) async fn token(
        &self,
        namespace: &str,
        name: &str,
    ) -> anyhow::Result<Option<String>> {
        let request = TokenRequest {
            spec: TokenRequestSpec {
                audiences: vec![AUDIENCE.to_owned()],
                expiration_seconds: Some(LIFE),
                ..TokenRequestSpec::default()
            },
            ..TokenRequest::default()
        };
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        let given = accounts
            .create_token_request(name, &PostParams::default(), &request)
            .await;
        match given {
            Ok(given) => Ok(given.status.map(|status| status.token)),
            Err(kube::Error::Api(status)) if matches!(status.code, 403 | 404) => Ok(None),
            Err(error) => Err(error)
                .with_context(|| format!("no token of ServiceAccount {namespace}/{name} is given")),
        }
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|status| &status.conditions);
    pod.metadata.deletion_timestamp.is_none()
        && conditions
            .flatten()
            .any(|one| one.type_ == "Ready" && one.status == "True")
}

fn port(pod: &Pod) -> u16 {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    containers
        .flat_map(|container| container.ports.iter().flatten())
        .find(|port| port.name.as_deref() == Some("http"))
        .and_then(|port| u16::try_from(port.container_port).ok())
        .unwrap_or(PORT)
}

/// Whether the port speaks TLS, by how the kubelet asks there whether the Pod is ready.
fn is_encrypted(pod: &Pod) -> bool {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut probes = containers.filter_map(|one| one.readiness_probe.as_ref()?.http_get.as_ref());
    probes.any(|probe| probe.scheme.as_deref() == Some("HTTPS"))
}

impl Tunnel {
    /// Whether TLS is spoken at its end.
    pub(super) fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// One connection to the Pod's port.
    pub(super) async fn open(
        &self,
    ) -> Result<DuplexStream, Box<dyn std::error::Error + Send + Sync>> {
        let mut forwarding = self.pods.portforward(&self.pod, &[self.port]).await?;
        forwarding
            .take_stream(self.port)
            .ok_or_else(|| "the port was not forwarded".into())
    }

    /// The Pod, for messages.
    pub(super) fn name(&self) -> String {
        format!("Pod {}", self.pod)
    }
}
