//! The commands: what each flag is called and means. Does I/O.

mod client;
mod config;
mod delete;
mod demo;
mod doctor;
mod emit;
mod export;
mod file;
mod get;
mod import;
mod krew;
mod manifests;
mod manual;
mod migrate;
mod object;
mod out;
mod progress;
mod query;
mod reach;
mod record;
mod retention;
mod select;
mod serve;
mod show;
mod since;
mod tail;
mod tunnel;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{api, app, crd};

/// Keeps the trail that every DAG execution leaves.
#[derive(Debug, Parser)]
#[command(name = "dagtrail", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch a cluster, take events in, serve every execution's history
    Serve(serve::Args),
    /// Serve, with three executions that a seeded generator plays: one succeeds, one fails, one goes on
    Demo(demo::DemoArgs),
    /// Show executions, or the history of one
    #[command(subcommand)]
    Get(get::What),
    /// Show an execution's history and follow it until it ends
    #[command(after_help = tail::EXAMPLES)]
    Tail(tail::Args),
    /// Search the events of many executions
    #[command(after_help = query::EXAMPLES)]
    Query(query::Args),
    /// Tell events
    #[command(after_help = emit::EXAMPLES)]
    Emit(emit::Args),
    /// Delete executions with their history, for good
    #[command(after_help = delete::EXAMPLES)]
    Delete(delete::Args),
    /// Check a history, a server or a cluster, and say what helps
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Args),
    /// Write a history, or some of it, to a file
    #[command(after_help = export::EXAMPLES)]
    Export(export::Args),
    /// Take in what was exported
    #[command(after_help = import::EXAMPLES)]
    Import(import::Args),
    /// Say what a data directory is written in, and bring it to the newest format
    #[command(after_help = migrate::EXAMPLES)]
    Migrate(migrate::Args),
    /// Ask how long executions are kept
    #[command(subcommand)]
    Retention(retention::What),
    /// Watch a cluster, and keep all that it delivers in a file
    Record(record::RecordArgs),
    /// Tell a recording to a history, without a cluster
    Replay(record::ReplayArgs),
    /// Write the canonical dump of a history
    Dump(record::DumpArgs),
    /// Print the manifests that install this version in a cluster, for kubectl apply
    #[command(after_help = manifests::EXAMPLES)]
    Manifests(manifests::Args),
    /// Look at a file of settings
    #[command(subcommand)]
    Config(config::What),
    /// Print the CustomResourceDefinition of Execution, for kubectl apply
    Crd,
    /// Print the description of the HTTP API
    Openapi,
    /// Print a script that completes the commands in a shell
    #[command(after_help = manual::COMPLETION)]
    Completion(manual::CompletionArgs),
    /// Print the manual page, or write one for each command
    #[command(after_help = manual::MAN)]
    Man(manual::ManArgs),
    /// Print the manifest of the kubectl plugin, for krew
    #[command(hide = true)]
    KrewManifest(krew::Args),
}

/// What of the commands is for who runs dagtrail, not for who asks it through kubectl.
const NOT_OF_THE_PLUGIN: [&str; 11] = [
    "serve",
    "demo",
    "migrate",
    "record",
    "replay",
    "dump",
    "manifests",
    "config",
    "crd",
    "openapi",
    "man",
];

/// Whether the program was called as kubectl calls its plugins.
fn is_plugin() -> bool {
    let called = env::args_os().next().unwrap_or_default();
    Path::new(&called).file_stem() == Some(krew::BINARY.as_ref())
}

/// The commands as they are called: by their name, or through kubectl.
fn commands(is_plugin: bool) -> clap::Command {
    let command = Cli::command();
    if !is_plugin {
        return command;
    }
    let name = format!("kubectl {}", krew::PLUGIN);
    let command = NOT_OF_THE_PLUGIN.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| command.hide(true))
    });
    command
        .about("Show and follow what happened in DAG executions")
        .display_name(name.clone())
        .bin_name(name)
}

/// Reads the command line and does what it asks for.
#[must_use]
pub fn main() -> ExitCode {
    let is_plugin = is_plugin();
    let mut matches = commands(is_plugin).get_matches();
    let cli = Cli::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit());
    match cli.command.run(is_plugin) {
        Ok(code) => code,
        Err(error) if out::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::complain(&error);
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self, is_plugin: bool) -> anyhow::Result<ExitCode> {
        let mut code = ExitCode::SUCCESS;
        match self {
            Self::Serve(args) => serve::run(args)?,
            Self::Demo(args) => demo::run(args)?,
            Self::Record(args) => record::record(args)?,
            Self::Replay(args) => record::replay(args)?,
            Self::Dump(args) => record::dump(args)?,
            Self::Get(mut what) => {
                what.as_plugin(is_plugin);
                app::block_on(what.run())?;
            }
            Self::Tail(mut args) => {
                args.reach.is_plugin = is_plugin;
                app::block_on(async {
                    code = tail::run(args).await?;
                    Ok(())
                })?;
            }
            Self::Query(mut args) => {
                args.reach.is_plugin = is_plugin;
                app::block_on(query::run(args))?;
            }
            Self::Emit(mut args) => {
                args.as_plugin(is_plugin);
                app::block_on(emit::run(args))?;
            }
            Self::Delete(mut args) => {
                args.reach.is_plugin = is_plugin;
                app::block_on(delete::run(args))?;
            }
            Self::Manifests(args) => manifests::run(&args)?,
            Self::Doctor(mut args) => {
                args.reach.is_plugin = is_plugin;
                app::block_on(async {
                    code = doctor::run(args).await?;
                    Ok(())
                })?;
            }
            Self::Config(what) => config::run(what)?,
            Self::Export(mut args) => {
                args.reach.is_plugin = is_plugin;
                app::block_on(export::run(args))?;
            }
            Self::Import(mut args) => {
                args.reach.is_plugin = is_plugin;
                app::block_on(import::run(args))?;
            }
            Self::Migrate(args) => app::block_on(migrate::run(args))?,
            Self::Retention(mut what) => {
                what.as_plugin(is_plugin);
                app::block_on(what.run())?;
            }
            Self::Crd => out::write(&crd::yaml())?,
            Self::Openapi => out::write(&format!("{}\n", api::openapi().to_pretty_json()?))?,
            Self::Completion(args) => {
                let name = if is_plugin { krew::BINARY } else { "dagtrail" };
                manual::completion(&args, commands(is_plugin), name)?;
            }
            Self::Man(args) => manual::man(&args, commands(is_plugin))?,
            Self::KrewManifest(args) => krew::run(&args)?,
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_of_no_command_contradict_each_other() {
        for is_plugin in [false, true] {
            commands(is_plugin).debug_assert();
        }
    }

    #[test]
    fn every_command_that_asks_shows_three_examples() {
        let command = Cli::command();
        let mut shown = 0;
        let all = command.get_subcommands();
        for one in all.flat_map(|one| std::iter::once(one).chain(one.get_subcommands())) {
            if let Some(help) = one.get_after_help() {
                let help = help.to_string();
                let (_, examples) = help.split_once("Examples:\n").unwrap();
                assert_eq!(examples.lines().count(), 3, "{}", one.get_name());
                shown += 1;
            }
        }
        assert_eq!(shown, 14);
    }
}
