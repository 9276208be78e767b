//! The checkers that `install.sh` got. Does I/O.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::chart;

/// The folder of programs of the virtual environment; stops the test if it was made from another list.
fn folder() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("a home folder")).join(".cache"),
        PathBuf::from,
    );
    let folder = cache.join("dagtrail/install");
    let found = std::fs::read_to_string(folder.join("made-from"));
    assert!(
        found.is_ok_and(|found| found == chart::text("tests/install/requirements.txt")),
        "tests/install/requirements.txt is not installed: run tests/install/install.sh first"
    );
    folder.join("bin")
}

/// kubernetes-validate.
pub(crate) fn kubernetes_validate() -> Command {
    Command::new(folder().join("kubernetes-validate"))
}

/// Runs a Python program of this folder with an input: what it printed.
pub(crate) fn python(program: &str, input: &str) -> String {
    let mut child = Command::new(folder().join("python"))
        .arg(chart::path("tests/install").join(program))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{program} ends with {}", done.status);
    String::from_utf8(done.stdout).unwrap()
}
