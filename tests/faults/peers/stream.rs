//! What a client library shows of Events to whoever was watching when the recording was made. Pure.
//!
//! It is what client-go's informers do with lists and watches: what is not in their cache is added, what is there is
//! updated, whatever the line of the watch calls it. A cache begins empty with each process. It sees exactly what was
//! delivered to dagtrail, at that time, from lists that came to their end and from watches.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

/// An Event as it was shown.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) uid: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) count: u64,
    /// RFC 3339 in seconds, UTC.
    pub(super) first: String,
    pub(super) last: String,
}

/// What happens to who watches.
#[derive(Clone, Debug)]
pub(super) enum Notice {
    /// The process has begun, at this time.
    Started(String),
    Added(Shown),
    Updated(Shown),
}

/// What a recording tells of Events.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) notices: Vec<Notice>,
    pub(super) starts: usize,
    pub(super) lists: usize,
    /// Lists and watches that have ended because they asked for what is no longer kept.
    pub(super) gone: usize,
}

/// By namespace and name.
type Cache = BTreeMap<(String, String), Shown>;

#[derive(Default)]
struct Informer {
    cache: Cache,
    /// The list under way.
    listing: Option<Cache>,
}

impl Stream {
    /// Reads the whole lines of a recording.
    pub(super) fn of(recording: &str) -> Result<Self> {
        let mut stream = Self::default();
        let mut informer = Informer::default();
        let whole = recording.split_inclusive('\n');
        let whole = whole.filter(|line| line.ends_with('\n'));
        // The first one is the header.
        for line in whole.skip(1) {
            let line: Value = serde_json::from_str(line).context("a line of the recording")?;
            let what = &line["what"];
            if what == "started" {
                let at = line["at"].as_str().context("a time")?;
                stream.starts += 1;
                stream.notices.push(Notice::Started(at.to_owned()));
                informer = Informer::default();
            }
            if what["interrupted"]["kind"] == "events" && what["interrupted"]["reason"] == "gone" {
                stream.gone += 1;
            }
            if what["told"]["kind"] == "events" {
                let changes = what["told"]["changes"].as_array().context("changes")?;
                for change in changes {
                    stream.change(&mut informer, change)?;
                }
            }
        }
        Ok(stream)
    }

    fn change(&mut self, informer: &mut Informer, change: &Value) -> Result<()> {
        if change == "listing" {
            self.lists += 1;
            informer.listing = Some(Cache::new());
        } else if change == "listed" {
            let Some(there) = informer.listing.take() else {
                return Ok(());
            };
            for (key, shown) in &there {
                let known = informer.cache.contains_key(key);
                self.notices.push(notice(known, shown));
            }
            informer.cache = there;
        } else if let Some(object) = change.get("applied") {
            let shown = shown(object)?;
            let key = (shown.namespace.clone(), shown.name.clone());
            if let Some(listing) = &mut informer.listing {
                listing.insert(key, shown);
            } else {
                let known = informer.cache.insert(key, shown.clone()).is_some();
                self.notices.push(notice(known, &shown));
            }
        } else if let Some(object) = change.get("deleted") {
            let shown = shown(object)?;
            informer.cache.remove(&(shown.namespace, shown.name));
        }
        Ok(())
    }
}

fn notice(known: bool, shown: &Shown) -> Notice {
    if known {
        Notice::Updated(shown.clone())
    } else {
        Notice::Added(shown.clone())
    }
}

fn shown(object: &Value) -> Result<Shown> {
    let text = |pointer: &str| {
        let found = object.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    let uid = text("/metadata/uid");
    anyhow::ensure!(!uid.is_empty(), "an Event without a uid");
    Ok(Shown {
        uid,
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
        reason: text("/reason"),
        count: object["count"].as_u64().unwrap_or(1),
        first: text("/firstTimestamp"),
        last: text("/lastTimestamp"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_cache_is_added_and_a_cache_begins_empty() {
        let event = |name: &str, count: u64| {
            format!(
                r#"{{"metadata":{{"namespace":"n","name":"{name}","uid":"u-{name}"}},"count":{count}}}"#
            )
        };
        let told = |changes: &str| {
            format!(
                "{{\"at\":\"t\",\"what\":{{\"told\":{{\"kind\":\"events\",\"changes\":[{changes}]}}}}}}\n"
            )
        };
        let started = "{\"at\":\"t\",\"what\":\"started\"}\n";
        let list = |of: &[String]| {
            let of = of.iter().map(|event| format!("{{\"applied\":{event}}},"));
            told(&format!("\"listing\",{}\"listed\"", of.collect::<String>()))
        };
        let text = [
            "{}\n",
            started,
            &list(&[event("a", 1), event("b", 1)]),
            &told(&format!("{{\"applied\":{}}}", event("a", 2))),
            &told(&format!("{{\"deleted\":{}}}", event("a", 2))),
            &told(&format!("{{\"applied\":{}}}", event("a", 3))),
            // A list that does not end shows nothing.
            &told(&format!("\"listing\",{{\"applied\":{}}}", event("b", 8))),
            &list(&[event("b", 9)]),
            started,
            &list(&[event("b", 9)]),
            "{\"at\"",
        ];
        let stream = Stream::of(&text.concat()).unwrap();
        let show = |notice: &Notice| match notice {
            Notice::Started(_) => "started".to_owned(),
            Notice::Added(shown) => format!("+{} {}", shown.name, shown.count),
            Notice::Updated(shown) => format!("~{} {}", shown.name, shown.count),
        };
        let shown: Vec<String> = stream.notices.iter().map(show).collect();
        assert_eq!(
            shown,
            [
                "started", "+a 1", "+b 1", "~a 2", "+a 3", "~b 9", "started", "+b 9"
            ]
        );
        assert_eq!((stream.starts, stream.lists, stream.gone), (2, 4, 0));
    }
}
