//! `dagtrail emit`: tells events; it ends well when they are on the server's disk. Does I/O.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use anyhow::{Context, bail};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::client::{Error, ItemResult, Posted};
use super::object::Object;
use super::reach::{Reach, Reached};
use super::since::When;
use super::{out, show};
use crate::model::{Clock, SystemClock};

/// So many lines and bytes of a file are told at a time.
const LINES: usize = 1000;
const BYTES: usize = 4 << 20;

pub(super) const EXAMPLES: &str = "A file has one event, an array of them, or one a line, in the shape in which get events -o json shows them. To tell \
the same again is harmless: it is a duplicate.

Examples:
  dagtrail emit nightly-42 --reason ActionStart --elem-id load --action run
  dagtrail emit nightly-42 --reason FailedFinish --type Warning --message 'no space left' --id attempt-1-end
  dagtrail get events @latest -o ndjson | dagtrail emit copy -f -";

/// `emit`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// <id>, which may be new, or kind/name, namespace/kind/name, @latest
    #[arg(value_name = "EXECUTION")]
    object: Object,
    /// The reason's code, or a pair such as 执行成功##SuccessfulFinish
    #[arg(long, required_unless_present = "file")]
    reason: Option<String>,
    /// File with events; - reads standard input
    #[arg(short, long, conflicts_with = "reason")]
    file: Option<PathBuf>,
    /// If one event is invalid, store none; a file is told at once then
    #[arg(long)]
    atomic: bool,
    #[command(flatten)]
    event: EventArgs,
    #[command(flatten)]
    reach: Reach,
}

/// The fields of one event.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The event")]
struct EventArgs {
    /// What happened; without it the catalogue says it
    #[arg(long, conflicts_with = "file")]
    message: Option<String>,
    /// Normal or Warning
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "file")]
    event_type: Option<String>,
    /// The element
    #[arg(long, value_name = "ELEMENT", conflicts_with = "file")]
    elem_id: Option<String>,
    /// <Engine>.<kind> of the element
    #[arg(long, value_name = "TYPE", conflicts_with = "file")]
    elem_type: Option<String>,
    /// The action
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    action: Option<String>,
    /// How often
    #[arg(long, conflicts_with = "file")]
    count: Option<u32>,
    /// When first: so long ago, or RFC 3339 [default: as --last, else now]
    #[arg(long, value_name = "WHEN", conflicts_with = "file")]
    first: Option<When>,
    /// When last
    #[arg(long, value_name = "WHEN", conflicts_with = "file")]
    last: Option<When>,
    /// Names this telling: told again it is a duplicate
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// A label
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = pair, conflicts_with = "file")]
    labels: Vec<(String, String)>,
    /// Any JSON to keep with it
    #[arg(long, value_name = "JSON", conflicts_with = "file")]
    payload: Option<String>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("{text:?} has no ="))?;
    Ok((key.to_owned(), value.to_owned()))
}

impl Args {
    /// Says by which name the program was called.
    pub(super) fn as_plugin(&mut self, is_plugin: bool) {
        self.reach.is_plugin = is_plugin;
    }
}

impl EventArgs {
    /// The JSON of the event.
    fn json(&self, reason: &str) -> anyhow::Result<String> {
        let now = SystemClock.now();
        let mut event = Map::new();
        event.insert("reason".into(), reason.into());
        for (key, value) in [
            ("message", &self.message),
            ("type", &self.event_type),
            ("elemId", &self.elem_id),
            ("elemType", &self.elem_type),
            ("actionName", &self.action),
            ("id", &self.id),
        ] {
            if let Some(value) = value {
                event.insert(key.into(), value.as_str().into());
            }
        }
        let last = self
            .last
            .or((self.first.is_none()).then_some(When::At(now)));
        for (key, when) in [("firstTimestamp", self.first), ("lastTimestamp", last)] {
            if let Some(when) = when {
                event.insert(key.into(), when.time(now).to_exact().into());
            }
        }
        if let Some(count) = self.count {
            event.insert("count".into(), count.into());
        }
        if !self.labels.is_empty() {
            let labels = self.labels.iter().cloned();
            let labels = labels.map(|(key, value)| (key, Value::from(value)));
            event.insert("labels".into(), Value::Object(labels.collect()));
        }
        let mut text = json!(event).to_string();
        if let Some(payload) = &self.payload {
            let payload: &RawValue =
                serde_json::from_str(payload).context("--payload is not JSON")?;
            // As it is: a number keeps its digits.
            text.pop();
            text.push_str(&format!(",\"payload\":{}}}", payload.get()));
        }
        Ok(text)
    }
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let reached = args.reach.reach().await?;
    let id = args.object.id(&reached).await?;
    let mut teller = Teller {
        reached,
        id,
        atomic: args.atomic,
        told: 0,
        invalid: 0,
    };
    match (&args.file, &args.reason) {
        (Some(path), _) if path.as_os_str() == "-" => teller.file(io::stdin().lock()).await?,
        (Some(path), _) => {
            let file = File::open(path).with_context(|| format!("{}", path.display()))?;
            teller.file(BufReader::new(file)).await?;
        }
        (None, reason) => {
            let event = args.event.json(reason.as_deref().unwrap_or_default())?;
            teller.tell(event, false).await?;
        }
    }
    if teller.invalid > 0 {
        bail!(
            "{} of {} events were not stored",
            teller.invalid,
            teller.told
        );
    }
    Ok(())
}

struct Teller {
    reached: Reached,
    id: String,
    atomic: bool,
    told: usize,
    invalid: usize,
}

impl Teller {
    /// Tells a file's events: one a line as they are read, anything else as a whole.
    async fn file(&mut self, mut file: impl BufRead) -> anyhow::Result<()> {
        let mut text = String::new();
        while text.trim().is_empty() {
            text.clear();
            if file
                .read_line(&mut text)
                .context("the file cannot be read")?
                == 0
            {
                bail!("the file has no events");
            }
        }
        let is_lines =
            text.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(&text).is_ok();
        if !is_lines || self.atomic {
            file.read_to_string(&mut text)
                .context("the file cannot be read")?;
            return self.tell(text, is_lines).await;
        }
        let mut lines = 1;
        loop {
            let ends = file
                .read_line(&mut text)
                .context("the file cannot be read")?
                == 0;
            lines += 1;
            if ends || lines >= LINES || text.len() >= BYTES {
                if !text.trim().is_empty() {
                    self.tell(std::mem::take(&mut text), true).await?;
                }
                lines = 0;
            }
            if ends {
                return Ok(());
            }
        }
    }

    async fn tell(&mut self, body: String, lines: bool) -> anyhow::Result<()> {
        let client = &self.reached.client;
        let told = client.tell(&self.id, body, lines, self.atomic).await;
        if let Err(Error::Refused { results, .. }) = &told {
            // Nothing of it was stored; the error itself names the first.
            results.iter().for_each(|result| self.name_fault(result));
        }
        self.report(&told?)
    }

    fn name_fault(&self, result: &ItemResult) {
        let at = self.told + result.index;
        out::say(&format!("event {at}: {}: {}", result.field, result.message));
    }

    /// One line for each event: on standard output what was stored, on standard error what was not.
    fn report(&mut self, posted: &Posted) -> anyhow::Result<()> {
        let mut stored = String::new();
        for result in &posted.results {
            if result.status == "invalid" {
                self.invalid += 1;
                self.name_fault(result);
            } else {
                let name = show::line(&result.name);
                stored.push_str(&format!("{} {name}\n", result.status));
            }
        }
        self.told += posted.results.len();
        Ok(out::write(&stored)?)
    }
}
