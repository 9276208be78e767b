//! `dagtrail import`: takes in what was exported. Does I/O.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bytes::Bytes;
use tokio::sync::mpsc;

use super::export::said;
use super::file;
use super::out;
use super::reach::Reach;
use crate::app;
use crate::model::{Clock, Extent, Part, SystemClock};
use crate::moving::{Counts, Reader, Writer};
use crate::store::{self, Restored};

pub(super) const EXAMPLES: &str =
    "The file is read twice: first to see that it is whole, before anything is written. To import it again changes nothing.

Examples:
  dagtrail import backup.ndjson.zst --verify
  dagtrail import backup.ndjson.zst --data-dir ./dagtrail-data
  dagtrail import nightly.ndjson --server http://127.0.0.1:8080";

/// Parts that are held at once.
const TOGETHER: usize = 64;
/// About how many bytes a server is sent at once; it takes eight times that.
const CHUNK: usize = 4 << 20;

/// `import`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What `dagtrail export` has written, packed or not
    file: PathBuf,
    /// Only look whether it is whole: counts, checksum, every line; nothing is written
    #[arg(long)]
    verify: bool,
    /// Into the history in this folder, which nobody serves, instead of a server's; made if there is none
    #[arg(long, value_name = "DIR", conflicts_with_all = ["server", "port_forward", "context", "kubeconfig"])]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) reach: Reach,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    if args.reach.namespace.is_some() {
        bail!("--namespace chooses nothing here: export what you want of it");
    }
    let shown = args.file.display().to_string();
    let counts = verified(args.file.clone()).await;
    let counts = counts.with_context(|| format!("{shown} is not imported, nothing was written"))?;
    if args.verify {
        out::say(&format!("{shown} is whole: {}", said(&counts)));
        return Ok(());
    }
    let done = match &args.data_dir {
        Some(folder) => into_folder(args.file.clone(), folder).await,
        None => into_server(&args).await,
    };
    let done =
        done.with_context(|| format!("{shown} is imported in part at most: again is harmless"))?;
    let Restored {
        changed,
        known,
        buried,
    } = done;
    out::say(&format!("dagtrail has imported {shown}: {}", said(&counts)));
    out::say(&format!(
        "  {changed} rows are new or have changed, {known} were known"
    ));
    if buried > 0 {
        out::say(&format!(
            "  {buried} origins stay away: their executions were deleted or pruned here later than what they tell of"
        ));
    }
    Ok(())
}

async fn verified(path: PathBuf) -> anyhow::Result<Counts> {
    tokio::task::spawn_blocking(move || whole(&path)).await?
}

fn whole(path: &Path) -> anyhow::Result<Counts> {
    let reader = Reader::open(file::open(path, "checking")?)?;
    Ok(reader.verify()?)
}

/// Gives a file's parts, some at a time.
fn read(path: &Path, mut take: impl FnMut(Vec<Part>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut reader = Reader::open(file::open(path, "importing")?)?;
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part()? {
        parts.push(part);
        if parts.len() == TOGETHER {
            take(std::mem::take(&mut parts))?;
        }
    }
    take(parts)
}

async fn into_folder(path: PathBuf, folder: &Path) -> anyhow::Result<Restored> {
    app::with_history(folder, true, move |store| {
        let mut done = Restored::default();
        read(&path, |parts| {
            for some in store::commits(&parts) {
                done += store.restore(some, SystemClock.now())?;
            }
            Ok(())
        })?;
        Ok(done)
    })
    .await
}

/// Every request is a whole export of its own: the server sees that nothing of it was lost.
async fn into_server(args: &Args) -> anyhow::Result<Restored> {
    let reached = args.reach.reach().await?;
    let (sender, mut chunks) = mpsc::channel::<Bytes>(1);
    let path = args.file.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let new = || Writer::new(Vec::new(), &Extent::default());
        let mut writer = new()?;
        let send = |writer: Writer<Vec<u8>>| {
            let (_, lines) = writer.finish()?;
            let sent = sender.blocking_send(lines.into());
            sent.context("the server has taken no more")
        };
        read(&path, |parts| {
            for part in &parts {
                writer.part(part)?;
                if writer.written().len() >= CHUNK {
                    send(std::mem::replace(&mut writer, new()?))?;
                }
            }
            Ok(())
        })?;
        send(writer)
    });
    let mut done = Restored::default();
    while let Some(lines) = chunks.recv().await {
        let imported = reached.client.import(lines).await?;
        done += Restored {
            changed: imported.changed,
            known: imported.known,
            buried: imported.buried,
        };
    }
    reading.await.context("a defect of dagtrail")??;
    Ok(done)
}
