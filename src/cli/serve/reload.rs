//! The file of settings, read again when it changes: what can change does, what cannot is told. Does I/O.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use serde_json::Value;

use super::Args;
use super::file::read;
use crate::app::App;
use crate::server::{Gate, follow_files};
use crate::telemetry::{Logs, Metrics};

/// The keys that hold as soon as the file changes; all others do from the next start on.
pub(super) const LIVE: [&str; 5] = [
    "logLevel",
    "maxStreams",
    "maxStreamsPerUser",
    "readsPerSecond",
    "writesPerSecond",
];

/// A file of settings, and the flags that win over it.
pub(super) struct Reload {
    flags: Args,
    path: PathBuf,
    /// What was in it at the start.
    first: Vec<u8>,
    /// What holds.
    used: Args,
}

/// What can change while the process runs.
struct Running {
    gate: Gate,
    logs: Logs,
    metrics: Metrics,
}

impl Reload {
    /// Of the file that is named, if one is.
    ///
    /// # Errors
    ///
    /// If it cannot be read or has a mistake.
    pub(super) fn of(flags: &Args) -> anyhow::Result<Option<Self>> {
        let Some(path) = flags.config.clone() else {
            return Ok(None);
        };
        let shown = || format!("the configuration {} cannot be used", path.display());
        let first = fs::read(&path).with_context(shown)?;
        let text = str::from_utf8(&first).map_err(anyhow::Error::from);
        let file = text.and_then(read).with_context(shown)?;
        Ok(Some(Self {
            flags: flags.clone(),
            used: flags.clone().over(file),
            first,
            path,
        }))
    }

    /// The flags with the file, as both were at the start.
    pub(super) fn args(&self) -> Args {
        Args {
            config: None,
            ..self.used.clone()
        }
    }

    /// Follows it until the process stops.
    pub(super) fn follow(
        mut self,
        app: &App,
        logs: Logs,
    ) -> impl Future<Output = ()> + Send + use<> {
        let running = Running {
            gate: app.gate(),
            logs,
            metrics: app.metrics(),
        };
        let (path, first) = (self.path.clone(), std::mem::take(&mut self.first));
        follow_files(vec![path], vec![first], app.stopping(), move |read| {
            let bytes = read.first().map(Vec::as_slice).unwrap_or_default();
            let changed = self.change(bytes, &running);
            running
                .metrics
                .config_reloaded
                .set(i64::from(changed.is_ok()));
            changed
        })
    }

    fn change(&mut self, bytes: &[u8], running: &Running) -> Result<(), String> {
        let shown = self.path.display();
        let wrong =
            |problem: String| format!("the configuration {shown} cannot be used: {problem}");
        let text = str::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
        let file = read(text).map_err(|error| wrong(format!("{error:#}")))?;
        let next = self.flags.clone().over(file);
        // What does not go together is a mistake as well.
        let settings = Args {
            config: None,
            ..next.clone()
        };
        settings
            .settings()
            .map_err(|error| wrong(format!("{error:#}")))?;
        let changed = changed(&self.used, &next);
        let (now, later): (Vec<&str>, Vec<&str>) = changed
            .iter()
            .map(String::as_str)
            .partition(|key| LIVE.contains(key));
        running.gate.keep(next.limits());
        running.logs.keep(next.level());
        if !now.is_empty() {
            tracing::info!(
                "the configuration has changed, and this holds now: {}",
                now.join(", ")
            );
        }
        if !later.is_empty() {
            tracing::warn!(
                "the configuration has changed, and this needs a restart to hold: {}",
                later.join(", ")
            );
        }
        // What needs a restart is compared with what holds, so that it is told as long as it differs.
        let held = std::mem::replace(&mut self.used, next);
        self.used = held.with_live_of(&self.used);
        Ok(())
    }
}

impl Args {
    /// The same, but what can change as in another.
    fn with_live_of(self, other: &Self) -> Self {
        Self {
            log_level: other.log_level,
            max_streams: other.max_streams,
            max_streams_per_user: other.max_streams_per_user,
            reads_per_second: other.reads_per_second,
            writes_per_second: other.writes_per_second,
            ..self
        }
    }
}

/// The keys whose values differ.
fn changed(before: &Args, after: &Args) -> Vec<String> {
    let keys = |args: &Args| match serde_json::to_value(args) {
        Ok(Value::Object(keys)) => keys,
        // Settings have a value for each key.
        _ => serde_json::Map::new(),
    };
    let (before, after) = (keys(before), keys(after));
    let differ = after
        .into_iter()
        .filter(|(key, value)| before.get(key) != Some(value));
    let mut differ: Vec<_> = differ.map(|(key, _)| key).collect();
    differ.sort_unstable();
    differ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_that_hold_at_once_are_keys_and_what_changes_is_named() {
        let all = read(
            "logLevel: debug\nmaxStreams: 1\nmaxStreamsPerUser: 1\nreadsPerSecond: 1\nwritesPerSecond: 1\n",
        );
        let all = all.unwrap();
        assert_eq!(changed(&Args::default(), &all), LIVE);
        assert!(changed(&all, &all).is_empty());
        let other = read(
            "logLevel: debug\nlisten: 127.0.0.1:1\neventTtl: 2h\ntrustedProxies: [10.0.0.0/8]\n",
        );
        let keys = changed(&Args::default(), &other.unwrap());
        assert_eq!(keys, ["eventTtl", "listen", "logLevel", "trustedProxies"]);
        let live = Args::default().with_live_of(&all);
        assert_eq!(
            changed(&Args::default(), &live),
            LIVE,
            "each of them is carried over"
        );
    }
}
