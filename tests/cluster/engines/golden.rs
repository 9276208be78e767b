//! Timelines as golden files, a line for each row. Does I/O.
//!
//! Only what must differ between two runs is replaced: times are told from the begin of the run (`made` where the
//! API server's clock told them), uids by `Kind/name`, the namespace by its own word, and rows of one time and name,
//! whose order follows from uids, are sorted.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::Value;

use super::player::Played;
use super::stage::{Stage, folder};

/// How long a timeline may take to get there.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it must then stay as it is.
const STILL: Duration = Duration::from_millis(1500);

impl Stage {
    /// Holds the timeline of an execution to `golden/<name>.{zh,en}`, before and after dagtrail was killed.
    /// `UPDATE_GOLDEN=1` writes the files instead.
    pub(super) async fn hold(&mut self, played: &Played, of: &str, name: &str) -> Result<()> {
        let id = played.uid(of)?.to_owned();
        for round in ["first", "after a restart"] {
            // Each waits until it stays as it is.
            let both = ["zh", "en"].map(async |lang| {
                let held = self.hold_one(played, &id, name, lang).await;
                held.with_context(|| format!("{name}.{lang}, {round}"))
            });
            try_join_all(both).await?;
            if round == "first" {
                self.observer.kill_and_lead_again(&self.plane).await?;
                self.observer.ready().await?;
            }
        }
        Ok(())
    }

    async fn hold_one(&self, played: &Played, id: &str, name: &str, lang: &str) -> Result<()> {
        let file = folder().join(format!("golden/{name}.{lang}"));
        let update = std::env::var("UPDATE_GOLDEN").is_ok_and(|set| set == "1");
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        let (begin, mut shown, mut since) = (Instant::now(), String::new(), Instant::now());
        loop {
            let now = self.shown(played, id, lang).await?;
            if now != shown {
                (shown, since) = (now, Instant::now());
            }
            let still = since.elapsed() > STILL && !shown.is_empty();
            if still && update && since.elapsed() > STILL * 2 {
                std::fs::write(&file, &shown)?;
                return Ok(());
            }
            if still && !update && shown == golden {
                return Ok(());
            }
            if begin.elapsed() > PATIENCE {
                bail!("{}", difference(&golden, &shown));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn shown(&self, played: &Played, id: &str, lang: &str) -> Result<String> {
        let path = format!("/v1/executions/{id}/events?lang={lang}");
        let rows = match self.observer.get(&path).await {
            Ok(Value::Array(rows)) => rows,
            Err(error) if error.to_string().contains("404") => Vec::new(),
            other => bail!("not a timeline: {other:?}"),
        };
        let wordless = rows.iter().find(|row| {
            let reason = row["reason"].as_str().unwrap_or_default();
            lang == "zh" && reason.is_ascii()
        });
        if let Some(row) = wordless {
            bail!(
                "a reason that the catalogue does not know: {}",
                row["reason"]
            );
        }
        let order = |row: &Value| {
            let (first, name) = (&row["firstTimestamp"], &row["metadata"]["name"]);
            (first.to_string(), name.to_string())
        };
        let ties = rows.chunk_by(|one, next| order(one) == order(next));
        let lines = ties.map(|tie| {
            let mut lines: Vec<_> = tie
                .iter()
                .map(|row| line(played, row))
                .collect::<Result<_>>()?;
            lines.sort();
            Ok(lines.concat())
        });
        lines.collect()
    }
}

fn line(played: &Played, row: &Value) -> Result<String> {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let first = time(played, text("firstTimestamp"))?;
    let last = time(played, text("lastTimestamp"))?;
    let times = if first == last {
        first
    } else {
        format!("{first}..{last}")
    };
    let line = format!(
        "{times} x{} {} {} | {} {} ({}) | {} | {}",
        row["count"],
        text("type"),
        text("reason"),
        text("elemType"),
        text("elemId"),
        text("actionName"),
        row["involvedObject"]["name"].as_str().unwrap_or_default(),
        text("message"),
    );
    let mut line = line.replace(&played.namespace, "<namespace>");
    for (name, uid) in &played.uids {
        line = line.replace(uid, &format!("uid({name})"));
    }
    Ok(line.trim_end().to_owned() + "\n")
}

fn time(played: &Played, text: &str) -> Result<String> {
    let time: Timestamp = text.parse().with_context(|| format!("a time: {text}"))?;
    let seconds = time.as_second() - played.begin.as_second();
    Ok(if seconds < 0 {
        "made".into()
    } else {
        format!("+{seconds}s")
    })
}

fn difference(golden: &str, shown: &str) -> String {
    let only = |one: &str, other: &str, sign: &str| {
        let of = one
            .lines()
            .filter(|line| !other.lines().any(|o| o == *line));
        of.map(|line| format!("{sign} {line}\n"))
            .collect::<String>()
    };
    format!(
        "the timeline is not the golden file's (UPDATE_GOLDEN=1 writes it anew):\n{}{}--- all of it:\n{shown}",
        only(golden, shown, "-"),
        only(shown, golden, "+"),
    )
}
