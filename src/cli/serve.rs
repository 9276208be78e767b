//! `dagtrail serve`: flags over environment over file over defaults. Does I/O.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::{Args as _, ValueEnum};
use ipnet::IpNet;
use serde::Deserialize;

use super::config;
use crate::app::{self, App, Engine, Kube, Settings};
use crate::server::{Audiences, Limits, listener};
use crate::telemetry::{self, LogFormat};

/// Port 8080 on this machine only.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Room for over a thousand executions of 50 rows.
const HISTORY_CACHE_MIB: u16 = 32;
pub(super) const DATA_DIR: &str = "./dagtrail-data";
/// Whom Kubernetes' tokens are to be for; what `dagtrail get` asks for, through a cluster, is for the same.
const AUDIENCE: &str = "dagtrail";

/// What can be set. In a file the same names, in camelCase.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Args {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "DAGTRAIL_LISTEN")]
    listen: Option<SocketAddr>,
    /// Folder that the history is kept in [default: ./dagtrail-data]
    #[arg(long, env = "DAGTRAIL_DATA_DIR", conflicts_with = "in_memory")]
    data_dir: Option<PathBuf>,
    /// Keep the history in memory only: it ends with the process
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    in_memory: Option<bool>,
    /// Whether to watch a cluster [default: auto; of the demo: off]
    #[arg(long, env = "DAGTRAIL_KUBE")]
    kube: Option<KubeMode>,
    /// The cluster's name in origins [default: the uid of namespace kube-system]
    #[arg(long, env = "DAGTRAIL_CLUSTER_NAME")]
    cluster_name: Option<String>,
    /// The one namespace to watch [default: all of them]
    #[arg(long, env = "DAGTRAIL_WATCH_NAMESPACE", value_name = "NAME")]
    watch_namespace: Option<String>,
    /// Workflow engines whose objects are watched, beside Executions, Jobs, Pods and Events [default: all that are known]
    #[arg(
        long,
        env = "DAGTRAIL_ENGINES",
        value_name = "NAMES",
        value_delimiter = ',',
        num_args = 0..=1
    )]
    engines: Option<Vec<EngineName>>,
    /// How long the API server keeps an Event, its flag of this name [default: 1h]
    #[arg(long, env = "DAGTRAIL_EVENT_TTL")]
    event_ttl: Option<Lasting>,
    /// YAML file with the hashed tokens of those who may ask [default: nobody is asked who they are]
    #[arg(long, env = "DAGTRAIL_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// How often workers that tell of themselves by the Dataflow API are told to report [default: as they do]
    #[arg(long, env = "DAGTRAIL_DATAFLOW_REPORT_INTERVAL")]
    dataflow_report_interval: Option<Lasting>,
    /// Key file, 32 bytes or more, for the short-lived tokens that Genomcore clients renew [default: none are signed]
    #[arg(long, env = "DAGTRAIL_GENOMCORE_KEY_FILE")]
    genomcore_key_file: Option<PathBuf>,
    /// Ask the cluster's API server whose a bearer token is and what they may: executions/events of dagtrail.dev
    #[arg(long, env = "DAGTRAIL_AUTH_KUBERNETES", num_args = 0..=1, default_missing_value = "true")]
    auth_kubernetes: Option<bool>,
    /// For whom those tokens have to be; may be given several times [default: dagtrail]
    #[arg(
        long = "auth-audience",
        env = "DAGTRAIL_AUTH_AUDIENCE",
        value_name = "NAME",
        value_delimiter = ','
    )]
    #[serde(default)]
    auth_audiences: Vec<String>,
    /// Take tokens, too, that are for the API server itself: this server could use them in their holder's name
    #[arg(long, env = "DAGTRAIL_AUTH_API_AUDIENCE", num_args = 0..=1, default_missing_value = "true")]
    auth_api_audience: Option<bool>,
    /// PEM file with the certificate and the chain behind it: connections are encrypted
    #[arg(long, env = "DAGTRAIL_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's key
    #[arg(long, env = "DAGTRAIL_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Connections at a time [default: 2000]
    #[arg(long, env = "DAGTRAIL_MAX_CONNECTIONS", value_name = "NUMBER")]
    max_connections: Option<NonZeroU32>,
    /// Open streams at a time, and sockets on which events go out; 0: no limit [default: 1000]
    #[arg(long, env = "DAGTRAIL_MAX_STREAMS", value_name = "NUMBER")]
    max_streams: Option<u32>,
    /// Of one user; 0: no limit [default: 50]
    #[arg(long, env = "DAGTRAIL_MAX_STREAMS_PER_USER", value_name = "NUMBER")]
    max_streams_per_user: Option<u32>,
    /// Reads a second of one user, three times as many at once; 0: no limit [default: 50]
    #[arg(long, env = "DAGTRAIL_READS_PER_SECOND", value_name = "NUMBER")]
    reads_per_second: Option<u32>,
    /// Writes a second of one user, five times as many at once; 0: no limit [default: 20]
    #[arg(long, env = "DAGTRAIL_WRITES_PER_SECOND", value_name = "NUMBER")]
    writes_per_second: Option<u32>,
    /// Serve on an address that others can reach although nobody is asked who they are
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    insecure_no_auth: Option<bool>,
    /// Network of a proxy that is believed when it says who asks, such as 10.0.0.0/8; may be given several times
    #[arg(
        long = "trusted-proxy",
        env = "DAGTRAIL_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    #[serde(default)]
    trusted_proxies: Vec<Network>,
    /// Label by which a Pod is somebody's Nublado lab; without a value nublado.lsst.io/user [default: no Pod is a lab]
    #[arg(
        long,
        env = "DAGTRAIL_NUBLADO_USER_LABEL",
        value_name = "LABEL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "nublado.lsst.io/user"
    )]
    nublado_user_label: Option<String>,
    /// Version of Prefect that its clients are told: they refuse another major version [default: 3.9.1]
    #[arg(long, env = "DAGTRAIL_PREFECT_VERSION")]
    prefect_version: Option<String>,
    /// MiB of answered histories that are kept for who asks again; 0: none [default: 32]
    #[arg(long, env = "DAGTRAIL_HISTORY_CACHE_MIB", value_name = "MIB")]
    history_cache_mib: Option<u16>,
    /// How log lines look [default: text]
    #[arg(long, env = "DAGTRAIL_LOG_FORMAT")]
    log_format: Option<Format>,
    /// YAML file with any of these settings
    #[arg(long, env = "DAGTRAIL_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KubeMode {
    /// If there is a kubeconfig, or a ServiceAccount in a Pod
    Auto,
    /// Never
    Off,
    /// Always: without one, do not start
    Required,
}

