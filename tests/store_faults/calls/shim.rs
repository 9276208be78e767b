//! The library that lets calls fail: built once, and what it has noted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::fault::{Fault, Kind};

/// One call that a process made.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) op: String,
    pub(super) was_hit: bool,
    /// Or what the program has noted.
    pub(super) path: PathBuf,
}

fn library() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store_faults/calls/shim.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&library, &source])
            .output()
            .expect("a C compiler");
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        assert!(built.status.success(), "{said}");
        (folder, library)
    });
    library
}

/// Has a command make its calls through the library; `below` is where they count, `log` is not below it.
pub(super) fn arm(command: &mut Command, below: &Path, log: &Path, fault: Option<Fault>) {
    let Fault { kind, at } = fault.unwrap_or(Fault {
        kind: Kind::Error,
        at: 0,
    });
    command
        .env("LD_PRELOAD", library())
        .env("FAULT_BELOW", below)
        .env("FAULT_KIND", kind.name())
        .env("FAULT_AT", at.to_string())
        .env("FAULT_LOG", log);
}

/// The calls that were made, in order.
pub(super) fn calls(log: &Path) -> Vec<Call> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let calls = text.lines().filter_map(|line| {
        let mut words = line.splitn(3, ' ');
        Some(Call {
            op: words.next()?.into(),
            was_hit: words.next()? == "1",
            path: words.next()?.into(),
        })
    });
    calls.collect()
}
