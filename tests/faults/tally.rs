//! How many faults of each kind were injected. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// All kinds; a run of the fixed seeds has to have some of each.
pub(crate) const KINDS: [&str; 18] = [
    "connection reset",
    "HTTP 410",
    "in-band 410",
    "429 with Retry-After",
    "5xx",
    "silent empty close",
    "watch ended",
    "black hole",
    "line twice",
    "earlier line again",
    "line delayed",
    "line cut off",
    "list slow",
    "list cut off",
    "etcd compacted",
    "kill -9",
    "SIGSTOP and SIGCONT",
    "Event deleted and made again",
];

/// Counts; clones count into the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(Arc<Mutex<BTreeMap<&'static str, u64>>>);

impl Tally {
    pub(crate) fn count(&self, kind: &'static str) {
        debug_assert!(KINDS.contains(&kind), "{kind} is not in the list");
        *self.0.lock().entry(kind).or_default() += 1;
    }

    pub(crate) fn of(&self, kind: &str) -> u64 {
        self.0.lock().get(kind).copied().unwrap_or_default()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = KINDS
            .iter()
            .map(|kind| format!("{kind} {}", self.of(kind)))
            .collect();
        f.write_str(&counts.join(", "))
    }
}