#[derive(Clone, Copy, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EngineName {
    /// Argo Workflows
    Argo,
    /// Tekton Pipelines
    Tekton,
    /// KubeGene
    Kubegene,
    /// Volcano
    Volcano,
    /// Kueue
    Kueue,
}

impl From<EngineName> for Engine {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Argo => Self::Argo,
            EngineName::Tekton => Self::Tekton,
            EngineName::Kubegene => Self::Kubegene,
            EngineName::Volcano => Self::Volcano,
            EngineName::Kueue => Self::Kueue,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

impl From<Format> for LogFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

/// A time such as `1h`, `90m` or `1h0m0s`; more than nothing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Lasting(pub(super) Duration);

impl FromStr for Lasting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time: jiff::SignedDuration = text.parse().map_err(|error| format!("{error}"))?;
        let time = Duration::try_from(time).ok().filter(|time| !time.is_zero());
        time.map(Self)
            .ok_or_else(|| "it must be longer than nothing".into())
    }
}

impl TryFrom<String> for Lasting {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// A network, or one address.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let net = text.parse::<IpNet>();
        net.or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| format!("{text:?} is no network such as 10.0.0.0/8, and no address"))
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Args {
    /// What the flags leave open is taken from the file, and what that leaves open stays open.
    fn with_file(self) -> anyhow::Result<Self> {
        let Some(path) = &self.config else {
            return Ok(self);
        };
        let file = read(path)
            .with_context(|| format!("the configuration {} cannot be used", path.display()))?;
        Ok(Self {
            listen: self.listen.or(file.listen),
            data_dir: if self.in_memory.is_some() {
                self.data_dir
            } else {
                self.data_dir.or(file.data_dir)
            },
            in_memory: self.in_memory.or(file.in_memory),
            kube: self.kube.or(file.kube),
            cluster_name: self.cluster_name.or(file.cluster_name),
            watch_namespace: self.watch_namespace.or(file.watch_namespace),
            engines: self.engines.or(file.engines),
            event_ttl: self.event_ttl.or(file.event_ttl),
            token_file: self.token_file.or(file.token_file),
            dataflow_report_interval: self
                .dataflow_report_interval
                .or(file.dataflow_report_interval),
            genomcore_key_file: self.genomcore_key_file.or(file.genomcore_key_file),
            auth_kubernetes: self.auth_kubernetes.or(file.auth_kubernetes),
            auth_audiences: if self.auth_audiences.is_empty() {
                file.auth_audiences
            } else {
                self.auth_audiences
            },
            auth_api_audience: self.auth_api_audience.or(file.auth_api_audience),
            tls_cert: self.tls_cert.or(file.tls_cert),
            tls_key: self.tls_key.or(file.tls_key),
            max_connections: self.max_connections.or(file.max_connections),
            max_streams: self.max_streams.or(file.max_streams),
            max_streams_per_user: self.max_streams_per_user.or(file.max_streams_per_user),
            reads_per_second: self.reads_per_second.or(file.reads_per_second),
            writes_per_second: self.writes_per_second.or(file.writes_per_second),
            insecure_no_auth: self.insecure_no_auth.or(file.insecure_no_auth),
            trusted_proxies: if self.trusted_proxies.is_empty() {
                file.trusted_proxies
            } else {
                self.trusted_proxies
            },
            nublado_user_label: self.nublado_user_label.or(file.nublado_user_label),
            prefect_version: self.prefect_version.or(file.prefect_version),
            history_cache_mib: self.history_cache_mib.or(file.history_cache_mib),
            log_format: self.log_format.or(file.log_format),
            config: self.config,
        })
    }

    fn limits(&self) -> Limits {
        let default = Limits::default();
        let most = |given: Option<u32>, default| given.map_or(default, |most| most as usize);
        let rate = |given: Option<u32>, default| given.map_or(default, NonZeroU32::new);
        Limits {
            reads: rate(self.reads_per_second, default.reads),
            writes: rate(self.writes_per_second, default.writes),
            streams: most(self.max_streams, default.streams),
            streams_each: most(self.max_streams_per_user, default.streams_each),
            ..default
        }
    }

    /// The same, but with no cluster unless one is asked for: to try the product must not write into somebody's.
    pub(super) fn alone(self) -> anyhow::Result<Self> {
        let args = self.with_file()?;
        Ok(Self {
            kube: args.kube.or(Some(KubeMode::Off)),
            ..args
        })
    }

    /// All that was left open filled with its default.
    pub(super) fn settings(self) -> anyhow::Result<(Settings, LogFormat)> {
        let args = self.with_file()?;
        let limits = args.limits();
        let data = args.data_dir.unwrap_or_else(|| DATA_DIR.into());
        let settings = Settings {
            auth_kubernetes: args.auth_kubernetes == Some(true),
            audiences: Audiences {
                names: if args.auth_audiences.is_empty() {
                    vec![AUDIENCE.to_owned()]
                } else {
                    args.auth_audiences
                },
                api_server: args.auth_api_audience == Some(true),
            },
            tls: match (args.tls_cert, args.tls_key) {
                (Some(certificate), Some(key)) => Some((certificate, key)),
                (None, None) => None,
                _ => anyhow::bail!("--tls-cert and --tls-key belong together: one is missing"),
            },
            connections: args
                .max_connections
                .map_or(listener::CONNECTIONS, |most| most.get() as usize),
            limits,
            listen: args.listen.unwrap_or(LISTEN),
            store: if args.in_memory == Some(true) {
                "memory:".into()
            } else {
                data.display().to_string()
            },
            kube: match args.kube.unwrap_or(KubeMode::Auto) {
                KubeMode::Auto => Kube::Auto,
                KubeMode::Off => Kube::Off,
                KubeMode::Required => Kube::Required,
            },
            cluster_name: args.cluster_name,
            watch_namespace: args.watch_namespace,
            engines: args
                .engines
                .map(|names| names.into_iter().map(Engine::from).collect()),
            event_ttl: args.event_ttl.map(|ttl| ttl.0),
            token_file: args.token_file,
            report_interval: args
                .dataflow_report_interval
                .map_or(Duration::ZERO, |interval| interval.0),
            genomcore_key_file: args.genomcore_key_file,
            insecure_no_auth: args.insecure_no_auth == Some(true),
            trusted_proxies: args.trusted_proxies.iter().map(|net| net.0).collect(),
            nublado_user_label: args.nublado_user_label.filter(|label| !label.is_empty()),
            prefect_version: args.prefect_version,
            history_cache: u64::from(args.history_cache_mib.unwrap_or(HISTORY_CACHE_MIB)) << 20,
        };
        let format = args.log_format.unwrap_or(Format::Text);
        Ok((settings, format.into()))
    }
}

