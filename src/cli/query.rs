//! `dagtrail query`: events of many executions as one timeline. Does I/O.

use std::collections::HashSet;
use std::io;

use futures::{StreamExt, TryStreamExt, stream};

use super::client::{Execution, Row};
use super::out;
use super::reach::Reach;
use super::select::Select;
use super::show::{Found, LooksArgs, Printer};
use crate::model::{Clock, SystemClock};

/// So many histories are asked for at a time.
const AT_A_TIME: usize = 4;

pub(super) const EXAMPLES: &str = "Executions are chosen by namespace, status and name, the newest first; of each, the events that pass. All are one \
timeline, by the time they were first seen.

Examples:
  dagtrail query --status Failed --type Warning --since 1d
  dagtrail query -n team-a --reason BackOff -o csv
  dagtrail query --name nightly --contains 'out of memory' --limit 20";

/// `query`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of executions with this status: Pending, Running, Succeeded, Failed or Cancelled
    #[arg(long)]
    status: Option<String>,
    /// Of executions with this in the name
    #[arg(long, value_name = "PART")]
    name: Option<String>,
    /// Only the last so many
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Look through at most so many executions; that there are more is said
    #[arg(long, value_name = "NUMBER", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    max_executions: u32,
    /// All that is known of each, in JSON and YAML
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    select: Select,
    #[command(flatten)]
    looks: LooksArgs,
    #[command(flatten)]
    pub(super) reach: Reach,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let looks = args.looks.looks();
    let reached = args.reach.reach().await?;
    let mut chosen = reached.query();
    chosen.extend(args.status.map(|status| ("status", status)));
    chosen.extend(args.name.map(|name| ("name", name)));
    let most = args.max_executions as usize;
    let listed = reached.client.executions(&chosen, most).await?;
    if listed.total > most {
        out::say(&format!(
            "only the newest {most} of {} executions are looked through; --max-executions changes that",
            listed.total
        ));
    }
    let mut query = args.select.query(SystemClock.now());
    query.push(("lang", looks.lang.to_string()));
    // The full view has the rows' ids: two executions that are one by an alias have the same rows.
    query.push(("view", "full".into()));
    let in_full = args.full || looks.is_wide();
    let (client, query, select) = (&reached.client, &query, &args.select);
    let histories = stream::iter(&listed.executions).map(async |execution| {
        match client.history(&execution.id, query).await {
            Ok(history) => Ok((execution, history.rows)),
            // It was deleted since the list was made.
            Err(error) if error.is_unknown() => Ok((execution, Vec::new())),
            Err(error) => Err(error),
        }
    });
    let histories: Vec<(&Execution, Vec<Row>)> =
        histories.buffered(AT_A_TIME).try_collect().await?;
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut known = HashSet::new();
    for (execution, rows) in histories {
        for row in rows {
            if select.holds(&row) && known.insert(row.event.uid.clone()) {
                let row = if in_full { row } else { row.plain() };
                found.push(Found { execution, row });
            }
        }
    }
    // RFC 3339 in UTC and whole seconds sorts as text; of one second, an execution's rows keep their order.
    found.sort_by(|a, b| {
        a.row
            .event
            .first_timestamp
            .cmp(&b.row.event.first_timestamp)
    });
    if let Some(limit) = args.limit {
        found.drain(..found.len().saturating_sub(limit));
    }
    if found.is_empty() {
        out::say(looks.word("no event is found", "没有找到事件"));
    }
    Ok(Printer::new(looks, io::stdout().lock()).print(&found)?)
}
