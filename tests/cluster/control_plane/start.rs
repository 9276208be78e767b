//! How the components are started, and when they count as ready. Does I/O.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::Api;
use kube::api::ListParams;

use super::{ControlPlane, PATIENCE};
use crate::binaries::Binaries;
use crate::credentials;
use crate::process::{Component, Group};

const NODES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cluster/kwok/nodes.yaml");
const NODE_STAGES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/cluster/kwok/node-stages.yaml"
);
const POD_STAGES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/cluster/kwok/pod-stages.yaml"
);

impl ControlPlane {
    /// Starts everything and returns when Pods can be scheduled.
    pub(super) async fn start(binaries: Binaries) -> Result<Self> {
        loop {
            match Self::try_start(binaries.clone()).await {
                // Another process took a port between our look and the component's bind.
                Err(error) if format!("{error:#}").contains("address already in use") => {}
                other => return other,
            }
        }
    }

    async fn try_start(binaries: Binaries) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("dagtrail-cluster-")
            .tempdir()?
            .keep();
        let group = Group::start(&folder)?;
        let [etcd_port, peer_port, api_port, kubelet_port, forwarded] = free_ports()?;
        let etcd_url = format!("http://127.0.0.1:{etcd_port}");
        let server = format!("https://127.0.0.1:{api_port}");
        let peer_url = format!("http://127.0.0.1:{peer_port}");
        let launch =
            |name, args| Component::start(&group, &folder, name, binaries.path(name), args);

        let etcd = launch(
            "etcd",
            vec![
                format!("--data-dir={}/etcd", folder.display()),
                format!("--listen-client-urls={etcd_url}"),
                format!("--advertise-client-urls={etcd_url}"),
                format!("--listen-peer-urls={peer_url}"),
                format!("--initial-advertise-peer-urls={peer_url}"),
                format!("--initial-cluster=default={peer_url}"),
                "--unsafe-no-fsync".into(),
            ],
        )?;

        let (private, public) = credentials::service_account_keys(&folder)?;
        let (tokens, token) = credentials::admin_token(&folder)?;
        let authority = folder.join("apiserver.crt");
        let kubeconfig = folder.join("admin.kubeconfig");
        let apiserver = launch(
            "kube-apiserver",
            vec![
                format!("--etcd-servers={etcd_url}"),
                format!("--secure-port={api_port}"),
                "--bind-address=127.0.0.1".into(),
                // Nodes have names that nobody resolves.
                "--kubelet-preferred-address-types=InternalIP".into(),
                "--advertise-address=127.0.0.1".into(),
                // It refuses to announce a loopback address.
                "--endpoint-reconciler-type=none".into(),
                // A pair apiserver.crt, apiserver.key is made here; the authority is in the former.
                format!("--cert-dir={}", folder.display()),
                "--service-cluster-ip-range=10.96.0.0/16".into(),
                "--service-account-issuer=https://kubernetes.default.svc".into(),
                format!("--service-account-key-file={}", public.display()),
                format!("--service-account-signing-key-file={}", private.display()),
                "--authorization-mode=RBAC".into(),
                format!("--token-auth-file={}", tokens.display()),
                "--profiling=false".into(),
                // Lists by watch want an etcd newer than Debian 12's; clients are to page instead of
                // trying again and again.
                "--feature-gates=WatchList=false".into(),
            ],
        )?;

