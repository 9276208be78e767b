//! `dagtrail export`: a history, or some of it, as a file. Does I/O.

use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use bytes::{Buf, Bytes};
use clap::ValueEnum;
use futures::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::client::{Error, Query};
use super::file::{Target, Tee};
use super::out;
use super::progress::{Of, Progress};
use super::reach::Reach;
use super::since::When;
use crate::app;
use crate::model::{Clock, ExecutionKey, Extent, Part, SystemClock, Time};
use crate::moving::{Counts, Reader, Shape, Viewer, Writer};
use crate::store::Store;
use crate::text::Lang;

pub(super) const EXAMPLES: &str =
    "What is exported is what was known at one moment; writing goes on meanwhile. docs/moving.md describes the file.

Examples:
  dagtrail export --all -o backup.ndjson.zst
  dagtrail export --execution nightly-42 --format seed -o nightly.json
  dagtrail export --data-dir ./dagtrail-data --since 7d -o - | zstd > week.ndjson.zst";

/// `export`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// File to write, packed if its name ends with .zst; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: String,
    /// Everything that may be read [default, but for the context's namespace through a cluster]
    #[arg(long, conflicts_with_all = ["execution", "since", "namespace"])]
    all: bool,
    /// Only this execution and those that it is united with, by id or alias
    #[arg(long, value_name = "ID")]
    execution: Option<String>,
    /// Only executions that were told of so long ago or later: 7d, or an RFC 3339 time; of each the whole history
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// What the file is
    #[arg(long, value_name = "FORMAT", default_value = "ndjson")]
    format: Format,
    /// Language of the words; not in ndjson, which has facts
    #[arg(long, default_value = "both")]
    lang: Words,
    /// The history in this folder, which nobody serves, instead of a server's
    #[arg(long, value_name = "DIR", conflicts_with_all = ["server", "port_forward", "context", "kubeconfig"])]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// All that is known, to be imported again
    Ndjson,
    /// The events as one array, as the native API answers them
    Seed,
    /// The events as CloudEvents 1.0: a batch, or one a line if the file's name says ndjson
    Cloudevents,
    /// The events as a Kubernetes EventList
    Kubernetes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Words {
    Zh,
    En,
    Both,
}

/// What was written.
struct Done {
    counts: Option<Counts>,
    events: u64,
    /// The position in the sequence of the store.
    place: Option<String>,
}

impl Args {
    fn shape(&self) -> Option<Shape> {
        match self.format {
            Format::Ndjson => None,
            Format::Seed => Some(Shape::Seed),
            Format::Cloudevents if self.output.contains(".ndjson") => Some(Shape::CloudEventLines),
            Format::Cloudevents => Some(Shape::CloudEvents),
            Format::Kubernetes => Some(Shape::Kubernetes),
        }
    }

    const fn lang(&self) -> Lang {
        match self.lang {
            Words::Zh => Lang::Zh,
            Words::En => Lang::En,
            Words::Both => Lang::Both,
        }
    }

    fn since(&self) -> Option<Time> {
        self.since.map(|when| when.time(SystemClock.now()))
    }
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let target = Target::create(&args.output)?;
    let to = args.output.clone();
    let done = if args.data_dir.is_some() {
        of_folder(args, target).await?
    } else {
        of_server(args, target).await?
    };
    let place = done
        .place
        .map_or(String::new(), |place| format!(" as of {place}"));
    let what = match done.counts {
        Some(counts) => said(&counts),
        None => format!("{} events", done.events),
    };
    if to == "-" {
        out::say(&format!("dagtrail has exported {what}{place}"));
    } else {
        out::say(&format!("dagtrail has exported to {to}: {what}{place}"));
    }
    Ok(())
}

/// Counts that are not zero, in words.
pub(super) fn said(counts: &Counts) -> String {
    let named = counts.named().into_iter();
    let shown = named.filter(|(what, count)| *count > 0 || *what == "executions");
    let shown = shown.map(|(what, count)| format!("{count} {what}"));
    shown.collect::<Vec<_>>().join(", ")
}

