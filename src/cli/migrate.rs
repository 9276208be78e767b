//! `dagtrail migrate`: what a data directory is written in, and what is to be done about it. Does I/O.

use std::path::PathBuf;

use anyhow::bail;

use super::out;
use crate::app;

pub(super) const EXAMPLES: &str = "Examples:
  dagtrail migrate --plan
  dagtrail migrate --plan --data-dir /var/lib/dagtrail
  dagtrail migrate --data-dir /var/lib/dagtrail";

/// `migrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Say what would be done, and do nothing
    #[arg(long, visible_alias = "dry-run")]
    plan: bool,
    /// Folder that the history is kept in
    #[arg(long, env = "DAGTRAIL_DATA_DIR", default_value = super::serve::DATA_DIR)]
    data_dir: PathBuf,
}

pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let folder = args.data_dir.display();
    let Some(found) = app::formats(&args.data_dir).await? else {
        bail!("there is no history in {folder}");
    };
    let version = env!("CARGO_PKG_VERSION");
    out::write(&format!(
        "data directory  {folder}\n\
         its format      {}, for readers from {} and writers from {}\n\
         this dagtrail   {version}, writes format {}, reads as {} and writes as {}\n",
        found.format,
        found.reader,
        found.writer,
        found.own_format,
        found.own_reader,
        found.own_writer,
    ))?;
    if found.reader > found.own_reader || found.writer > found.own_writer {
        bail!(
            "a newer dagtrail has written {folder}: this one neither reads nor changes it; start a newer one, or export \
             there and import here"
        );
    }
    // There was never another format, so there is no way to go.
    let left = if args.plan { "to do" } else { "done" };
    out::write(&format!("{left:<15} nothing: it is the newest format\n"))?;
    Ok(())
}
