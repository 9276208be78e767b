//! `dagtrail retention`: which rule will prune an execution, and when. Does I/O.

use std::io;

use super::object::Object;
use super::out;
use super::reach::Reach;
use super::show::{self, LooksArgs, Printer};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(super) enum What {
    /// Tell which rule will prune an execution, and when
    #[command(after_help = EXPLAIN)]
    Explain(Explain),
}

const EXPLAIN: &str = "The server is asked: its rules count.

Examples:
  dagtrail retention explain @latest
  dagtrail retention explain team-a/job/nightly job/weekly -n team-a
  dagtrail retention explain 8c1d0f52-0000-4000-8000-000000000002 -o json";

/// `retention explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// <id>, kind/name, namespace/kind/name or @latest
    #[arg(value_name = "EXECUTION", required = true)]
    objects: Vec<Object>,
    #[command(flatten)]
    looks: LooksArgs,
    #[command(flatten)]
    reach: Reach,
}

impl What {
    /// Notes that the program was called as kubectl's plugin, or not.
    pub(super) fn as_plugin(&mut self, is_plugin: bool) {
        let Self::Explain(args) = self;
        args.reach.is_plugin = is_plugin;
    }

    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self::Explain(args) = self;
        let reached = args.reach.reach().await?;
        let mut all = Vec::new();
        for object in &args.objects {
            let id = object.id(&reached).await?;
            all.extend(reached.client.retention(&id).await?);
        }
        let looks = args.looks.looks();
        if !looks.is_table() {
            return Ok(Printer::new(looks, io::stdout().lock()).print(&all)?);
        }
        for kept in &all {
            let (id, namespace) = (&kept.execution, &kept.namespace);
            let text = format!("{id} in {namespace}: {}", kept.because);
            out::write(&format!("{}\n", show::line(&text)))?;
        }
        Ok(())
    }
}