async fn of_folder(args: Args, target: Target) -> anyhow::Result<Done> {
    let folder = args.data_dir.clone().unwrap_or_default();
    app::with_history(&folder, false, move |store| {
        let extent = Extent {
            tenant: args.reach.namespace.as_deref().map(Into::into),
            since: args.since(),
            executions: args
                .execution
                .as_deref()
                .map(|id| united(store, id))
                .transpose()?,
            ..Extent::default()
        };
        let snapshot = store.snapshot(&extent)?;
        let place = Some(format!("{}.{}", store.id(), snapshot.seq));
        let total = Some(snapshot.executions as u64);
        let mut progress = Progress::new("exporting", Of::Executions, total);
        let parts = snapshot.parts.inspect(|part| {
            if let Ok(Part::Execution(_)) = part {
                progress.add(1);
            }
        });
        let mut done = match args.shape() {
            None => {
                let mut writer = Writer::new(target, &extent)?;
                for part in parts {
                    writer.part(&part?)?;
                }
                let (counts, target) = writer.finish()?;
                target.finish()?;
                Done::of(counts)
            }
            Some(shape) => {
                let mut viewer = Viewer::new(target, shape, args.lang())?;
                for part in parts {
                    viewer.part(part?)?;
                }
                let (events, target) = viewer.finish()?;
                target.finish()?;
                Done::of_view(events)
            }
        };
        done.place = place;
        Ok(done)
    })
    .await
}

impl Done {
    const fn of(counts: Counts) -> Self {
        Self {
            counts: Some(counts),
            events: 0,
            place: None,
        }
    }

    const fn of_view(events: u64) -> Self {
        Self {
            counts: None,
            events,
            place: None,
        }
    }
}

fn united(store: &dyn Store, id: &str) -> anyhow::Result<std::collections::BTreeSet<ExecutionKey>> {
    let found = store.united(id)?;
    if found.is_empty() {
        bail!("execution {id:?} is not known");
    }
    Ok(found.into_iter().map(|execution| execution.key).collect())
}

async fn of_server(args: Args, target: Target) -> anyhow::Result<Done> {
    let reached = args.reach.reach().await?;
    let namespace = reached.namespace.clone().filter(|_| !args.all);
    let query: Query = [
        namespace.map(|namespace| ("namespace", namespace)),
        args.since().map(|since| ("since", since.to_exact())),
        args.execution.clone().map(|id| ("execution", id)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (executions, bytes) = reached.client.export(&query).await?;
    let (sender, receiver) = mpsc::channel(8);
    let progress = Progress::new("exporting", Of::Executions, executions);
    let writing = tokio::task::spawn_blocking(move || {
        let from = Incoming {
            receiver,
            rest: Bytes::new(),
        };
        written(from, target, args.shape(), args.lang(), progress)
    });
    pump(bytes, sender).await;
    let done = writing.await.context("a defect of dagtrail")?;
    done.context("the server's answer is not whole, and nothing was kept of it")
}

/// Gives on what comes, until nobody takes it.
async fn pump(
    bytes: impl Stream<Item = Result<Bytes, Error>>,
    to: mpsc::Sender<Result<Bytes, Error>>,
) {
    let mut bytes = std::pin::pin!(bytes);
    while let Some(some) = bytes.next().await {
        if to.send(some).await.is_err() {
            return;
        }
    }
}

/// Writes what comes, once it is seen to be whole.
fn written(
    from: impl Read,
    mut target: Target,
    shape: Option<Shape>,
    lang: Lang,
    mut progress: Progress,
) -> anyhow::Result<Done> {
    let mut last: Option<ExecutionKey> = None;
    let mut count = move |part: &Part| {
        if let Part::Execution(saved) = part
            && last.as_ref() != Some(&saved.execution.key)
        {
            last = Some(saved.execution.key.clone());
            progress.add(1);
        }
    };
    let Some(shape) = shape else {
        let to = &mut target;
        let mut reader = Reader::open(BufReader::new(Tee { from, to }))?;
        while let Some(part) = reader.next_part()? {
            count(&part);
        }
        let counts = reader.verify()?;
        target.finish()?;
        return Ok(Done::of(counts));
    };
    let mut reader = Reader::open(BufReader::new(from))?;
    let mut viewer = Viewer::new(target, shape, lang)?;
    while let Some(part) = reader.next_part()? {
        count(&part);
        viewer.part(part)?;
    }
    let (events, mut target) = viewer.finish()?;
    target.flush()?;
    target.finish()?;
    Ok(Done::of_view(events))
}

/// Bytes of an answer, for who reads and waits.
struct Incoming {
    receiver: mpsc::Receiver<Result<Bytes, Error>>,
    rest: Bytes,
}

impl Read for Incoming {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.receiver.blocking_recv() {
                Some(Ok(bytes)) => self.rest = bytes,
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Ok(0),
            }
        }
        let taken = to.len().min(self.rest.len());
        to[..taken].copy_from_slice(&self.rest[..taken]);
        self.rest.advance(taken);
        Ok(taken)
    }
}
