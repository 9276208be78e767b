//! The dagtrail binary: reads the command line and hands over.

use std::process::ExitCode;

use clap::Parser;

use dagtrail::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dagtrail: {error:#}");
            ExitCode::FAILURE
        }
    }
}