fn read(path: &Path) -> anyhow::Result<Args> {
    let text = fs::read_to_string(path)?;
    // An empty file sets nothing.
    if text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(Args::default());
    }
    let names = Args::augment_args(clap::Command::new("serve"));
    let names = names.get_arguments().map(|flag| flag.get_id().as_str());
    config::check_names(&text, names.filter(|name| *name != "config"))?;
    Ok(serde_saphyr::from_str(&text)?)
}

/// Whether a file of settings would be taken.
pub(super) fn check(path: &Path) -> anyhow::Result<()> {
    let args = Args {
        config: Some(path.to_owned()),
        ..Args::default()
    };
    args.settings().map(|_| ())
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let (settings, format) = args.settings()?;
    telemetry::start(format);
    app::block_on(async move {
        let app = App::start(settings).await?;
        eprintln!(
            "dagtrail listens on {}, history in {}",
            app.url(),
            app.store_place()
        );
        eprintln!("  the page: {}/", app.url());
        eprintln!("  curl -s {}/v1/executions", app.url());
        app.run_until_signal().await
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &[&str]) -> Args {
        Line::parse_from([&["dagtrail"], line].concat()).args
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(
            &file,
            "listen: 127.0.0.1:9000\nkube: required\nclusterName: from-file\n",
        )
        .unwrap();
        let path = file.path().to_str().unwrap();
        let (settings, _) = parse(&["--config", path, "--kube", "off"])
            .settings()
            .unwrap();
        assert_eq!(settings.listen.port(), 9000);
        assert_eq!(settings.kube, Kube::Off);
        assert_eq!(settings.cluster_name.as_deref(), Some("from-file"));
        assert_eq!(settings.store, DATA_DIR);
    }

    #[test]
    fn a_time_is_read_as_the_api_server_reads_it() {
        let ttl = |line: &[&str]| parse(line).settings().unwrap().0.event_ttl;
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
        assert_eq!(ttl(&["--event-ttl", "3h0m0s"]), hours(3));
        assert_eq!(ttl(&["--event-ttl", "60m"]), hours(1));
        assert_eq!(ttl(&[]), None);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "eventTtl: 2h\n").unwrap();
        assert_eq!(ttl(&["--config", file.path().to_str().unwrap()]), hours(2));
        for wrong in ["0s", "-1h", "soon", ""] {
            assert!(wrong.parse::<Lasting>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn engines_are_all_some_or_none() {
        let engines = |line: &[&str]| parse(line).settings().unwrap().0.engines;
        assert_eq!(engines(&[]), None);
        assert_eq!(engines(&["--engines"]), Some(vec![]));
        let some = Some(vec![Engine::Argo, Engine::Kueue]);
        assert_eq!(engines(&["--engines=argo,kueue"]), some);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "engines: [argo, kueue]\nwatchNamespace: team-a\n").unwrap();
        let path = file.path().to_str().unwrap();
        assert_eq!(engines(&["--config", path]), some);
        let settings = parse(&["--config", path]).settings().unwrap().0;
        assert_eq!(settings.watch_namespace.as_deref(), Some("team-a"));
        assert!(Line::try_parse_from(["dagtrail", "--engines=airflow"]).is_err());
    }

    #[test]
    fn proxies_are_networks_or_addresses_and_a_lab_is_off_unless_asked_for() {
        let settings = |line: &[&str]| parse(line).settings().unwrap().0;
        let shown = |settings: &Settings| {
            let nets = settings.trusted_proxies.iter();
            nets.map(ToString::to_string).collect::<Vec<_>>()
        };
        let given = ["--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "::1"];
        let given = settings(&[&given[..], &["--nublado-user-label"]].concat());
        assert_eq!(shown(&given), ["10.0.0.0/8", "::1/128"]);
        let label = |settings: Settings| settings.nublado_user_label;
        assert_eq!(label(given).as_deref(), Some("nublado.lsst.io/user"));
        assert_eq!(label(settings(&[])), None);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(
            &file,
            "trustedProxies: [10.1.0.0/16]\nnubladoUserLabel: lab/of\n",
        )
        .unwrap();
        let given = settings(&["--config", file.path().to_str().unwrap()]);
        assert_eq!(shown(&given), ["10.1.0.0/16"]);
        assert_eq!(label(given).as_deref(), Some("lab/of"));
        for wrong in ["10.0.0.0/33", "localhost", ""] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn alone_is_without_a_cluster_unless_one_is_asked_for() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "kube: required\n").unwrap();
        let path = file.path().to_str().unwrap();
        for (line, kube) in [
            (&[][..], Kube::Off),
            (&["--kube", "auto"], Kube::Auto),
            (&["--config", path], Kube::Required),
        ] {
            let (settings, _) = parse(line).alone().unwrap().settings().unwrap();
            assert_eq!(settings.kube, kube, "{line:?}");
        }
    }

    #[test]
    fn a_setting_that_does_not_exist_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "lisen: 127.0.0.1:9000\n").unwrap();
        let error = parse(&["--config", file.path().to_str().unwrap()])
            .settings()
            .unwrap_err();
        let error = format!("{error:#}");
        assert!(
            error.ends_with("there is no setting lisen: did you mean listen?"),
            "{error}"
        );
    }
}
