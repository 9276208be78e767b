//! Runs the programs of `browser/`. Does I/O.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where `install.sh` put the modules, if it did and they are those of the list.
fn modules() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("a home folder")).join(".cache"),
        PathBuf::from,
    );
    let folder = cache.join("dagtrail/ui");
    let wanted = std::fs::read(here().join("package.json")).expect("the list of modules");
    let found = std::fs::read(folder.join("made-from")).ok()?;
    (found == wanted && Path::new("/usr/bin/chromium").exists()).then_some(folder)
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")
}

/// Runs a program against a server, told some more; all that it checks must hold.
pub(crate) fn holds(program: &str, url: &str, told: &[(&str, &str)]) {
    let Some(modules) = modules() else {
        let why = "no browser is installed: run tests/ui/install.sh first";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
        eprintln!("THIS TEST OF THE PAGE DID NOT RUN: {why}");
        return;
    };
    let profile = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new("node");
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    let output = command
        .arg(here().join("browser").join(format!("{program}.mjs")))
        .arg(url)
        .envs(told.iter().copied())
        .env("MODULES", modules.join("package.json"))
        .env("PROFILE", profile.path())
        .env(
            "IMAGES",
            concat!(env!("CARGO_MANIFEST_DIR"), "/docs/images"),
        )
        .env("KEPT", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("node runs");
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    println!("{said}");
    // A program that ends before its last line has not checked everything.
    let is_whole = said.trim_end().ends_with("everything holds");
    assert!(
        output.status.success() && is_whole,
        "{program}:\n{said}\n{complained}"
    );
}
