//! Flags over the file. Does I/O.

use std::fs;

use anyhow::Context;
use clap::Args as _;

use super::Args;
use crate::cli::config;

impl Args {
    /// What the flags leave open is taken from the file, and what that leaves open stays open.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or has a mistake.
    pub(super) fn with_file(self) -> anyhow::Result<Self> {
        let Some(path) = &self.config else {
            return Ok(self);
        };
        let file = fs::read_to_string(path)
            .map_err(anyhow::Error::from)
            .and_then(|text| read(&text))
            .with_context(|| format!("the configuration {} cannot be used", path.display()))?;
        Ok(self.over(file))
    }

    /// What is set here, and what is not as in another.
    pub(super) fn over(self, file: Self) -> Self {
        Self {
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
            retention: self.retention.or(file.retention),
            retention_max_bytes: self.retention_max_bytes.or(file.retention_max_bytes),
            retention_max_rows: self.retention_max_rows.or(file.retention_max_rows),
            retention_file: self.retention_file.or(file.retention_file),
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
            catalog_dir: self.catalog_dir.or(file.catalog_dir),
            catalog_namespaces: if self.catalog_namespaces.is_empty() {
                file.catalog_namespaces
            } else {
                self.catalog_namespaces
            },
            otlp_endpoint: self.otlp_endpoint.or(file.otlp_endpoint),
            log_level: self.log_level.or(file.log_level),
            log_format: self.log_format.or(file.log_format),
            config: self.config,
        }
    }
}

/// The settings of a file.
///
/// # Errors
///
/// The key that does not exist, or the value that is none.
pub(super) fn read(text: &str) -> anyhow::Result<Args> {
    // An empty file sets nothing.
    if text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(Args::default());
    }
    let names = Args::augment_args(clap::Command::new("serve"));
    let names = names.get_arguments().map(|flag| flag.get_id().as_str());
    config::check_names(text, names.filter(|name| *name != "config"))?;
    Ok(serde_saphyr::from_str(text)?)
}
