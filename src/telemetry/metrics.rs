//! The metrics that dagtrail keeps, in OpenMetrics text. Pure.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// One label: what the counted things are divided by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Labelled {
    /// A value out of a small closed set, never user input.
    pub of: &'static str,
}

/// The label of what is told of watches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfKind {
    /// The kind that is watched, in the plural.
    pub kind: &'static str,
}

/// Why a watch of a kind began anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Restart {
    /// The kind that is watched, in the plural.
    pub kind: &'static str,
    /// One of `closed`, `idle`, `silent`, `gone`, `forbidden`, `failed`; docs/metrics.md says when.
    pub reason: &'static str,
}

/// Where something that happened is known to be lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Loss {
    /// One of [`Loss::CAUSES`].
    pub cause: &'static str,
}

impl Loss {
    /// The object that an Event is about never showed up.
    pub const UNRESOLVED: Self = Self {
        cause: "unresolved",
    };
    /// An Event could not be read.
    pub const UNREADABLE: Self = Self {
        cause: "unreadable",
    };
    /// What an Event, or an object's status, tells breaks a rule of the history.
    pub const REFUSED: Self = Self { cause: "refused" };
    /// All of them: each is told from the start, so that its first increase is seen.
    pub const CAUSES: [Self; 3] = [Self::UNRESOLVED, Self::UNREADABLE, Self::REFUSED];
}

/// Counters by one label.
type Counters = Family<Labelled, Counter>;

/// All metrics; cheap to clone, every clone counts into the same.
#[derive(Clone)]
pub struct Metrics(Arc<Instruments>);

impl Deref for Metrics {
    type Target = Instruments;

    fn deref(&self) -> &Instruments {
        &self.0
    }
}

/// What is counted and measured.
pub struct Instruments {
    registry: Registry,
    /// Observations by outcome: created, merged, duplicate, buried, noted.
    pub observations: Counters,
    /// Group commits.
    pub commits: Counter,
    /// Seconds that a group commit took, fsync included.
    pub commit_seconds: Histogram,
    /// Group commits that failed.
    pub commit_failures: Counter,
    /// KiB waiting for the writer.
    pub queued_kib: Gauge,
    /// Open streams.
    pub streams: Gauge,
    /// Open connections.
    pub connections: Gauge,
    /// Requests that were sent away, by limit.
    pub limited: Counters,
    /// Questions to the API server by kind: token, access; and those that it did not answer: failed.
    pub reviews: Counters,
    /// KiB that bodies of requests hold.
    pub body_kib: Gauge,
    /// Bytes of the store: kept, log, files, free, reserve, buffered.
    pub store_bytes: Family<Labelled, Gauge>,
    /// What the store has in memory: rows, bytes, tombstones.
    pub store_memory: Family<Labelled, Gauge>,
    /// How often the database was opened again after a write had failed.
    pub store_reopens: Counter,
    /// Executions that retention deleted, by age or bytes.
    pub pruned_executions: Counters,
    /// Rows that retention took out of executions that stay, by age, bytes or rows.
    pub pruned_rows: Counters,
    /// Jumps of the clock that kept retention from pruning by age.
    pub clock_jumps: Counter,
    /// HTTP answers by class: 2xx, 3xx, 4xx, 5xx.
    pub answers: Counters,
    /// Histories that were answered as they were before.
    pub history_known: Counter,
    /// Histories that were read and written anew.
    pub history_made: Counter,
    /// Bytes of answered histories that are kept.
    pub history_bytes: Gauge,
    /// Lists made, by kind.
    pub watch_lists: Family<OfKind, Counter>,
    /// Watches opened, by kind.
    pub watch_opens: Family<OfKind, Counter>,
    /// Watches closed by the server at once and without a word, by kind.
    pub watch_silent_closes: Family<OfKind, Counter>,
    /// Lists and watches that had to begin anew, by kind and reason.
    pub watch_restarts: Family<Restart, Counter>,
    /// When a list or watch last brought an object that is on disk since, by kind; Unix time.
    pub watch_last_event: Family<OfKind, Gauge>,
    /// What happened in the cluster and is known to be lost, by cause.
    pub events_lost: Family<Loss, Counter>,
    /// Writes of `Execution.status` by outcome: written, failed.
    pub status_writes: Counters,
    /// Objects that did not parse, by kind.
    pub unparsed: Counters,
    /// Events of objects that belong to no execution: counted, not recorded.
    pub unrelated: Counter,
    /// Events that wait for the object that they are about.
    pub unresolved: Gauge,
    /// Observations of the cluster that break a rule and were left out.
    pub refused: Counter,
    /// Events of clients that break a rule and were left out of what came with them, by dialect.
    pub skipped: Counters,
    /// Entries that operators have added to the catalogue.
    pub catalog_entries: Gauge,
    /// Entries of theirs that are not taken.
    pub catalog_refused: Gauge,
    /// 1, or 0 if the file of settings has changed and cannot be used.
    pub config_reloaded: Gauge,
}

