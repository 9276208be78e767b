//! Which server is asked, as whom, and for which namespace. Does I/O.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::client::{Base, Client, Connector, Query};
use super::tunnel::{Cluster, Tunnel};

/// Where `dagtrail serve` and `dagtrail demo` listen by default.
const HERE: &str = "http://127.0.0.1:8080";

/// Which server, as whom, which namespace.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Which server")]
pub(super) struct Reach {
    /// The server's address [default: DAGTRAIL_SERVER, else http://127.0.0.1:8080; of the plugin: through the cluster]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// File with the token that proves who asks; DAGTRAIL_TOKEN may have the token itself
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// PEM file with the authorities of a server that speaks TLS [default: the system's]
    #[arg(long, value_name = "FILE")]
    certificate_authority: Option<PathBuf>,
    /// Whom the certificate is for, through a cluster [default: dagtrail.NAMESPACE.svc, of the server's namespace]
    #[arg(long, value_name = "NAME", conflicts_with = "server")]
    tls_server_name: Option<String>,
    /// Reach the server through the cluster of the kubeconfig; implied by --context and --kubeconfig
    #[arg(long, conflicts_with = "server")]
    port_forward: bool,
    /// The kubeconfig's context
    #[arg(long, conflicts_with = "server")]
    context: Option<String>,
    /// The kubeconfig [default: as kubectl]
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    kubeconfig: Option<PathBuf>,
    /// Where in the cluster the server is
    #[arg(long, value_name = "NAMESPACE", default_value = "dagtrail-system")]
    server_namespace: String,
    /// Whose short token is shown to the server, without --token-file; of the server's namespace unless it names one
    #[arg(
        long,
        value_name = "[NAMESPACE/]NAME",
        default_value = "dagtrail-reader"
    )]
    service_account: String,
    /// Only executions of this namespace [default: all; through a cluster: the context's]
    #[arg(short, long)]
    pub(super) namespace: Option<String>,
    /// Executions of all namespaces
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
    /// Set by the name under which the program was called.
    #[arg(skip)]
    pub(super) is_plugin: bool,
}

/// A server that can be asked, and for which namespace.
pub(super) struct Reached {
    pub(super) client: Client,
    /// `None`: all that the token may read.
    pub(super) namespace: Option<String>,
}

impl Reached {
    /// The namespace as the list's filter.
    pub(super) fn query(&self) -> Query {
        let namespace = self.namespace.iter();
        namespace
            .map(|namespace| ("project_id", namespace.clone()))
            .collect()
    }
}

impl Reach {
    /// Whether a server is named.
    pub(super) fn names_server(&self) -> bool {
        self.server.is_some() || self.port_forward
    }

    /// Whether a cluster is named.
    pub(super) fn names_cluster(&self) -> bool {
        self.context.is_some() || self.kubeconfig.is_some()
    }

    /// The cluster of the kubeconfig that is named, else of the ServiceAccount in a Pod, else of the kubeconfig; and the
    /// namespace that the server is in.
    pub(super) async fn cluster(&self) -> anyhow::Result<(kube::Client, String)> {
        if !self.names_cluster() && env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
            let client = kube::Client::try_default().await?;
            let namespace = client.default_namespace().to_owned();
            return Ok((client, namespace));
        }
        let cluster = Cluster::of(self.kubeconfig.as_deref(), self.context.as_deref()).await?;
        Ok((cluster.client, self.server_namespace.clone()))
    }

    /// Finds the server; asks it nothing yet.
    pub(super) async fn reach(&self) -> anyhow::Result<Reached> {
        let through = self.port_forward || self.context.is_some() || self.kubeconfig.is_some();
        let token = self.token()?;
        // What is typed wins over the environment.
        let given = match &self.server {
            Some(server) => Some(server.clone()),
            None if through => None,
            None => env::var("DAGTRAIL_SERVER")
                .ok()
                .filter(|given| !given.is_empty()),
        };
        if through || (self.is_plugin && given.is_none()) {
            return self.through_cluster(token).await;
        }
        let base = Base::parse(given.as_deref().unwrap_or(HERE))?;
        let connector = Connector::direct(&base, self.certificate_authority.as_deref())?;
        Ok(Reached {
            client: Client::new(connector, base, token.as_deref())?,
            namespace: self.namespace.clone(),
        })
    }

    async fn through_cluster(&self, token: Option<String>) -> anyhow::Result<Reached> {
        let cluster = Cluster::of(self.kubeconfig.as_deref(), self.context.as_deref()).await?;
        let tunnel = cluster.tunnel(&self.server_namespace).await?;
        let token = match token {
            Some(token) => Some(token),
            None => {
                let own = (&*self.server_namespace, &*self.service_account);
                let (namespace, name) = self.service_account.split_once('/').unwrap_or(own);
                cluster.token(namespace, name).await?
            }
        };
        let base = Base::tunnel(tunnel.name());
        let connector = self.connector(tunnel)?;
        let namespace = match &self.namespace {
            Some(namespace) => Some(namespace.clone()),
            None => (!self.all_namespaces).then_some(cluster.namespace),
        };
        Ok(Reached {
            client: Client::new(connector, base, token.as_deref())?,
            namespace,
        })
    }

    /// Through a tunnel; with TLS inside if the Pod says that it speaks it, or somebody says how to check that.
    fn connector(&self, tunnel: Tunnel) -> anyhow::Result<Connector> {
        let authorities = self.certificate_authority.as_deref();
        if authorities.is_none() && self.tls_server_name.is_none() && !tunnel.is_encrypted() {
            return Ok(Connector::tunnel(tunnel));
        }
        let service = format!("dagtrail.{}.svc", self.server_namespace);
        let name = self.tls_server_name.as_deref().unwrap_or(&service);
        Ok(Connector::encrypted_tunnel(tunnel, name, authorities)?)
    }

    fn token(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.token_file else {
            let given = env::var("DAGTRAIL_TOKEN").ok();
            return Ok(given.filter(|token| !token.is_empty()));
        };
        let read = fs::read_to_string(path)
            .with_context(|| format!("--token-file {} cannot be read", path.display()))?;
        let token = read.trim();
        if token.is_empty() {
            bail!("--token-file {} is empty", path.display());
        }
        Ok(Some(token.to_owned()))
    }
}
