//! What was kept beside what was written. Does I/O: the replay.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::exporters::Exporter;
use super::stream::{Notice, Stream};
use super::truth::{self, Origin};
use crate::driver::REASONS;
use crate::model::{self, Said};
use crate::recorder::printed;

/// In occurrences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Error {
    /// All that was kept.
    pub(super) kept: u64,
    /// Of each Event that has too few, what it lacks.
    pub(super) missing: u64,
    /// Of each Event that has too many, what it has more.
    pub(super) surplus: u64,
}

/// All that the page tells.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) stream: Stream,
    pub(super) states: usize,
    pub(super) skips: usize,
    pub(super) events: usize,
    /// Events that were deleted and made again, under their name and with their count.
    pub(super) again: usize,
    pub(super) written: u64,
    pub(super) ours: Error,
    pub(super) theirs: Vec<(Exporter, Error)>,
}

impl Compared {
    /// Of a recording, and of the log of who wrote the Events meanwhile. An error if dagtrail does not have every row
    /// exactly as it was written.
    pub(super) fn of(recording: &Path, log: &[Said]) -> Result<Self> {
        let text = std::fs::read_to_string(recording)?;
        let stream = Stream::of(&text)?;
        let written = truth::counts(log);
        let theirs = |exporter| (exporter, theirs(&stream, exporter, &written));
        let path = recording.to_str().context("a path in UTF-8")?;
        Ok(Self {
            states: log.len(),
            skips: truth::skips(log),
            events: written.len(),
            again: made_again(&stream, &written),
            written: written.values().sum(),
            ours: ours(&printed(&["replay", path]).0, log)?,
            theirs: Exporter::all().into_iter().map(theirs).collect(),
            stream,
        })
    }
}

/// The driver's rows in a dump, by execution, as the model writes them.
pub(super) fn rows(dump: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in dump.lines() {
        let line: Value = serde_json::from_str(line)?;
        let row = &line["row"];
        let text = |pointer: &str| {
            let found = row.pointer(pointer).and_then(Value::as_str);
            found.unwrap_or_default()
        };
        if !REASONS.contains(&text("/code")) {
            continue;
        }
        let of = rows.entry(text("/execution").to_owned()).or_default();
        of.push(format!(
            "{} {} {} {:?} {} {} {}",
            text("/involved/name"),
            text("/type"),
            text("/code"),
            text("/message"),
            row["count"],
            text("/first"),
            text("/last"),
        ));
    }
    rows.values_mut().for_each(|of| of.sort());
    Ok(rows)
}

/// The rows of the replayed history must be the model's, line by line; so their error is 0, or there is none to tell.
fn ours(dump: &str, log: &[Said]) -> Result<Error> {
    let mut rows = rows(dump)?;
    let count = |row: &String| -> Result<u64> {
        let count = row.rsplit(' ').nth(2).context("a count")?;
        Ok(count.parse()?)
    };
    let counts = rows.values().flatten().map(count);
    let kept: u64 = counts.sum::<Result<u64>>()?;
    let uids: BTreeSet<&String> = log.iter().map(|said| &said.uid).collect();
    ensure!(rows.keys().all(|uid| uids.contains(uid)), "rows of others");
    for uid in uids {
        let told = rows.remove(uid).unwrap_or_default();
        let written = model::dump(log, uid);
        ensure!(told == written, "told {told:#?}, written {written:#?}");
    }
    let written: u64 = truth::counts(log).values().sum();
    Ok(Error {
        kept,
        missing: written.saturating_sub(kept),
        surplus: kept.saturating_sub(written),
    })
}

fn theirs(stream: &Stream, exporter: Exporter, written: &BTreeMap<Origin, u64>) -> Error {
    let mut kept: BTreeMap<Origin, u64> = BTreeMap::new();
    for shown in exporter.keeps(&stream.notices) {
        if REASONS.contains(&&*shown.reason) {
            let origin = (shown.namespace, shown.name, shown.first);
            *kept.entry(origin).or_default() += shown.count;
        }
    }
    let mut error = Error {
        kept: kept.values().sum(),
        ..Error::default()
    };
    for (origin, wanted) in written {
        let found = kept.get(origin).copied().unwrap_or_default();
        error.missing += wanted.saturating_sub(found);
        error.surplus += found.saturating_sub(*wanted);
    }
    error
}

/// Those that were shown with more than one uid.
fn made_again(stream: &Stream, written: &BTreeMap<Origin, u64>) -> usize {
    let mut uids: BTreeMap<Origin, BTreeSet<&str>> = BTreeMap::new();
    for notice in &stream.notices {
        if let Notice::Added(shown) | Notice::Updated(shown) = notice {
            let (namespace, name) = (shown.namespace.clone(), shown.name.clone());
            let origin = (namespace, name, shown.first.clone());
            uids.entry(origin).or_default().insert(&shown.uid);
        }
    }
    let again = uids
        .iter()
        .filter(|(origin, uids)| written.contains_key(*origin) && uids.len() > 1);
    again.count()
}