impl fmt::Debug for Instruments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Instruments")
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("dagtrail");
        macro_rules! register {
            ($name:literal, $help:literal, $metric:expr) => {{
                let metric = $metric;
                registry.register($name, $help, metric.clone());
                metric
            }};
        }
        Self(Arc::new(Instruments {
            observations: register!(
                "observations",
                "Observations by outcome",
                Counters::default()
            ),
            commits: register!("commits", "Group commits", Counter::default()),
            commit_seconds: register!(
                "commit_seconds",
                "Seconds that a group commit took, fsync included",
                Histogram::new(exponential_buckets(0.0001, 2.0, 16))
            ),
            commit_failures: register!(
                "commit_failures",
                "Group commits that failed",
                Counter::default()
            ),
            queued_kib: register!("queued_kib", "KiB waiting for the writer", Gauge::default()),
            streams: register!("streams", "Open streams", Gauge::default()),
            connections: register!("connections", "Open connections", Gauge::default()),
            limited: register!(
                "limited_requests",
                "Requests that were sent away because of a limit, by limit",
                Counters::default()
            ),
            reviews: register!(
                "access_reviews",
                "Questions to the API server who somebody is and what they may, and those without an answer",
                Counters::default()
            ),
            body_kib: register!(
                "body_kib",
                "KiB that bodies of requests hold",
                Gauge::default()
            ),
            store_bytes: register!("store_bytes", "Bytes of the store", Family::default()),
            store_memory: register!(
                "store_memory",
                "What the store has in memory",
                Family::default()
            ),
            store_reopens: register!(
                "store_reopens",
                "How often the database was opened again after a write had failed",
                Counter::default()
            ),
            pruned_executions: register!(
                "pruned_executions",
                "Executions that retention deleted, by age or bytes",
                Counters::default()
            ),
            pruned_rows: register!(
                "pruned_rows",
                "Rows that retention took out of executions that stay",
                Counters::default()
            ),
            clock_jumps: register!(
                "clock_jumps",
                "Jumps of the clock that kept retention from pruning by age",
                Counter::default()
            ),
            answers: register!("answers", "HTTP answers by class", Counters::default()),
            history_known: register!(
                "history_known",
                "Histories that were answered as they were before",
                Counter::default()
            ),
            history_made: register!(
                "history_made",
                "Histories that were read and written anew",
                Counter::default()
            ),
            history_bytes: register!(
                "history_bytes",
                "Bytes of answered histories that are kept",
                Gauge::default()
            ),
            watch_lists: register!("watch_lists", "Lists made, by kind", Family::default()),
            watch_opens: register!("watch_opens", "Watches opened, by kind", Family::default()),
            watch_silent_closes: register!(
                "watch_silent_close",
                "Watches that the server closed at once without a word, by kind",
                Family::default()
            ),
            watch_restarts: register!(
                "watch_restarts",
                "Lists and watches that had to begin anew, by kind and reason",
                Family::default()
            ),
            watch_last_event: register!(
                "watch_last_event_timestamp_seconds",
                "When a list or watch last brought an object, by kind",
                Family::default()
            ),
            events_lost: register!(
                "events_lost",
                "What happened in the cluster and is known to be lost, by cause",
                lost()
            ),
            status_writes: register!(
                "status_writes",
                "Writes of Execution.status by outcome",
                Counters::default()
            ),
            unparsed: register!(
                "unparsed_objects",
                "Objects that did not parse, by kind",
                Counters::default()
            ),
            unrelated: register!(
                "unrelated_events",
                "Events of objects outside executions",
                Counter::default()
            ),
            unresolved: register!(
                "unresolved_events",
                "Events that wait for the object that they are about",
                Gauge::default()
            ),
            refused: register!(
                "refused_observations",
                "Observations of the cluster that break a rule and were left out",
                Counter::default()
            ),
            skipped: register!(
                "skipped_events",
                "Events of clients that break a rule and were left out, by dialect",
                Counters::default()
            ),
            catalog_entries: register!(
                "catalog_entries",
                "Entries that operators have added to the catalogue",
                Gauge::default()
            ),
            catalog_refused: register!(
                "catalog_refused_entries",
                "Entries that operators have added to the catalogue and that are not taken",
                Gauge::default()
            ),
            config_reloaded: register!(
                "config_last_reload_successful",
                "Whether the file of settings could be used when it was last read",
                well()
            ),
            registry,
        }))
    }

    /// OpenMetrics text.
    ///
    /// # Errors
    ///
    /// Never in practice: writing to a string does not fail.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// What is well until something goes wrong.
