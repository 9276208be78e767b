//! `dagtrail doctor`: is it well, and if not, what helps. Does I/O.

mod cluster;
mod data;
mod finding;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use self::finding::{Finding, Findings};
use super::out;
use super::reach::Reach;
use crate::text;

pub(super) const EXAMPLES: &str =
    "The exit code is 0 if all is well, 1 if something needs attention, 2 if something is broken.

Examples:
  dagtrail doctor
  dagtrail doctor --data-dir /var/lib/dagtrail
  dagtrail doctor --in-cluster -o json";

/// `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Read all of this history; nobody else may have it open
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Check the cluster of the ServiceAccount or of the kubeconfig, and what may be done there
    #[arg(long)]
    in_cluster: bool,
    /// How it is said
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,
    #[command(flatten)]
    pub(super) reach: Reach,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    /// One line a check
    Text,
    /// One JSON object
    Json,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    findings.add(catalogue());
    if let Some(directory) = &args.data_dir {
        data::check(directory, &mut findings).await?;
    }
    let in_cluster = args.in_cluster || args.reach.names_cluster();
    if in_cluster {
        cluster::check(&args.reach, &mut findings).await;
    }
    // Without anything else that was asked for, the server is.
    if args.reach.names_server() || (args.data_dir.is_none() && !in_cluster) {
        server::check(&args.reach, &mut findings).await;
    }
    out::write(&match args.output {
        Output::Text => findings.text(),
        Output::Json => findings.json()?,
    })?;
    Ok(ExitCode::from(findings.exit()))
}

/// Whether this binary has words for every reason that it knows.
fn catalogue() -> Finding {
    let (mut all, mut missing) = (0, Vec::new());
    for code in text::codes() {
        all += 1;
        let facts = text::Facts {
            code,
            ..text::Facts::default()
        };
        let known = [text::Lang::Zh, text::Lang::En].map(|lang| text::render(&facts, lang));
        if known
            .iter()
            .any(|words| !words.translated || words.reason.is_empty())
        {
            missing.push(code);
        }
    }
    if missing.is_empty() {
        Finding::well("catalogue", format!("{all} reasons in Chinese and English"))
    } else {
        let said = format!("no words in both languages for {}", missing.join(", "));
        Finding::attention("catalogue", said, "dagtrail --version")
    }
}
