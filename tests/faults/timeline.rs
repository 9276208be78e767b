//! The canonical dump of a timeline as the real API tells it. Does I/O.

use anyhow::{Result, ensure};
use serde_json::Value;

/// One line for each row with one of these reasons, sorted; rows of one content are lines of their own.
pub(crate) async fn dump(url: &str, uid: &str, reasons: &[&str]) -> Result<Vec<String>> {
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
    let rows: Vec<Value> = serde_json::from_str(&text)?;
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
