//! A real control plane on loopback, started in seconds. Does I/O.
//!
//! etcd, kube-apiserver (RBAC), kube-controller-manager, kube-scheduler, and kwok as the kubelets of
//! a few fake nodes (`kwok/*.yaml`). Jobs, Pods and their Events come from the real controllers.
//!
//! ```text
//! ControlPlane::shared()   one for the whole test binary; every test takes a namespace of its own
//! ControlPlane::own()      one for this test alone: for restarts, compaction, load
//! ```

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Once;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Namespace, Node, ServiceAccount};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::binaries::Binaries;
use crate::credentials::{self, text};
use crate::emitter::{Emitter, Telling, Told};
use crate::etcd;
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

/// How long any one step of the start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running control plane. It ends when it is dropped, and with the test binary in any case.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    binaries: Binaries,
    // Fields are dropped in this order: first the components, then their group, then the folder.
    clients: Vec<Component>,
    apiserver: Component,
    etcd: Component,
    group: Group,
    folder: PathBuf,
    server: String,
    etcd_url: String,
}

impl ControlPlane {
    /// The control plane that the tests of this binary share. `None` where the machine has no
    /// binaries for one: said on standard error, and a failure if `CI` is `true`.
    pub(crate) async fn shared() -> Option<&'static Self> {
        static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
        let binaries = binaries_or_skip()?;
        let started = SHARED.get_or_try_init(|| Self::start(binaries)).await;
        Some(started.expect("a control plane starts"))
    }

    /// A control plane of this test alone; otherwise as [`ControlPlane::shared`].
    pub(crate) async fn own() -> Option<Self> {
        let binaries = binaries_or_skip()?;
        Some(Self::start(binaries).await.expect("a control plane starts"))
    }

    /// Starts everything and returns when Pods can be scheduled.
    async fn start(binaries: Binaries) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("dagtrail-cluster-")
            .tempdir()?
            .keep();
        let group = Group::start(&folder)?;
        let [etcd_port, peer_port, api_port] = free_ports()?;
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
        };
        plane.api_ready().await?;
        plane.start_clients(&private, &authority)?;
        plane.kubectl(&["create", "-f", NODES]).await?;
        plane.schedulable().await?;
        Ok(plane)
    }

    /// Starts what talks to the API server.
    fn start_clients(&mut self, private: &Path, authority: &Path) -> Result<()> {
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
                    "--manage-all-nodes".into(),
                    "--node-ip=127.0.0.1".into(),
                    "--cidr=10.128.0.0/12".into(),
                    "--node-lease-duration-seconds=40".into(),
                ],
            )?,
        ];
        Ok(())
    }

    /// A client of the administrator. It belongs to the runtime of the test that asks.
    pub(crate) async fn client(&self) -> Result<Client> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig_path())?;
        let config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    /// The administrator's kubeconfig.
    pub(crate) fn kubeconfig_path(&self) -> PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    /// Writes a kubeconfig with a token of this ServiceAccount (TokenRequest) and nothing else.
    pub(crate) async fn kubeconfig_for_service_account(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<PathBuf> {
        let request = TokenRequest {
            spec: TokenRequestSpec {
                expiration_seconds: Some(86_400),
                ..Default::default()
            },
            ..Default::default()
        };
        let token = Api::<ServiceAccount>::namespaced(self.client().await?, namespace)
            .create_token_request(name, &kube::api::PostParams::default(), &request)
            .await
            .with_context(|| format!("request a token for {namespace}/{name}"))?
            .status
            .context("the API server gave no token")?
            .token;
        let file = self.folder.join(format!("{namespace}.{name}.kubeconfig"));
        credentials::kubeconfig(
            &file,
            &self.server,
            &self.folder.join("apiserver.crt"),
            &token,
        )?;
        Ok(file)
    }

    /// Makes a namespace with a name of its own and waits until Pods can be made in it.
    pub(crate) async fn namespace(&self, prefix: &str) -> Result<String> {
        let client = self.client().await?;
        let name = format!("{prefix}-{:08x}", uuid::Uuid::new_v4().as_fields().0);
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.clone());
        Api::all(client.clone())
            .create(&kube::api::PostParams::default(), &namespace)
            .await?;
        let accounts = Api::<ServiceAccount>::namespaced(client, &name);
        until("the default ServiceAccount", async || {
            Ok(accounts.get_opt("default").await?.is_some())
        })
        .await?;
        Ok(name)
    }

    /// Runs kubectl as the administrator and returns what it printed.
    pub(crate) async fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.kubectl_with(args, "").await
    }

    /// `kubectl apply` of a file, or of a text if it has more than one line.
    pub(crate) async fn apply(&self, yaml: &str) -> Result<String> {
        if yaml.contains('\n') {
            self.kubectl_with(&["apply", "-f", "-"], yaml).await
        } else {
            self.kubectl(&["apply", "-f", yaml]).await
        }
    }

    async fn kubectl_with(&self, args: &[&str], input: &str) -> Result<String> {
        let mut process = Command::new(self.binary("kubectl"))
            .arg(format!("--kubeconfig={}", self.kubeconfig_path().display()))
            .args(args)
            .env("HOME", &self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start kubectl")?;
        let mut stdin = process.stdin.take().expect("the input is piped");
        // A kubectl that ends before it has read all tells the reason by its status.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = process.wait_with_output().await?;
        ensure!(
            output.status.success(),
            "kubectl {} failed: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Kills the API server as a crash would; etcd and all clients stay.
    pub(crate) fn stop_apiserver(&mut self) -> Result<()> {
        self.apiserver.kill()
    }

    /// Starts the API server again on the same port and returns when it is ready.
    pub(crate) async fn start_apiserver(&mut self) -> Result<()> {
        self.apiserver.spawn()?;
        self.api_ready().await
    }

    /// Kills the API server, starts it again, and returns when it is ready.
    pub(crate) async fn restart_apiserver(&mut self) -> Result<()> {
        self.stop_apiserver()?;
        self.start_apiserver().await
    }

    /// Compacts etcd up to now and returns that revision, see [`etcd::compact`].
    pub(crate) async fn compact_etcd(&self) -> Result<u64> {
        etcd::compact(&self.etcd_url).await
    }

    /// Tells one thing so many times through client-go's recorder, by a recorder of its own.
    pub(crate) async fn emit(&self, telling: &Telling, times: u32) -> Result<Told> {
        Emitter::start(self, telling)?.tell(times).await
    }

    /// The path of one of the binaries.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.binaries.path(name)
    }

    /// The process group whose members die with this control plane.
    pub(crate) fn process_group(&self) -> i32 {
        self.group.id()
    }

    /// A log file for a process that belongs to this control plane.
    pub(crate) fn log_file(&self, name: &str) -> Result<File> {
        let path = self.folder.join(format!("{name}.log"));
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("open {}", text(&path).unwrap_or_default()))
    }

    async fn api_ready(&mut self) -> Result<()> {
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
            let nodes = nodes.list(&kube::api::ListParams::default()).await?;
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

/// Waits until `condition` holds; an error that names `what` after [`PATIENCE`].
pub(crate) async fn until(
    what: &str,
    mut condition: impl AsyncFnMut() -> Result<bool>,
) -> Result<()> {
    let begin = Instant::now();
    while !condition().await? {
        if begin.elapsed() > PATIENCE {
            bail!("{what}: not seen after {PATIENCE:?}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
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

fn binaries_or_skip() -> Option<Binaries> {
    static SAID: Once = Once::new();
    match Binaries::find() {
        Ok(binaries) => Some(binaries),
        Err(missing) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
            panic!("no control plane for tests, and CI=true: {missing}")
        }
        Err(missing) => {
            // Not eprintln: the test harness would keep it to itself.
            SAID.call_once(|| {
                say(&format!(
                    "NOT RUN: the cluster tests have no control plane: {missing}\n"
                ));
            });
            None
        }
    }
}

fn say(line: &str) {
    use std::io::Write;
    // Without standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
