//! Ways to keep Events that are widely used, each at its best. Pure.
//!
//! All of them keep one record for each Event, and what is kept of it again replaces what was kept before: so neither
//! relists nor restarts double anything by themselves.

use std::collections::BTreeMap;

use super::stream::{Notice, Shown};

/// Which Events are kept, and what one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exporter {
    /// Whether those are kept that are updated, beside those that are added.
    pub(super) updates: bool,
    /// Whether those are kept that were last seen before the process has begun.
    pub(super) old: bool,
    /// Whether a name is one Event, and not a uid.
    pub(super) by_name: bool,
}

impl Exporter {
    /// In the order of the page.
    pub(super) fn all() -> Vec<Self> {
        let kinds = [(false, true), (true, false), (false, false)];
        let by = |by_name| {
            kinds.map(|(updates, old)| Self {
                updates,
                old,
                by_name,
            })
        };
        [by(false), by(true)].concat()
    }

    /// For people.
    pub(super) fn what(self) -> &'static str {
        match (self.updates, self.old) {
            (true, true) => "all",
            (false, true) => "what is added; updates are ignored",
            (true, false) => "what is added or updated, from \"now\" on at each start",
            (false, false) => "what is added, from \"now\" on at each start",
        }
    }

    /// For people.
    pub(super) fn record(self) -> &'static str {
        if self.by_name { "name" } else { "uid" }
    }

    /// The records in the end.
    pub(super) fn keeps(self, notices: &[Notice]) -> Vec<Shown> {
        let mut kept = BTreeMap::new();
        let mut begin = String::new();
        for notice in notices {
            let shown = match notice {
                Notice::Started(at) => {
                    // Events tell whole seconds: what was seen in that second is kept.
                    begin = at.get(..19).unwrap_or_default().to_owned();
                    continue;
                }
                Notice::Updated(_) if !self.updates => continue,
                Notice::Added(shown) | Notice::Updated(shown) => shown,
            };
            let seconds = shown.last.get(..19).unwrap_or_default();
            if !self.old && *seconds < *begin {
                continue;
            }
            let key = if self.by_name {
                (shown.namespace.clone(), shown.name.clone())
            } else {
                (String::new(), shown.uid.clone())
            };
            kept.insert(key, shown.clone());
        }
        kept.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(uid: &str, name: &str, count: u64, last: &str) -> Shown {
        Shown {
            uid: uid.into(),
            namespace: "n".into(),
            name: name.into(),
            reason: "R".into(),
            count,
            first: "2026-01-01T00:00:00Z".into(),
            last: last.into(),
        }
    }

    #[test]
    fn each_keeps_what_it_says() {
        let (before, after) = ("2026-01-01T00:00:01Z", "2026-01-01T00:00:05Z");
        let notices = [
            Notice::Started("2026-01-01T00:00:05.9Z".into()),
            Notice::Added(shown("1", "old", 3, before)),
            Notice::Added(shown("2", "new", 1, after)),
            Notice::Updated(shown("2", "new", 7, after)),
            Notice::Added(shown("3", "new", 8, after)),
        ];
        let kept = Exporter::all().into_iter().map(|exporter| {
            let kept = exporter.keeps(&notices).into_iter();
            kept.map(|shown| shown.count).collect::<Vec<_>>()
        });
        let wanted: [&[u64]; 6] = [&[3, 1, 8], &[7, 8], &[1, 8], &[8, 3], &[8], &[8]];
        assert_eq!(kept.collect::<Vec<_>>(), wanted);
    }
}
