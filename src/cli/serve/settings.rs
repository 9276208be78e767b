//! What flags and file mean together with the defaults. Pure, but for the file.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::Context;

use super::Args;
use super::values::{Format, KubeMode, LevelName};
use crate::app::{Engine, Kube, Settings};
use crate::model::Rules;
use crate::retention;
use crate::server::{Audiences, Limits, listener};
use crate::telemetry::{Level, Telling};

/// Port 8080 on this machine only.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Room for over a thousand executions of 50 rows.
const HISTORY_CACHE_MIB: u16 = 32;
pub(in crate::cli) const DATA_DIR: &str = "./dagtrail-data";
/// Whom Kubernetes' tokens are to be for; what `dagtrail get` asks for, through a cluster, is for the same.
const AUDIENCE: &str = "dagtrail";

impl Args {
    /// How much may be asked.
    pub(super) fn limits(&self) -> Limits {
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
    ///
    /// # Errors
    ///
    /// If there is a file that cannot be used.
    pub(in crate::cli) fn alone(self) -> anyhow::Result<Self> {
        let args = self.with_file()?;
        Ok(Self {
            kube: args.kube.or(Some(KubeMode::Off)),
            ..args
        })
    }

    /// How long histories are kept.
    fn rules(&self) -> anyhow::Result<Rules> {
        let mut rules = match &self.retention_file {
            None => Rules::default(),
            Some(path) => {
                let read = || anyhow::Ok(retention::parse(&fs::read_to_string(path)?)?);
                read().with_context(|| {
                    format!(
                        "the rules of retention in {} cannot be used",
                        path.display()
                    )
                })?
            }
        };
        if let Some(age) = self.retention {
            rules.age = age.0;
        }
        if let Some(bytes) = self.retention_max_bytes {
            rules.bytes = bytes.0;
        }
        if let Some(most) = self.retention_max_rows {
            rules.rows = most.0;
        }
        Ok(rules)
    }

    /// What is logged, how, and where traces go.
    pub(in crate::cli) fn telling(&self) -> Telling {
        Telling {
            format: self.log_format.unwrap_or(Format::Text).into(),
            level: self.level(),
            traces: self.otlp_endpoint.clone().filter(|given| !given.is_empty()),
        }
    }

    /// What is logged.
    pub(super) fn level(&self) -> Level {
        self.log_level.unwrap_or(LevelName::Info).into()
    }

    /// All that was left open filled with its default.
    ///
    /// # Errors
    ///
    /// If there is a file that cannot be used, or what does not go together.
    pub(in crate::cli) fn settings(self) -> anyhow::Result<(Settings, Telling)> {
        let args = self.with_file()?;
        let (limits, telling) = (args.limits(), args.telling());
        let rules = args.rules()?;
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
            rules,
            token_file: args.token_file,
            report_interval: args
                .dataflow_report_interval
                .map_or(Duration::ZERO, |interval| interval.0),
            genomcore_key_file: args.genomcore_key_file,
            insecure_no_auth: args.insecure_no_auth == Some(true),
            trusted_proxies: args.trusted_proxies.iter().map(|net| net.0).collect(),
            nublado_user_label: args.nublado_user_label.filter(|label| !label.is_empty()),
            prefect_version: args.prefect_version,
            catalog_dir: args.catalog_dir,
            catalog_namespaces: args.catalog_namespaces,
            history_cache: u64::from(args.history_cache_mib.unwrap_or(HISTORY_CACHE_MIB)) << 20,
        };
        Ok((settings, telling))
    }
}
