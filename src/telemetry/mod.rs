//! Logs and metrics; every room may import it. Does I/O: logs go to standard error.

mod metrics;

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use self::metrics::{Labelled, Loss, Metrics, OfKind, Restart};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged without `RUST_LOG`. The engine tells of every file that it opens.
const DEFAULT: &str = "info,kube_client=warn,fjall=warn,lsm_tree=warn";

/// Starts logging to standard error. `RUST_LOG` chooses; without it: `info`, of libraries less. Colours only where
/// somebody looks. A second call does nothing.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    // Fails only where a subscriber is set already, as in tests.
    let _ = match format {
        LogFormat::Text => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json()).try_init(),
    };
}
