//! The commands: what each flag is called and means. Does I/O.

mod demo;
mod record;
mod serve;

use std::io::{self, Write};

use clap::{Parser, Subcommand};

use crate::{api, crd};

/// Keeps the trail that every DAG execution leaves.
#[derive(Debug, Parser)]
#[command(name = "dagtrail", version, about, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch a cluster, take events in, serve every execution's history
    Serve(serve::Args),
    /// Serve, with three executions that a seeded generator plays: one succeeds, one fails, one goes on
    Demo(demo::DemoArgs),
    /// Watch a cluster, and keep all that it delivers in a file
    Record(record::RecordArgs),
    /// Tell a recording to a history, without a cluster
    Replay(record::ReplayArgs),
    /// Write the canonical dump of a history
    Dump(record::DumpArgs),
    /// Print the CustomResourceDefinition of Execution, for kubectl apply
    Crd,
    /// Print the description of the HTTP API
    Openapi,
}

impl Cli {
    /// Does what was asked for.
    ///
    /// # Errors
    ///
    /// A sentence for the person at the terminal.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(args) => serve::run(args),
            Command::Demo(args) => demo::run(args),
            Command::Record(args) => record::record(args),
            Command::Replay(args) => record::replay(args),
            Command::Dump(args) => record::dump(args),
            Command::Crd => print(&crd::yaml()),
            Command::Openapi => print(&format!("{}\n", api::openapi().to_pretty_json()?)),
        }
    }
}

/// Prints, and does not mind if nobody reads to the end.
fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
