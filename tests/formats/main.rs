//! A data directory of every format that was ever released is opened by this version, and says what it said.
//!
//! `<format>.tar.gz` is a directory as a killed process left it, with every kind of record: blocks, a log that is not in
//! blocks yet, tombstones, ids, samples, origins outside their rows. `<format>.txt` is what it says. `UPDATE=1` makes
//! those of the present format anew; once it was released, its fixture stays as it is.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

#[expect(dead_code, reason = "the tests of faults use more of it")]
#[path = "../store_faults/ground.rs"]
mod ground;
#[expect(dead_code, reason = "the tests of processes use more of it")]
#[path = "../process/server.rs"]
mod server;
#[path = "../store_faults/told.rs"]
mod told;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use dagtrail::model::{Body, Dialect, Digest, Observation, Origin, Outcome, Policy, Telling, Wire};
use dagtrail::store::{Batch, Store, verify};
use tempfile::TempDir;

/// The format that this version writes.
const PRESENT: &str = "1";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")
}

fn tar(args: &[&str]) {
    let done = Command::new("tar").args(args).output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// What other dialects leave: rows that keep their identity.
fn kept(number: u64) -> Observation {
    let origin = Origin::Once(Digest(u128::from(9_000_000 + number)));
    let telling = told::telling("kept", &format!("item-{number}"), origin, 1);
    let wire = Some(Wire {
        dialect: Dialect::Genomcore,
        item: format!("{{\"number\": {number}.0}}").into(),
    });
    Observation::Event(Telling {
        policy: Policy::ById,
        body: std::sync::Arc::new(Body {
            wire,
            labels: [("label".into(), "值".into())].into_iter().collect(),
            payload: Some("{ \"kept\":  true }".into()),
            ..Body::clone(&telling.body)
        }),
        ..telling
    })
}

fn batch(observations: Vec<Observation>) -> Batch {
    Batch {
        observations,
        now: told::at(1000),
    }
}

/// A directory as a killed process leaves it.
fn left() -> TempDir {
    let folder = ground::folder();
    let (directory, killed) = (folder.path().join("filled"), folder.path().join("data"));
    ground::filled(&directory, 90);
    let store = ground::open(&directory, &told::options()).unwrap();
    store.append(&batch((0..5).map(kept).collect())).unwrap();
    for round in 90..130 {
        store.append(&told::batch(round)).unwrap();
    }
    let removed = store.remove(&[told::execution("kept")], Dialect::Prefect, told::at(1001));
    assert_eq!(removed.unwrap(), 0);
    store
        .delete(&told::execution("run-5"), told::at(6000))
        .unwrap();
    store.sweep(told::at(1002)).unwrap();
    store.append(&told::batch(131)).unwrap();
    ground::copy(&directory, &killed);
    drop(store);
    folder
}

/// Unpacks a fixture.
fn unpacked(packed: &Path) -> TempDir {
    let folder = ground::folder();
    let to = folder.path().to_str().unwrap();
    tar(&["-xzf", packed.to_str().unwrap(), "-C", to]);
    folder
}

/// The fixture of the present format, made anew if that is asked for.
fn present() -> PathBuf {
    static MADE: Once = Once::new();
    let packed = folder().join(format!("{PRESENT}.tar.gz"));
    MADE.call_once(|| {
        if std::env::var("UPDATE").is_ok_and(|set| set == "1") {
            update(&packed);
        }
    });
    packed
}

fn update(packed: &Path) {
    let left = left();
    let from = left.path().to_str().unwrap();
    tar(&[
        "--sort=name",
        "--mtime=@0",
        "--owner=0",
        "--group=0",
        "--hard-dereference",
        "-czf",
        packed.to_str().unwrap(),
        "-C",
        from,
        "data",
    ]);
    let store = ground::open(&left.path().join("data"), &told::options()).unwrap();
    let said = told::spoken(&*store).unwrap();
    fs::write(folder().join(format!("{PRESENT}.txt")), said).unwrap();
}

#[test]
fn a_directory_of_every_format_opens_and_says_what_it_said() {
    present();
    let mut formats = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let packed = entry.unwrap().path();
        let name = packed.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(format) = name.strip_suffix(".tar.gz") else {
            continue;
        };
        let unpacked = unpacked(&packed);
        let directory = unpacked.path().join("data");
        let expected = fs::read_to_string(packed.with_file_name(format!("{format}.txt"))).unwrap();
        let store = ground::open(&directory, &told::options()).unwrap();
        assert!(
            told::spoken(&*store).unwrap() == expected,
            "format {format}"
        );
        goes_on(&*store);
        store.close().unwrap();
        drop(store);
        let checked = verify(&directory);
        assert_eq!(checked.len(), 5, "{checked:?}");
        assert!(checked.iter().all(|one| one.found.is_ok()), "{checked:?}");
        formats.push(format.to_owned());
    }
    println!("formats that open: {}", formats.join(", "));
    assert!(
        formats.iter().any(|format| format == PRESENT),
        "{formats:?}"
    );
}

/// What was told once is known still, what was deleted stays away, and new things are taken in.
fn goes_on(store: &dyn Store) {
    let outcomes = |batch: &Batch| store.append(batch).unwrap().outcomes;
    let again = outcomes(&batch((0..5).map(kept).collect()));
    let known = |outcome: &Outcome| matches!(outcome, Outcome::Duplicate(_));
    assert!(again.iter().all(known), "{again:?}");
    // Of a row, and of one that was deleted.
    assert!(outcomes(&told::batch(127)).iter().any(known));
    assert!(outcomes(&told::batch(5)).contains(&Outcome::Buried));
    let new = outcomes(&batch(vec![kept(99)]));
    assert!(matches!(new[..], [Outcome::Created(..)]), "{new:?}");
}

#[test]
fn a_directory_of_a_newer_format_is_refused_in_words() {
    let unpacked = unpacked(&present());
    let directory = unpacked.path().join("data");
    let text = r#"{"format": 9, "minReader": 8, "minWriter": 8}"#;
    fs::write(directory.join("format.json"), text).unwrap();
    let data = directory.to_str().unwrap();
    let serve = [
        "serve",
        "--kube",
        "off",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data,
    ];
    let (well, _, said) = server::output(&serve);
    assert!(!well);
    for words in [
        "has format 9",
        "needs a reader of version 8",
        "start a newer dagtrail",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn the_fixture_of_the_present_format_is_what_this_version_writes() {
    present();
    let told = left();
    let store = ground::open(&told.path().join("data"), &told::options()).unwrap();
    let expected = fs::read_to_string(folder().join(format!("{PRESENT}.txt"))).unwrap();
    assert!(told::spoken(&*store).unwrap() == expected);
}
