//! `dagtrail tail`: the history of an execution and, with `-f`, what comes, until it ends. Does I/O.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Stdout};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep};

use super::client::{Client, Error, Query, Row, Told};
use super::object::Object;
use super::out;
use super::reach::Reach;
use super::select::Select;
use super::show::{Looks, LooksArgs, Printer};
use super::since::duration;
use crate::model::{Clock, SystemClock};

/// How long to wait before the first new attempt; the next wait twice as long each, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

pub(super) const EXAMPLES: &str = "With --exit-status the exit code is 0 if the execution succeeded, 1 if it failed or was cancelled, 2 if that is \
not known (it goes on, or the server cannot be asked), 3 if there is no such execution.

Examples:
  dagtrail tail @latest -f
  dagtrail tail team-a/job/nightly -f --exit-status && echo well
  dagtrail tail 8c1d0f52-0000-4000-8000-000000000002 -f --type Warning -o ndjson";

/// `tail`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// <id>, kind/name, namespace/kind/name or @latest
    #[arg(value_name = "EXECUTION")]
    object: Object,
    /// Go on with what comes, until the execution ends
    #[arg(short, long)]
    follow: bool,
    /// Tell by the exit code how the execution ended
    #[arg(long)]
    exit_status: bool,
    /// Of what was, only the last so many
    #[arg(long, value_name = "NUMBER")]
    tail: Option<usize>,
    /// All that is known of each, in JSON and YAML
    #[arg(long)]
    full: bool,
    /// How long to try again when the connection is lost
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = lasting)]
    reconnect_for: Duration,
    #[command(flatten)]
    select: Select,
    #[command(flatten)]
    looks: LooksArgs,
    #[command(flatten)]
    pub(super) reach: Reach,
}

fn lasting(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| format!("{text:?} is not a duration such as 10m"))
}

/// How the walk ended.
enum End {
    /// All was told that was there.
    Told,
    /// The execution is there no longer.
    Gone,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let by_status = args.exit_status;
    match walk(args).await {
        Err(error) if by_status && !out::is_closed(&error) => {
            let gone = error.downcast_ref().is_some_and(Error::is_unknown);
            out::complain(&error);
            Ok(ExitCode::from(if gone { 3 } else { 2 }))
        }
        ended => ended,
    }
}

async fn walk(args: Args) -> anyhow::Result<ExitCode> {
    let looks = args.looks.looks().streaming();
    let reached = args.reach.reach().await?;
    let id = args.object.id(&reached).await?;
    let mut query = args.select.query(SystemClock.now());
    query.push(("lang", looks.lang.to_string()));
    if args.full || looks.is_wide() {
        query.push(("view", "full".into()));
    }
    let history = reached.client.history(&id, &query).await?;
    let mut tailing = Tailing {
        client: reached.client,
        id,
        query,
        place: history.place,
        select: args.select,
        seen: Seen::default(),
        printer: Printer::new(looks.clone(), io::stdout()),
        looks,
        patience: args.reconnect_for,
    };
    tailing.backlog(history.rows, args.tail)?;
    let end = if args.follow {
        tailing.live().await?
    } else {
        End::Told
    };
    if let End::Gone = end {
        let said = "-- the execution is there no longer --";
        out::say(tailing.looks.word(said, "-- 该执行已不存在 --"));
    }
    match end {
        _ if !args.exit_status => Ok(ExitCode::SUCCESS),
        End::Gone => Ok(ExitCode::from(3)),
        End::Told => {
            let execution = tailing.client.execution(&tailing.id).await?;
            Ok(ExitCode::from(code(&execution.status)))
        }
    }
}

/// The exit code that a status means.
fn code(status: &str) -> u8 {
    match status {
        "Succeeded" => 0,
        "Failed" | "Cancelled" => 1,
        _ => 2,
    }
}

/// What was printed of each row last, so that nothing is printed twice.
#[derive(Default)]
struct Seen(HashMap<String, u64>);

impl Seen {
    /// Whether a row is new, or other than it was.
    fn is_news(&mut self, row: &Row) -> bool {
        let mut hasher = DefaultHasher::new();
        row.json.hash(&mut hasher);
        let state = hasher.finish();
        self.0.insert(row.event.metadata.name.clone(), state) != Some(state)
    }
}

struct Tailing {
    client: Client,
    id: String,
    query: Query,
    place: Option<String>,
    select: Select,
    seen: Seen,
    printer: Printer<Stdout>,
    looks: Looks,
    patience: Duration,
}

impl Tailing {
    /// What was, in its order.
    fn backlog(&mut self, mut rows: Vec<Row>, tail: Option<usize>) -> anyhow::Result<()> {
        rows.retain(|row| self.seen.is_news(row) && self.select.holds(row));
        let left_out = tail.map_or(0, |tail| rows.len().saturating_sub(tail));
        Ok(self.printer.print(&rows[left_out..])?)
    }

    /// What comes. A connection that is lost is made again, behind what was told.
    async fn live(&mut self) -> anyhow::Result<End> {
        let mut lost: Option<Instant> = None;
        let mut wait = SHORTEST;
        loop {
            let opened = self
                .client
                .follow(&self.id, &self.query, self.place.as_deref());
            let problem = match opened.await {
                Ok(None) => return Ok(End::Told),
                Ok(Some(mut stream)) => {
                    if lost.take().is_some() {
                        self.say_resumed();
                    }
                    loop {
                        match stream.next().await {
                            Some(Ok((told, place))) => {
                                wait = SHORTEST;
                                self.place = Some(place);
                                if self.take(told)? {
                                    return Ok(End::Told);
                                }
                            }
                            Some(Err(error)) if error.may_pass() => break error.to_string(),
                            Some(Err(error)) => return Err(error.into()),
                            None => {
                                break self
                                    .looks
                                    .word("the server closed it", "服务端已关闭")
                                    .to_owned();
                            }
                        }
                    }
                }
                Err(error) if error.is_unknown() => return Ok(End::Gone),
                Err(error) if error.may_pass() => error.to_string(),
                Err(error) => return Err(error.into()),
            };
            match lost {
                None => {
                    let said = self.looks.word(
                        "the connection is lost, it is made again",
                        "连接中断，正在重连",
                    );
                    out::say(&format!("-- {said}: {problem} --"));
                    lost = Some(Instant::now());
                }
                Some(since) if since.elapsed() > self.patience => {
                    bail!("the connection could not be made again: {problem}");
                }
                Some(_) => {}
            }
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST);
        }
    }

    fn say_resumed(&self) {
        let said = self.looks.word("resumed behind", "已续传，起点");
        let place = self.place.as_deref().unwrap_or("-");
        out::say(&format!("-- {said} {place} --"));
    }

    /// True if that was the end.
    fn take(&mut self, told: Told) -> anyhow::Result<bool> {
        match told {
            Told::Done => return Ok(true),
            Told::Gap(why) => {
                let said = self.looks.word(
                    "parts of the history were removed or renamed; what is new of the rest follows",
                    "部分历史已删除或改名；以下为其余的新内容",
                );
                out::say(&format!("-- {said}: {why} --"));
            }
            Told::Row(row) => {
                if self.seen.is_news(&row) && self.select.holds(&row) {
                    self.printer.print(std::slice::from_ref(&*row))?;
                }
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_exit_code() {
        for (status, expected) in [
            ("Succeeded", 0),
            ("Failed", 1),
            ("Cancelled", 1),
            ("Running", 2),
            ("Pending", 2),
            ("", 2),
        ] {
            assert_eq!(code(status), expected, "{status}");
        }
    }
}
