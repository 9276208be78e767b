//! What `/openapi.json` promises, asked of the real binary by schemathesis with every check that it has.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::{Server, dagtrail};

/// Fewer would mean that it has not tried everything.
const LEAST: usize = 1000;

/// Where `install.sh` put it; stops the test if that was made from another list, or not at all.
fn program() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("a home folder")).join(".cache"),
        PathBuf::from,
    );
    let folder = cache.join("dagtrail/openapi");
    let wanted = std::fs::read(here().join("requirements.txt")).unwrap();
    let found = std::fs::read(folder.join("made-from"));
    assert!(
        found.is_ok_and(|found| found == wanted),
        "tests/openapi/requirements.txt is not installed: run tests/openapi/install.sh first"
    );
    folder.join("bin/st")
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi")
}

/// The number before a word of what it printed.
fn number(said: &str, word: &str) -> usize {
    let before = said.split(word).next().unwrap_or_default();
    let digits = before
        .rsplit(char::is_whitespace)
        .find(|word| !word.is_empty());
    let digits = digits.and_then(|digits| digits.parse().ok());
    digits.unwrap_or_else(|| panic!("no number before {word:?} in:\n{said}"))
}

#[test]
fn nothing_is_found_that_the_description_does_not_say() {
    // With the demo's executions there is something to be found by name.
    let flags = [
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
    ];
    let server = Server::spawn(dagtrail(&flags));
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program());
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    let output = command
        .current_dir(&folder)
        .env("SCHEMATHESIS_HOOKS", here().join("hooks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("--config-file")
        .arg(here().join("schemathesis.toml"))
        .args(["run", &format!("{}/openapi.json", server.url), "--no-color"])
        .output()
        .expect("schemathesis runs");
    let said = String::from_utf8_lossy(&output.stdout);
    // A request at fault may be a megabyte.
    let said: Vec<_> = said
        .lines()
        .map(|line| line.chars().take(500).collect::<String>())
        .collect();
    let said = said.join("\n");
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    let (tried, operations) = (number(&said, " generated"), number(&said, " selected"));
    println!("schemathesis tried {tried} requests at {operations} operations and found nothing");
    assert!(tried > LEAST, "it tried only {tried}:\n{said}");
}
