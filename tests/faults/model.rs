//! What timelines must be, from the log of who wrote the Events; it imports nothing of dagtrail. Pure.
//!
//! An Event is known by its namespace, name and first time, and carries its count so far: its last one is what it is
//! worth, also when it was deleted and made again in between. Events that tell the same of one object are one row.

use std::collections::BTreeMap;

/// One state of an Event, as the API server has accepted it.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// The uid of the object that it is about: a Job or a Pod that nobody owns, so an execution.
    pub(crate) uid: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) event_type: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) count: u32,
    /// RFC 3339 in seconds, UTC: to compare the texts is to compare the times.
    pub(crate) first: String,
    pub(crate) last: String,
}

/// Count, first and last time.
type Seen = (u64, String, String);

fn join(to: &mut BTreeMap<String, Seen>, key: String, seen: &Seen, how: fn(u64, u64) -> u64) {
    let known = to.entry(key).or_insert((0, seen.1.clone(), seen.2.clone()));
    known.0 = how(known.0, seen.0);
    known.1 = known.1.clone().min(seen.1.clone());
    known.2 = known.2.clone().max(seen.2.clone());
}

/// The canonical dump of the timeline of `uid`: one line for each row, sorted.
pub(crate) fn dump(log: &[Said], uid: &str) -> Vec<String> {
    let mut origins = BTreeMap::new();
    for said in log.iter().filter(|said| said.uid == uid) {
        let Said {
            about,
            event_type,
            reason,
            message,
            ..
        } = said;
        let row = format!("{about} {event_type} {reason} {message:?}");
        let origin = format!("{row}\n{} {} {}", said.namespace, said.name, said.first);
        let seen = (said.count.into(), said.first.clone(), said.last.clone());
        join(&mut origins, origin, &seen, u64::max);
    }
    let mut rows = BTreeMap::new();
    for (origin, seen) in origins {
        let (row, _) = origin.split_once('\n').expect("it was put in");
        join(&mut rows, row.to_owned(), &seen, |a, b| a + b);
    }
    let lines = rows.into_iter();
    let mut lines: Vec<String> = lines
        .map(|(row, (count, first, last))| format!("{row} {count} {first} {last}"))
        .collect();
    lines.sort();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, count: u32, first: &str, last: &str) -> Said {
        Said {
            uid: "u".into(),
            namespace: "n".into(),
            name: name.into(),
            about: "web".into(),
            event_type: "Normal",
            reason: "R",
            message: "m".into(),
            count,
            first: first.into(),
            last: last.into(),
        }
    }

    #[test]
    fn the_highest_count_of_each_event_is_added_up() {
        let log = [
            said("a", 1, "01", "01"),
            said("a", 4, "01", "03"),
            said("b", 2, "00", "02"),
            said("a", 1, "05", "05"),
        ];
        assert_eq!(dump(&log, "u"), [r#"web Normal R "m" 7 00 05"#]);
        assert!(dump(&log, "v").is_empty());
    }
}
