//! The definition is written in two places for two readers: `crds/` for people and `kubectl`, the chart for Helm, of
//! which the manifest is a rendering (`tests/install`). Both come from the Rust types.

use std::{env, fs, path::PathBuf};

use dagtrail::crd;

const DEFINITION: &str = "crds/executions.dagtrail.dev.yaml";
const CHART: &str = "charts/dagtrail/files/executions.dagtrail.dev.yaml";

fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// Compares the file with what it should be, or writes it where `UPDATE` is set.
fn holds(relative: &str, expected: &str) {
    if env::var_os("UPDATE").is_some() {
        fs::write(path(relative), expected).expect("the working copy can be written");
        return;
    }
    let found = fs::read_to_string(path(relative)).unwrap_or_default();
    assert!(
        found == expected,
        "{relative} differs from the types in src/crd; write it anew with\n\n    \
         UPDATE=1 cargo test --test crd_drift\n"
    );
}

#[test]
fn the_file_for_people_is_what_the_types_say() {
    holds(DEFINITION, &crd::yaml());
}

#[test]
fn the_copy_in_the_chart_is_what_the_types_say() {
    holds(CHART, &crd::yaml());
}
