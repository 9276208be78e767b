//! What was written: the driver's log, as a file. Pure.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::driver::{REASONS, TYPES};
use crate::model::Said;

/// An Event for as long as it counts: namespace, name and first time.
pub(super) type Origin = (String, String, String);

/// How often each has occurred: the highest count that it was written with.
pub(super) fn counts(log: &[Said]) -> BTreeMap<Origin, u64> {
    let mut counts = BTreeMap::new();
    for said in log {
        let origin = (
            said.namespace.clone(),
            said.name.clone(),
            said.first.clone(),
        );
        let known = counts.entry(origin).or_default();
        *known = u64::from(said.count).max(*known);
    }
    counts
}

/// States that count on by more than one.
pub(super) fn skips(log: &[Said]) -> usize {
    let mut last = BTreeMap::new();
    let skips = log.iter().filter(|said| {
        let before = last.insert((&said.name, &said.first), said.count);
        before.is_some_and(|before| said.count > before + 1)
    });
    skips.count()
}

/// One line for each state.
pub(super) fn write(log: &[Said]) -> String {
    let lines = log.iter().map(|said| {
        let line = json!({
            "uid": said.uid, "namespace": said.namespace, "name": said.name, "about": said.about,
            "type": said.event_type, "reason": said.reason, "message": said.message, "count": said.count,
            "first": said.first, "last": said.last,
        });
        format!("{line}\n")
    });
    lines.collect()
}

/// What [`write`] has written.
pub(super) fn read(text: &str) -> Result<Vec<Said>> {
    text.lines().map(said).collect()
}

fn said(line: &str) -> Result<Said> {
    let line: Value = serde_json::from_str(line)?;
    let text = |key: &str| {
        let found = line[key].as_str().map(str::to_owned);
        found.with_context(|| format!("{key} of {line}"))
    };
    let one_of = |all: &[&'static str], key: &str| {
        let wanted = text(key)?;
        let found = all.iter().find(|one| ***one == *wanted);
        found
            .copied()
            .with_context(|| format!("{wanted}: no {key} of the driver"))
    };
    Ok(Said {
        uid: text("uid")?,
        namespace: text("namespace")?,
        name: text("name")?,
        about: text("about")?,
        event_type: one_of(&TYPES, "type")?,
        reason: one_of(&REASONS, "reason")?,
        message: text("message")?,
        count: u32::try_from(line["count"].as_u64().context("a count")?)?,
        first: text("first")?,
        last: text("last")?,
    })
}
