//! `dagtrail record`, `dagtrail replay`, `dagtrail dump`. Does I/O.

use std::path::PathBuf;

use super::serve::{Format, Lasting};
use crate::app::{self, Record, Replay};
use crate::dump::Dumped;
use crate::telemetry::{self, Telling};

/// What is recorded, and where to.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct RecordArgs {
    /// The recording; if it is there already, it goes on
    file: PathBuf,
    /// Folder that the history is kept in, a new one [default: in memory]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// End after this time [default: when it is asked to by a signal]
    #[arg(long = "for")]
    span: Option<Lasting>,
    /// In the end, write the canonical dump of the history to this file; - is standard output
    #[arg(long)]
    dump: Option<String>,
    /// The cluster's name in origins [default: the uid of namespace kube-system]
    #[arg(long, env = "DAGTRAIL_CLUSTER_NAME")]
    cluster_name: Option<String>,
    /// How long the API server keeps an Event, its flag of this name [default: 1h]
    #[arg(long, env = "DAGTRAIL_EVENT_TTL")]
    event_ttl: Option<Lasting>,
    /// How log lines look [default: text]
    #[arg(long, env = "DAGTRAIL_LOG_FORMAT")]
    log_format: Option<Format>,
}

/// What is replayed, and where to.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ReplayArgs {
    /// The recording
    file: PathBuf,
    /// Folder that the history is kept in, or memory:
    #[arg(long, default_value = "memory:")]
    store: String,
    /// Write the canonical dump of the history to this file; - is standard output [default: - if it is kept in memory]
    #[arg(long)]
    dump: Option<String>,
    /// How log lines look [default: text]
    #[arg(long, env = "DAGTRAIL_LOG_FORMAT")]
    log_format: Option<Format>,
}

/// What is dumped, and where to.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct DumpArgs {
    /// File to write; - is standard output
    #[arg(default_value = "-")]
    file: String,
    /// Folder that the history is kept in; nobody else may have it open
    #[arg(long, env = "DAGTRAIL_DATA_DIR", default_value = super::serve::DATA_DIR)]
    data_dir: PathBuf,
}

fn said(kept: Dumped) -> String {
    let Dumped {
        executions,
        rows,
        occurrences,
    } = kept;
    format!("{executions} executions, {rows} rows, {occurrences} occurrences")
}

pub(super) fn record(args: RecordArgs) -> anyhow::Result<()> {
    telemetry::start(&Telling::lines(
        args.log_format.unwrap_or(Format::Text).into(),
    ))?;
    let file = args.file.display().to_string();
    let record = Record {
        file: args.file,
        folder: args.data_dir,
        cluster_name: args.cluster_name,
        event_ttl: args.event_ttl.map(|ttl| ttl.0),
        span: args.span.map(|span| span.0),
        dump: args.dump,
    };
    app::block_on(async move {
        let to = file.clone();
        let ready = move |before: Option<app::Replayed>| {
            let goes_on = before.map_or(String::new(), |before| {
                format!(", behind {} deliveries", before.deliveries)
            });
            eprintln!("dagtrail records to {to}{goes_on}; all kinds are listed");
        };
        let kept = record.run(ready).await?;
        eprintln!("dagtrail has recorded to {file}: {}", said(kept));
        Ok(())
    })
}

pub(super) fn replay(args: ReplayArgs) -> anyhow::Result<()> {
    telemetry::start(&Telling::lines(
        args.log_format.unwrap_or(Format::Text).into(),
    ))?;
    let in_memory = args.store == "memory:";
    let file = args.file.display().to_string();
    let replay = Replay {
        file: args.file,
        store: args.store,
        dump: args.dump.or_else(|| in_memory.then(|| "-".into())),
    };
    app::block_on(async move {
        let told = replay.run().await?;
        if told.torn {
            eprintln!("dagtrail: the last line of {file} was cut off and is left out");
        }
        let app::Replayed {
            starts,
            deliveries,
            objects,
            span,
        } = told.replayed;
        let span = span.map_or(String::new(), |(since, until)| {
            format!(" from {since} to {until}")
        });
        eprintln!(
            "dagtrail has replayed {file}: {starts} starts, {deliveries} deliveries of {objects} states{span}"
        );
        eprintln!("  {}", said(told.kept));
        Ok(())
    })
}

pub(super) fn dump(args: DumpArgs) -> anyhow::Result<()> {
    telemetry::start(&Telling::lines(Format::Text.into()))?;
    app::block_on(async move {
        let kept = app::dump(&args.data_dir, &args.file).await?;
        eprintln!("dagtrail has dumped {}", said(kept));
        Ok(())
    })
}
