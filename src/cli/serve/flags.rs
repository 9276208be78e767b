//! The flags of `serve`, which are the keys of its file too. Pure.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::values::{EngineName, Format, KubeMode, Lasting, LevelName, Network};
use crate::retention::{Age, Bytes, Most};

/// What can be set. In a file the same names, in camelCase.
#[derive(Clone, Debug, Default, clap::Args, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::cli) struct Args {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "DAGTRAIL_LISTEN")]
    pub(super) listen: Option<SocketAddr>,
    /// Folder that the history is kept in [default: ./dagtrail-data]
    #[arg(long, env = "DAGTRAIL_DATA_DIR", conflicts_with = "in_memory")]
    pub(super) data_dir: Option<PathBuf>,
    /// Keep the history in memory only: it ends with the process
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    pub(super) in_memory: Option<bool>,
    /// Whether to watch a cluster [default: auto; of the demo: off]
    #[arg(long, env = "DAGTRAIL_KUBE")]
    pub(super) kube: Option<KubeMode>,
    /// The cluster's name in origins [default: the uid of namespace kube-system]
    #[arg(long, env = "DAGTRAIL_CLUSTER_NAME")]
    pub(super) cluster_name: Option<String>,
    /// The one namespace to watch [default: all of them]
    #[arg(long, env = "DAGTRAIL_WATCH_NAMESPACE", value_name = "NAME")]
    pub(super) watch_namespace: Option<String>,
    /// Workflow engines whose objects are watched, beside Executions, Jobs, Pods and Events [default: all that are known]
    #[arg(
        long,
        env = "DAGTRAIL_ENGINES",
        value_name = "NAMES",
        value_delimiter = ',',
        num_args = 0..=1
    )]
    pub(super) engines: Option<Vec<EngineName>>,
    /// How long the API server keeps an Event, its flag of this name [default: 1h]
    #[arg(long, env = "DAGTRAIL_EVENT_TTL")]
    pub(super) event_ttl: Option<Lasting>,
    /// YAML file with the hashed tokens of those who may ask [default: nobody is asked who they are]
    #[arg(long, env = "DAGTRAIL_TOKEN_FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// How long an execution is kept after it was last told of, such as 30d, or off [default: off]
    #[arg(long, env = "DAGTRAIL_RETENTION", value_name = "TIME")]
    pub(super) retention: Option<Age>,
    /// How many bytes of rows are kept, such as 8Gi, or off; beyond them the oldest executions go [default: off]
    #[arg(long, env = "DAGTRAIL_RETENTION_MAX_BYTES", value_name = "BYTES")]
    pub(super) retention_max_bytes: Option<Bytes>,
    /// How many rows of an execution are kept, or off; beyond them the oldest rows go [default: off]
    #[arg(long, env = "DAGTRAIL_RETENTION_MAX_ROWS", value_name = "ROWS")]
    pub(super) retention_max_rows: Option<Most>,
    /// YAML file that says of some executions how long they are kept; flags win over what it says of all
    #[arg(long, env = "DAGTRAIL_RETENTION_FILE", value_name = "FILE")]
    pub(super) retention_file: Option<PathBuf>,
    /// How often workers that tell of themselves by the Dataflow API are told to report [default: as they do]
    #[arg(long, env = "DAGTRAIL_DATAFLOW_REPORT_INTERVAL")]
    pub(super) dataflow_report_interval: Option<Lasting>,
    /// Key file, 32 bytes or more, for the short-lived tokens that Genomcore clients renew [default: none are signed]
    #[arg(long, env = "DAGTRAIL_GENOMCORE_KEY_FILE")]
    pub(super) genomcore_key_file: Option<PathBuf>,
    /// Ask the cluster's API server whose a bearer token is and what they may: executions/events of dagtrail.dev
    #[arg(long, env = "DAGTRAIL_AUTH_KUBERNETES", num_args = 0..=1, default_missing_value = "true")]
    pub(super) auth_kubernetes: Option<bool>,
    /// For whom those tokens have to be; may be given several times [default: dagtrail]
    #[arg(
        long = "auth-audience",
        env = "DAGTRAIL_AUTH_AUDIENCE",
        value_name = "NAME",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub(super) auth_audiences: Vec<String>,
    /// Take tokens, too, that are for the API server itself: this server could use them in their holder's name
    #[arg(long, env = "DAGTRAIL_AUTH_API_AUDIENCE", num_args = 0..=1, default_missing_value = "true")]
    pub(super) auth_api_audience: Option<bool>,
    /// PEM file with the certificate and the chain behind it: connections are encrypted
    #[arg(long, env = "DAGTRAIL_TLS_CERT", value_name = "FILE")]
    pub(super) tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's key
    #[arg(long, env = "DAGTRAIL_TLS_KEY", value_name = "FILE")]
    pub(super) tls_key: Option<PathBuf>,
    /// Connections at a time [default: 2000]
    #[arg(long, env = "DAGTRAIL_MAX_CONNECTIONS", value_name = "NUMBER")]
    pub(super) max_connections: Option<NonZeroU32>,
    /// Open streams at a time, and sockets on which events go out; 0: no limit [default: 1000]
    #[arg(long, env = "DAGTRAIL_MAX_STREAMS", value_name = "NUMBER")]
    pub(super) max_streams: Option<u32>,
    /// Of one user; 0: no limit [default: 50]
    #[arg(long, env = "DAGTRAIL_MAX_STREAMS_PER_USER", value_name = "NUMBER")]
    pub(super) max_streams_per_user: Option<u32>,
    /// Reads a second of one user, three times as many at once; 0: no limit [default: 50]
    #[arg(long, env = "DAGTRAIL_READS_PER_SECOND", value_name = "NUMBER")]
    pub(super) reads_per_second: Option<u32>,
    /// Writes a second of one user, five times as many at once; 0: no limit [default: 20]
    #[arg(long, env = "DAGTRAIL_WRITES_PER_SECOND", value_name = "NUMBER")]
    pub(super) writes_per_second: Option<u32>,
    /// Serve on an address that others can reach although nobody is asked who they are
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    pub(super) insecure_no_auth: Option<bool>,
    /// Network of a proxy that is believed when it says who asks, such as 10.0.0.0/8; may be given several times
    #[arg(
        long = "trusted-proxy",
        env = "DAGTRAIL_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub(super) trusted_proxies: Vec<Network>,
    /// Label by which a Pod is somebody's Nublado lab; without a value nublado.lsst.io/user [default: no Pod is a lab]
    #[arg(
        long,
        env = "DAGTRAIL_NUBLADO_USER_LABEL",
        value_name = "LABEL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "nublado.lsst.io/user"
    )]
    pub(super) nublado_user_label: Option<String>,
    /// Version of Prefect that its clients are told: they refuse another major version [default: 3.9.1]
    #[arg(long, env = "DAGTRAIL_PREFECT_VERSION")]
    pub(super) prefect_version: Option<String>,
    /// MiB of answered histories that are kept for who asks again; 0: none [default: 32]
    #[arg(long, env = "DAGTRAIL_HISTORY_CACHE_MIB", value_name = "MIB")]
    pub(super) history_cache_mib: Option<u16>,
    /// Folder with reasons of your own: zh.ftl and en.ftl, also in folders of it; read again when it changes
    #[arg(long, env = "DAGTRAIL_CATALOG_DIR", value_name = "FOLDER")]
    pub(super) catalog_dir: Option<PathBuf>,
    /// Namespaces whose ConfigMaps with the label dagtrail.dev/catalog=true have reasons of your own [default: none]
    #[arg(
        long,
        env = "DAGTRAIL_CATALOG_NAMESPACES",
        value_name = "NAMES",
        value_delimiter = ','
    )]
    #[serde(default)]
    pub(super) catalog_namespaces: Vec<String>,
    /// Where traces are sent by OTLP over HTTP, such as http://collector:4318 [default: nowhere]
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub(super) otlp_endpoint: Option<String>,
    /// What is logged, this and what is worse; RUST_LOG wins [default: info]
    #[arg(long, env = "DAGTRAIL_LOG_LEVEL")]
    pub(super) log_level: Option<LevelName>,
    /// How log lines look [default: text]
    #[arg(long, env = "DAGTRAIL_LOG_FORMAT")]
    pub(super) log_format: Option<Format>,
    /// YAML file with any of these settings
    #[arg(long, env = "DAGTRAIL_CONFIG")]
    #[serde(skip)]
    pub(super) config: Option<PathBuf>,
}
