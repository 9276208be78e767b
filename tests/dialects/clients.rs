//! Where the real clients are that `install.sh` got. Does I/O.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that was made from a list of this repository; stops the test if it was made from another, or not at all.
fn made_from(dialect: &str, list: &str, folder: &str) -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("a home folder")).join(".cache"),
        PathBuf::from,
    );
    let folder = cache.join("dagtrail/clients").join(dialect).join(folder);
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects");
    let wanted = std::fs::read(here.join(dialect).join(list)).unwrap();
    let found = std::fs::read(folder.join("made-from"));
    assert!(
        found.is_ok_and(|found| found == wanted),
        "{dialect}/{list} is not installed: run tests/dialects/install.sh first"
    );
    folder
}

/// A Python with what `requirements<which>.txt` of a dialect lists, cut off from proxies.
pub(crate) fn python(dialect: &str, which: &str) -> Command {
    let stem = format!("requirements{which}");
    let folder = made_from(dialect, &format!("{stem}.txt"), &stem);
    let mut command = Command::new(folder.join("bin/python"));
    alone(&mut command);
    command
}

/// A Node.js that finds what `package.json` of a dialect lists.
pub(crate) fn node(dialect: &str) -> Command {
    let folder = made_from(dialect, "package.json", "package");
    let mut command = Command::new("node");
    command.env("NODE_PATH", folder.join("node_modules"));
    alone(&mut command);
    command
}

fn alone(command: &mut Command) {
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command.env("NO_PROXY", "127.0.0.1,localhost");
}