        credentials::kubeconfig(&kubeconfig, &server, &authority, &token)?;
        let mut plane = Self {
            binaries,
            clients: Vec::new(),
            apiserver,
            etcd,
            group,
            folder,
            server,
            etcd_url,
            forwarded,
            _turn: None,
        };
        plane.api_ready().await?;
        plane.start_clients(&private, &authority, kubelet_port)?;
        plane.kubectl(&["create", "-f", NODES]).await?;
        plane.schedulable().await?;
        Ok(plane)
    }

    /// Starts what talks to the API server.
    fn start_clients(&mut self, private: &Path, authority: &Path, kubelet_port: u16) -> Result<()> {
        let forwards = self.folder.join("forwards.yaml");
        fs::write(&forwards, forwards_to(self.forwarded))?;
        let kubeconfig = format!("--kubeconfig={}", self.kubeconfig_path().display());
        let launch = |name, args| {
            Component::start(
                &self.group,
                &self.folder,
                name,
                self.binaries.path(name),
                args,
            )
        };
        self.clients = vec![
            launch(
                "kube-controller-manager",
                vec![
                    kubeconfig.clone(),
                    "--leader-elect=false".into(),
                    "--secure-port=0".into(),
                    format!("--service-account-private-key-file={}", private.display()),
                    format!("--root-ca-file={}", authority.display()),
                    // With the defaults its Events come tens of seconds late.
                    "--kube-api-qps=500".into(),
                    "--kube-api-burst=1000".into(),
                ],
            )?,
            launch(
                "kube-scheduler",
                vec![
                    kubeconfig.clone(),
                    "--leader-elect=false".into(),
                    "--secure-port=0".into(),
                    "--kube-api-qps=500".into(),
                    "--kube-api-burst=1000".into(),
                ],
            )?,
            launch(
                "kwok",
                vec![
                    kubeconfig,
                    format!("--config={NODE_STAGES}"),
                    format!("--config={POD_STAGES}"),
                    format!("--config={}", forwards.display()),
                    "--manage-all-nodes".into(),
                    "--node-ip=127.0.0.1".into(),
                    // As the kubelets: the API server asks there for what kubectl port-forward wants.
                    format!("--node-port={kubelet_port}"),
                    format!("--server-address=127.0.0.1:{kubelet_port}"),
                    format!("--tls-cert-file={}", authority.display()),
                    format!(
                        "--tls-private-key-file={}",
                        authority.with_extension("key").display()
                    ),
                    "--cidr=10.128.0.0/12".into(),
                    "--node-lease-duration-seconds=40".into(),
                ],
            )?,
        ];
        Ok(())
    }

    pub(super) async fn api_ready(&mut self) -> Result<()> {
        let begin = Instant::now();
        loop {
            self.etcd.check()?;
            self.apiserver.check()?;
            // The certificate, which the client wants to read, is not there at first.
            let ready = match self.client().await {
                Ok(client) => client
                    .request_text(http::Request::get("/readyz").body(vec![])?)
                    .await
                    .is_ok(),
                Err(_) => false,
            };
            if ready {
                return Ok(());
            }
            if begin.elapsed() > PATIENCE {
                bail!(
                    "kube-apiserver is not ready after {PATIENCE:?}; {}\n{}",
                    self.apiserver.log_tail(),
                    self.etcd.log_tail()
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits for a node that is Ready and bears no taint, and for the default ServiceAccount.
    async fn schedulable(&mut self) -> Result<()> {
        let client = self.client().await?;
        let nodes = Api::<Node>::all(client.clone());
        let accounts = Api::<ServiceAccount>::default_namespaced(client);
        let begin = Instant::now();
        loop {
            for component in &mut self.clients {
                component.check()?;
            }
            let nodes = nodes.list(&ListParams::default()).await?;
            if nodes.iter().all(is_schedulable) && accounts.get_opt("default").await?.is_some() {
                return Ok(());
            }
            if begin.elapsed() > PATIENCE {
                let logs: Vec<String> = self.clients.iter().map(Component::log_tail).collect();
                bail!("no node is ready after {PATIENCE:?}; {}", logs.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn is_schedulable(node: &Node) -> bool {
    let ready = node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .any(|condition| condition.type_ == "Ready" && condition.status == "True");
    let tainted = node
        .spec
        .iter()
        .any(|spec| spec.taints.iter().flatten().next().is_some());
    ready && !tainted
}

/// Every port of every Pod leads to one of this machine: there a test may listen, as if it were in a Pod.
fn forwards_to(port: u16) -> String {
    format!(
        "apiVersion: kwok.x-k8s.io/v1alpha1\nkind: ClusterPortForward\nmetadata: {{name: all}}\nspec:\n  forwards:\n  \
         - target: {{address: 127.0.0.1, port: {port}}}\n"
    )
}

/// Ports that were free a moment ago, all different.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let listeners = (0..N)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<Vec<_>, _>>()
        .context("find a free port")?;
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}
