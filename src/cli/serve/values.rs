//! What flags and keys have for values. Pure.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::app::Engine;
use crate::telemetry::{Level, LogFormat};

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum KubeMode {
    /// If there is a kubeconfig, or a ServiceAccount in a Pod
    Auto,
    /// Never
    Off,
    /// Always: without one, do not start
    Required,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum EngineName {
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

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Format {
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

#[derive(Clone, Copy, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum LevelName {
    /// What has failed
    Error,
    /// What somebody should look at
    Warn,
    /// What is worth knowing
    Info,
    /// What helps to find a fault
    Debug,
    /// Everything
    Trace,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Error => Self::ERROR,
            LevelName::Warn => Self::WARN,
            LevelName::Info => Self::INFO,
            LevelName::Debug => Self::DEBUG,
            LevelName::Trace => Self::TRACE,
        }
    }
}

/// A time such as `1h`, `90m` or `1h0m0s`; more than nothing.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(in crate::cli) struct Lasting(pub(in crate::cli) Duration);

impl From<Lasting> for String {
    fn from(lasting: Lasting) -> Self {
        format!("{:?}", lasting.0)
    }
}

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
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Network(pub(super) IpNet);

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.0.to_string()
    }
}

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
