//! What shells and man(1) read of the commands. Does I/O.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

use super::out;

/// `completion`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionArgs {
    shell: Shell,
}

/// `man`.
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(super) const COMPLETION: &str = "Examples:
  source <(dagtrail completion bash)
  dagtrail completion zsh > ~/.zfunc/_dagtrail
  dagtrail completion fish > ~/.config/fish/completions/dagtrail.fish";

pub(super) const MAN: &str = "Examples:
  dagtrail man | man -l -
  dagtrail man --dir ~/.local/share/man/man1
  dagtrail man > dagtrail.1";

pub(super) fn completion(
    args: &CompletionArgs,
    mut command: Command,
    name: &str,
) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    Ok(out::write(&String::from_utf8_lossy(&script))?)
}

pub(super) fn man(args: &ManArgs, command: Command) -> anyhow::Result<()> {
    match &args.dir {
        Some(folder) => pages(command, folder)
            .with_context(|| format!("the pages cannot be written to {}", folder.display())),
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            Ok(out::write(&String::from_utf8_lossy(&page))?)
        }
    }
}

fn pages(command: Command, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)
}
