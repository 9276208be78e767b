//! The canonical dump of a timeline as the real API tells it, beside that of the model. Does I/O.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::driver::{Driver, REASONS};
use crate::model;
use crate::subject::Subject;

/// The rows of an execution in English; none while it is not known.
pub(crate) async fn rows(url: &str, uid: &str) -> Result<Vec<Value>> {
    let asked = format!("{url}/v1/executions/{uid}/events?lang=en");
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .get(&asked)
        .send()
        .await?;
    if answer.status().as_u16() == 404 {
        return Ok(Vec::new());
    }
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "{asked}: {status}: {text}");
    Ok(serde_json::from_str(&text)?)
}

/// One line for each row with one of these reasons, sorted; rows of one content are lines of their own.
async fn dump(url: &str, uid: &str, reasons: &[&str]) -> Result<Vec<String>> {
    let rows = rows(url, uid).await?;
    let word = |row: &Value, pointer: &str| {
        let found = row.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or("?").to_owned()
    };
    let own = rows
        .iter()
        .filter(|row| reasons.contains(&row["reason"].as_str().unwrap_or_default()));
    let mut lines: Vec<String> = own
        .map(|row| {
            format!(
                "{} {} {} {:?} {} {} {}",
                word(row, "/involvedObject/name"),
                word(row, "/type"),
                word(row, "/reason"),
                word(row, "/message"),
                row["count"],
                word(row, "/firstTimestamp"),
                word(row, "/lastTimestamp"),
            )
        })
        .collect();
    lines.sort();
    Ok(lines)
}

/// Which lines of the dumps are on one side only: what the driver wrote, and what dagtrail tells.
pub(crate) async fn differences(subject: &Subject, driver: &Driver) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for about in driver.about() {
        let told = dump(subject.url()?, &about.uid, &REASONS).await?;
        let written = model::dump(driver.log(), &about.uid);
        if told == written {
            continue;
        }
        let only = |these: &[String], those: &[String], whose: &str| {
            let only = these.iter().filter(|line| !those.contains(line));
            only.map(|line| format!("{whose}: {line}"))
                .collect::<Vec<_>>()
        };
        found.extend(only(&written, &told, "written"));
        found.extend(only(&told, &written, "told"));
        found.push(format!("{} rows, not {}", told.len(), written.len()));
    }
    Ok(found)
}

/// Waits until they are equal; an error with what differs after `patience`.
pub(crate) async fn settled(subject: &Subject, driver: &Driver, patience: Duration) -> Result<()> {
    let begin = Instant::now();
    loop {
        let wrong = differences(subject, driver).await?;
        if wrong.is_empty() {
            return Ok(());
        }
        ensure!(begin.elapsed() < patience, "not settled: {wrong:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
