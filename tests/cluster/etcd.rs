//! What tests do to etcd, through its JSON gateway. Does I/O.

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Compacts everything up to now and returns that revision. A watch of Events from an older
/// resourceVersion gets 410 Gone from then on: Events have no watch cache in front of etcd.
///
/// A watch goes on if it has seen all but the latest change: so two are made first, which nobody watches.
pub(crate) async fn compact(url: &str) -> Result<u64> {
    for _ in 0..2 {
        // One byte, of no object.
        post(url, "kv/put", &json!({"key": "AQ==", "value": ""})).await?;
    }
    let revision = revision(url).await?;
    post(
        url,
        "kv/compaction",
        &json!({"revision": revision.to_string(), "physical": true}),
    )
    .await?;
    Ok(revision)
}

/// The current revision, which is also the newest resourceVersion.
async fn revision(url: &str) -> Result<u64> {
    // "AA==" is one zero byte: a key that nobody has.
    let answer = post(url, "kv/range", &json!({"key": "AA=="})).await?;
    let revision = answer.pointer("/header/revision").and_then(Value::as_str);
    revision
        .with_context(|| format!("etcd answered no revision: {answer}"))?
        .parse()
        .context("revision")
}

async fn post(url: &str, path: &str, body: &Value) -> Result<Value> {
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()?
        .post(format!("{url}/v3/{path}"))
        .json(body)
        .send()
        .await?
        .error_for_status()?;
    Ok(answer.json().await?)
}
