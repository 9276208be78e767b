//! Logs, metrics and traces; every room may import it. Does I/O: logs go to standard error, traces to a collector.

mod metrics;
mod traces;

use std::io::{self, IsTerminal};

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt, FilterFn, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

pub use tracing::Level;

pub use self::metrics::{Labelled, Loss, Metrics, OfKind, Restart};
pub use self::traces::{Error, commit_span, request_span, with_status};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is told of the process, and how.
#[derive(Clone, Debug)]
pub struct Telling {
    /// How log lines look.
    pub format: LogFormat,
    /// What is logged, unless `RUST_LOG` says otherwise.
    pub level: Level,
    /// Where traces go, if anywhere.
    pub traces: Option<String>,
}

impl Telling {
    /// Log lines of the default level, and nothing else.
    #[must_use]
    pub const fn lines(format: LogFormat) -> Self {
        Self {
            format,
            level: Level::INFO,
            traces: None,
        }
    }
}

/// What is logged, which can change.
#[derive(Clone, Debug)]
pub struct Logs(reload::Handle<EnvFilter, Registry>);

impl Logs {
    /// From now on this level and what is worse; `RUST_LOG` wins, if it is set.
    pub fn keep(&self, level: Level) {
        // There is nothing to change where another subscriber was set, as in tests.
        let _ = self.0.reload(filter(level));
    }
}

/// Logs and traces that have been started.
#[derive(Debug)]
pub struct Telemetry {
    logs: Logs,
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// What is logged.
    #[must_use]
    pub fn logs(&self) -> Logs {
        self.logs.clone()
    }

    /// Sends the traces that are not sent yet; waits for at most two seconds.
    pub async fn finish(self) {
        if let Some(traces) = self.traces {
            traces::finish(traces).await;
        }
    }
}

/// Of libraries less is logged: the engine tells of every file that it opens.
const LIBRARIES: &str = "kube_client=warn,fjall=warn,lsm_tree=warn";

fn filter(level: Level) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        let level = level.as_str().to_lowercase();
        // Who only wants errors wants none of their warnings.
        EnvFilter::new(match level.as_str() {
            "error" => level,
            _ => format!("{level},{LIBRARIES}"),
        })
    })
}

/// A layer that writes lines.
type Lines = Box<dyn Layer<Registry> + Send + Sync>;

/// The layer that writes lines, and the handle on what it writes.
fn lines(telling: &Telling) -> (Lines, reload::Handle<EnvFilter, Registry>) {
    let (filter, handle) = reload::Layer::new(filter(telling.level));
    // Spans are for traces alone: no line has them before it.
    let filter = filter.and(by_target(|target| target != traces::TARGET));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    let lines = match telling.format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    };
    (lines, handle)
}

/// A filter by target, for any level. It says that it is: otherwise nothing could be left out by its level before the target
/// is looked at, and the engine, which tells of every record that it reads, would be listened to each time.
fn by_target(is_wanted: fn(&str) -> bool) -> FilterFn<impl Fn(&Metadata<'_>) -> bool> {
    filter_fn(move |of| is_wanted(of.target())).with_max_level_hint(LevelFilter::TRACE)
}

/// Starts logging to standard error, and sending traces if they are to go anywhere, which needs the runtime. `RUST_LOG`
/// chooses what is logged; without it the level does, of libraries less. Colours only where somebody looks. Where a
/// subscriber is set already nothing changes.
///
/// # Errors
///
/// If traces cannot be sent to where they are to go.
pub fn start(telling: &Telling) -> Result<Telemetry, Error> {
    let provider = telling.traces.as_deref().map(traces::provider);
    let provider = provider.transpose()?;
    let (lines, handle) = lines(telling);
    let mut layers = vec![lines];
    if let Some(provider) = &provider {
        let filter = by_target(|target| target == traces::TARGET);
        let filter = filter.with_max_level_hint(Level::INFO);
        layers.push(traces::layer(provider).with_filter(filter).boxed());
    }
    // Fails only where a subscriber is set already, as in tests.
    let _ = tracing_subscriber::registry().with(layers).try_init();
    Ok(Telemetry {
        logs: Logs(handle),
        traces: provider,
    })
}

#[cfg(test)]
mod tests {
    use tracing::Subscriber;

    use super::*;

    #[test]
    fn what_is_below_the_level_is_left_out_before_anything_looks_at_it() {
        for level in [Level::ERROR, Level::INFO, Level::TRACE] {
            let telling = Telling {
                level,
                ..Telling::lines(LogFormat::Json)
            };
            let (lines, handle) = lines(&telling);
            let all = tracing_subscriber::registry().with(vec![lines]);
            let most = |level| filter(level).max_level_hint();
            assert!(most(level).is_some());
            assert_eq!(all.max_level_hint(), most(level));
            // Also after it was changed.
            handle.reload(filter(Level::DEBUG)).unwrap();
            assert_eq!(all.max_level_hint(), most(Level::DEBUG));
        }
    }
}
