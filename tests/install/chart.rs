//! The chart, rendered by Helm. Does I/O.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::binaries::Binaries;

/// Where the installation of the documentation is.
pub(crate) const NAMESPACE: &str = "dagtrail-system";
/// The newest Kubernetes that renderings are checked for.
const KUBERNETES: &str = "1.37.0";

/// Helm, or `None` where this machine has none: said on standard error, and a failure if `CI` is `true`.
pub(crate) fn helm() -> Option<&'static Path> {
    static HELM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = HELM.get_or_init(|| match Binaries::find() {
        Ok(binaries) => Some(binaries.path("helm")),
        Err(missing) => {
            let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!is_ci, "no Helm, and CI=true: {missing}");
            eprintln!("NOT RUN: the tests of the chart have no Helm: {missing}");
            None
        }
    });
    found.as_deref()
}

pub(crate) fn path(relative: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

pub(crate) fn text(relative: impl AsRef<Path>) -> String {
    let path = path(relative);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The documents of a YAML text.
pub(crate) fn documents(name: &str, yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The values files that the chart is rendered with, by name.
pub(crate) fn sets() -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(path("tests/install/values"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    names
}

/// Runs Helm on the chart: what it printed, or what it complained of.
pub(crate) fn run(helm: &Path, args: &[&str]) -> Result<String, String> {
    let done = Command::new(helm)
        .args(args)
        .env_remove("KUBECONFIG")
        .output()
        .unwrap();
    if done.status.success() {
        Ok(String::from_utf8(done.stdout).unwrap())
    } else {
        Err(String::from_utf8(done.stderr).unwrap())
    }
}

/// `helm template` with more arguments.
pub(crate) fn template(helm: &Path, more: &[&str]) -> Result<String, String> {
    let chart = path("charts/dagtrail");
    let args = [
        "template",
        "dagtrail",
        chart.to_str().unwrap(),
        "--namespace",
        NAMESPACE,
        "--kube-version",
        KUBERNETES,
    ];
    run(helm, &[&args, more].concat())
}

/// The chart rendered with one of the values files.
pub(crate) fn rendered(helm: &Path, set: &str) -> String {
    let values = path(format!("tests/install/values/{set}.yaml"));
    template(helm, &["--values", values.to_str().unwrap()])
        .unwrap_or_else(|error| panic!("{set}: {error}"))
}

/// The only container of the StatefulSet.
pub(crate) fn container(stateful_set: &Value) -> &Value {
    let containers = &stateful_set["spec"]["template"]["spec"]["containers"];
    assert_eq!(containers.as_array().map(Vec::len), Some(1));
    &containers[0]
}

pub(crate) fn args(stateful_set: &Value) -> Vec<String> {
    serde_json::from_value(container(stateful_set)["args"].clone()).unwrap()
}

/// The value of `--flag=value`.
pub(crate) fn after<'a>(args: &'a [String], flag: &str) -> &'a str {
    let value = args
        .iter()
        .find_map(|arg| arg.strip_prefix(flag)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("{flag}"))
}

/// Compares a file with what it should be, or writes it where `UPDATE` is set.
pub(crate) fn holds(relative: &str, expected: &str) {
    if std::env::var_os("UPDATE").is_some_and(|set| !set.is_empty()) {
        fs::write(path(relative), expected).unwrap();
        return;
    }
    let found = fs::read_to_string(path(relative)).unwrap_or_default();
    if found == expected {
        return;
    }
    let differs = found
        .lines()
        .zip(expected.lines())
        .find(|(found, expected)| found != expected);
    panic!(
        "{relative} is not what it is made from says, first in {differs:?}; write it anew with\n\n    \
         UPDATE=1 cargo test --test install\n"
    );
}
