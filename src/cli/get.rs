//! `dagtrail get`: executions, or the history of one. Does I/O.

use std::io;

use super::client::{Execution, Row};
use super::object::Object;
use super::out;
use super::reach::Reach;
use super::select::Select;
use super::show::{LooksArgs, Printer};
use super::since::When;
use crate::model::{Clock, SystemClock, Time};

/// What to get.
#[derive(Debug, clap::Subcommand)]
pub(super) enum What {
    /// Executions, the newest first; or those that are named
    #[command(visible_alias = "execution", after_help = EXECUTIONS)]
    Executions(Executions),
    /// The history of one execution, the earliest first
    #[command(visible_alias = "event", after_help = EVENTS)]
    Events(Events),
}

const EXECUTIONS: &str = "Examples:
  dagtrail get executions --status Failed --since 1d
  dagtrail get executions -n team-a -o wide
  dagtrail get executions team-a/job/nightly -o yaml";

const EVENTS: &str = "Examples:
  dagtrail get events @latest
  dagtrail get events team-a/workflow/nightly --type Warning --lang zh
  dagtrail get events 8c1d0f52-0000-4000-8000-000000000002 -o csv > events.csv";

/// `get executions`.
#[derive(Debug, clap::Args)]
pub(super) struct Executions {
    /// <id>, kind/name, namespace/kind/name or @latest
    #[arg(value_name = "EXECUTION", conflicts_with_all = ["status", "name", "since"])]
    objects: Vec<Object>,
    /// Pending, Running, Succeeded, Failed or Cancelled
    #[arg(long)]
    status: Option<String>,
    /// With this in the name
    #[arg(long, value_name = "PART")]
    name: Option<String>,
    /// Told of so long ago or later: 10m, 3d, or an RFC 3339 time
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    #[command(flatten)]
    looks: LooksArgs,
    #[command(flatten)]
    reach: Reach,
}

/// `get events`.
#[derive(Debug, clap::Args)]
pub(super) struct Events {
    /// <id>, kind/name, namespace/kind/name or @latest
    #[arg(value_name = "EXECUTION")]
    object: Object,
    /// Only the last so many
    #[arg(long, value_name = "NUMBER")]
    tail: Option<usize>,
    /// All that is known of each, in JSON and YAML
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    select: Select,
    #[command(flatten)]
    looks: LooksArgs,
    #[command(flatten)]
    reach: Reach,
}

impl What {
    /// Says by which name the program was called.
    pub(super) fn as_plugin(&mut self, is_plugin: bool) {
        match self {
            Self::Executions(args) => args.reach.is_plugin = is_plugin,
            Self::Events(args) => args.reach.is_plugin = is_plugin,
        }
    }

    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Executions(args) => executions(args).await,
            Self::Events(args) => events(args).await,
        }
    }
}

async fn executions(args: Executions) -> anyhow::Result<()> {
    let looks = args.looks.looks();
    let reached = args.reach.reach().await?;
    let mut found: Vec<Execution> = Vec::new();
    for object in &args.objects {
        found.push(object.look_up(&reached).await?);
    }
    if args.objects.is_empty() {
        let mut query = reached.query();
        query.extend(args.status.map(|status| ("status", status)));
        query.extend(args.name.map(|name| ("name", name)));
        let most = args.limit.map_or(usize::MAX, |limit| limit as usize);
        // Of the newest, some may have been told of long ago: the limit is for those that pass.
        let asked = if args.since.is_some() {
            usize::MAX
        } else {
            most
        };
        found = reached.client.executions(&query, asked).await?.executions;
        if let Some(since) = args.since {
            let since = since.time(SystemClock.now());
            found.retain(|one| Time::parse(&one.updated).is_ok_and(|time| time >= since));
        }
        found.truncate(most);
    }
    if found.is_empty() {
        out::say(looks.word("no execution is found", "没有找到执行"));
    }
    Ok(Printer::new(looks, io::stdout().lock()).print(&found)?)
}

async fn events(args: Events) -> anyhow::Result<()> {
    let looks = args.looks.looks();
    let reached = args.reach.reach().await?;
    let id = args.object.id(&reached).await?;
    let mut query = args.select.query(SystemClock.now());
    query.push(("lang", looks.lang.to_string()));
    if args.full || looks.is_wide() {
        query.push(("view", "full".into()));
    }
    let mut rows: Vec<Row> = reached.client.history(&id, &query).await?.rows;
    rows.retain(|row| args.select.holds(row));
    if let Some(tail) = args.tail {
        rows.drain(..rows.len().saturating_sub(tail));
    }
    if rows.is_empty() {
        out::say(looks.word("no event is found", "没有找到事件"));
    }
    Ok(Printer::new(looks, io::stdout().lock()).print(&rows)?)
}
