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
use std::path::PathBuf;
use std::sync::Once;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::PostParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use crate::binaries::Binaries;
use crate::credentials;
use crate::emitter::{Emitter, Telling, Told};
use crate::etcd;
use crate::process::{Component, Group};

mod kubectl;
mod start;

/// How long any one step of the start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running control plane. It ends when it is dropped, and with the test binary in any case.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    binaries: Binaries,
    // Fields are dropped in this order: first the components, then their group with the folder.
    clients: Vec<Component>,
    apiserver: Component,
    etcd: Component,
    group: Group,
    folder: PathBuf,
    server: String,
    etcd_url: String,
    forwarded: u16,
    // Present in one that a test has for itself: two cores cannot bear the start of many of them at a time.
    _turn: Option<SemaphorePermit<'static>>,
}

impl ControlPlane {
    /// The control plane that the tests of this binary share. `None` where the machine has no
    /// binaries for one: said on standard error, and a failure if `CI` is `true`.
    pub(crate) async fn shared() -> Option<&'static Self> {
        static SHARED: OnceCell<Result<ControlPlane>> = OnceCell::const_new();
        let binaries = binaries_or_skip()?;
        let started = SHARED.get_or_init(|| Self::start(binaries)).await;
        Some(started.as_ref().expect("a control plane starts"))
    }

    /// A control plane of this test alone; otherwise as [`ControlPlane::shared`].
    pub(crate) async fn own() -> Option<Self> {
        static TURNS: Semaphore = Semaphore::const_new(6);
        let binaries = binaries_or_skip()?;
        let turn = TURNS
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let mut plane = Self::start(binaries).await.expect("a control plane starts");
        plane._turn = Some(turn);
        Some(plane)
    }

    /// A client of the administrator. It belongs to the runtime of the test that asks.
    pub(crate) async fn client(&self) -> Result<Client> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig_path())?;
        let config =
            kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        Ok(Client::try_from(config)?)
    }

    /// The port of this machine that every port of every Pod is forwarded to.
    pub(crate) fn forwarded(&self) -> u16 {
        self.forwarded
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
            .create_token_request(name, &PostParams::default(), &request)
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
            .create(&PostParams::default(), &namespace)
            .await?;
        let accounts = Api::<ServiceAccount>::namespaced(client, &name);
        until("the default ServiceAccount", async || {
            Ok(accounts.get_opt("default").await?.is_some())
        })
        .await?;
        Ok(name)
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
            .with_context(|| format!("open {}", path.display()))
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

fn binaries_or_skip() -> Option<Binaries> {
    static SAID: Once = Once::new();
    match Binaries::find() {
        Ok(binaries) => Some(binaries),
        Err(missing) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
            panic!("no control plane for tests, and CI=true: {missing}")
        }
        Err(missing) => {
            SAID.call_once(|| {
                say(&format!(
                    "NOT RUN: the cluster tests have no control plane: {missing}"
                ));
            });
            None
        }
    }
}

/// Says a line at once: the test harness would keep it to itself.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    // Without standard error there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}