fn well() -> Gauge {
    let gauge = Gauge::default();
    gauge.set(1);
    gauge
}

fn lost() -> Family<Loss, Counter> {
    let lost = Family::<Loss, Counter>::default();
    for cause in &Loss::CAUSES {
        drop(lost.get_or_create(cause));
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_that_limits_are_watched_by_is_told() {
        let page = include_str!("../../docs/limits.md");
        let metrics = Metrics::new();
        for counters in [
            &metrics.answers,
            &metrics.limited,
            &metrics.pruned_executions,
            &metrics.pruned_rows,
        ] {
            drop(counters.get_or_create(&Labelled { of: "x" }));
        }
        for of in ["kept", "log", "buffered", "files", "free", "reserve"] {
            drop(metrics.store_bytes.get_or_create(&Labelled { of }));
        }
        for of in ["rows", "bytes", "tombstones"] {
            drop(metrics.store_memory.get_or_create(&Labelled { of }));
        }
        let told = metrics.render().expect("text");
        let rows = page
            .lines()
            .filter(|line| line.starts_with("| ") && !line.contains("| what |"));
        let (mut limits, mut watched) = (0, 0);
        for row in rows {
            let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
            assert_eq!(cells.len(), 5, "{row}");
            limits += 1;
            for name in cells[4].split('`').skip(1).step_by(2) {
                let line = format!("dagtrail_{name}");
                assert!(told.lines().any(|told| told.starts_with(&line)), "{line}");
                watched += 1;
            }
        }
        assert!(limits >= 18 && watched >= limits - 2, "{limits} {watched}");
    }

    #[test]
    fn every_metric_is_explained() {
        let page = include_str!("../../docs/metrics.md");
        let metrics = Metrics::new();
        // A family is told from its first value on.
        let (of, kind, reason) = ("x", "x", "x");
        for counters in [
            &metrics.observations,
            &metrics.answers,
            &metrics.status_writes,
            &metrics.unparsed,
            &metrics.skipped,
            &metrics.limited,
            &metrics.reviews,
            &metrics.pruned_executions,
            &metrics.pruned_rows,
        ] {
            drop(counters.get_or_create(&Labelled { of }));
        }
        for counters in [
            &metrics.watch_lists,
            &metrics.watch_opens,
            &metrics.watch_silent_closes,
        ] {
            drop(counters.get_or_create(&OfKind { kind }));
        }
        drop(metrics.store_bytes.get_or_create(&Labelled { of }));
        drop(metrics.store_memory.get_or_create(&Labelled { of }));
        drop(metrics.watch_last_event.get_or_create(&OfKind { kind }));
        let restart = Restart { kind, reason };
        drop(metrics.watch_restarts.get_or_create(&restart));
        let told = metrics.render().expect("text");
        let types = told.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let mut found = 0;
        for (name, kind) in types.filter_map(|line| line.split_once(' ')) {
            let name = name.strip_prefix("dagtrail_").expect("all have it");
            let end = if kind == "counter" { "_total" } else { "" };
            let name = format!("`{name}{end}`");
            assert!(page.contains(&name), "{name} is not in docs/metrics.md");
            found += 1;
        }
        assert!(found > 17, "only {found} metrics");
        // Alerts are written on these: a name that changes silences them.
        for line in [
            "dagtrail_events_lost_total{cause=\"unresolved\"} 0",
            "dagtrail_watch_restarts_total{kind=\"x\",reason=\"x\"} 0",
            "dagtrail_watch_silent_close_total{kind=\"x\"} 0",
            "dagtrail_unresolved_events 0",
            "dagtrail_watch_last_event_timestamp_seconds{kind=\"x\"} 0",
        ] {
            assert!(told.lines().any(|told| told == line), "{line} in {told}");
        }
        let files = [
            include_str!("../../charts/dagtrail/files/monitoring/alerts.yaml"),
            include_str!("../../charts/dagtrail/files/monitoring/dashboard.json"),
        ];
        for file in files {
            let names = file.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let names: Vec<_> = names.filter(|name| name.starts_with("dagtrail_")).collect();
            assert!(names.len() > 5, "{names:?}");
            for name in names {
                let is_told = |line: &str| {
                    let rest = line.strip_prefix(name);
                    rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
                };
                assert!(
                    told.lines().any(is_told),
                    "{name} is asked for and never told"
                );
            }
        }
    }
}
