//! Opening what others have left.

use std::path::Path;
use std::sync::atomic::Ordering;

use super::super::{Embedded, keys};
use super::{open, refused};
use crate::model::Seq;
use crate::store::samples::{BOUNDS, counts, tell, told};
use crate::store::{Batch, Error, Options, Store};

fn fill(directory: &Path, commits: u64) {
    let store = open(directory);
    for count in 1..=commits {
        tell(&store, 1, &[told("a", "hello", 1, count, 1, 1)]);
    }
}

/// Changes the database as no dagtrail does.
fn meddle(directory: &Path, keyspace: &str, change: impl FnOnce(&fjall::Keyspace)) {
    let db = fjall::Database::builder(directory.join("db"))
        .open()
        .unwrap();
    change(
        &db.keyspace(keyspace, fjall::KeyspaceCreateOptions::default)
            .unwrap(),
    );
    db.persist(fjall::PersistMode::SyncAll).unwrap();
}

#[test]
fn a_store_keeps_its_id_its_secret_and_its_history() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    tell(&first, 1, &[told("a", "hello", 1, 3, 1, 1)]);
    let (id, secret) = (first.id().to_owned(), first.secret());
    first.close().unwrap();
    let again = open(dir.path());
    assert_eq!((again.id(), again.secret()), (&*id, secret));
    assert_eq!(counts(&again, "a"), [3]);
    assert_eq!(*again.passed().borrow(), Seq(1));
}

#[test]
fn a_url_names_an_engine() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::default();
    assert!(crate::store::open("memory:", &options).is_ok());
    assert!(crate::store::open(dir.path().to_str().unwrap(), &options).is_ok());
    let error = crate::store::open("postgres://somewhere", &options)
        .err()
        .unwrap();
    assert!(matches!(error, Error::Unknown(_)));
}

#[test]
fn a_second_store_on_one_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let error = refused(dir.path());
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert!(error.to_string().contains("in use by another process"));
    first.close().unwrap();
    open(dir.path());
}

#[test]
fn whoever_opens_a_store_has_a_higher_epoch_than_all_before() {
    let dir = tempfile::tempdir().unwrap();
    let epoch = || {
        let mut found = 0;
        meddle(dir.path(), keys::HEADER, |header| {
            let bytes = header.get(keys::HEADER).unwrap().unwrap();
            found = keys::Header::from_bytes(&bytes).unwrap().epoch;
        });
        found
    };
    for process in 1..=3 {
        // Not closed, as after a crash: the epoch does not depend on an orderly end.
        drop(open(dir.path()));
        assert_eq!(epoch(), process);
    }
    fill(dir.path(), 2);
    assert_eq!(epoch(), 4, "commits do not change it");
}

#[test]
fn a_newer_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 1);
    meddle(dir.path(), keys::HEADER, |header| {
        let bytes = header.get(keys::HEADER).unwrap().unwrap();
        let mut found = keys::Header::from_bytes(&bytes).unwrap();
        (found.format, found.reader, found.writer) = (9, 8, 8);
        header.insert(keys::HEADER, found.to_bytes()).unwrap();
    });
    assert_newer(&refused(dir.path()));
}

#[test]
fn a_newer_format_is_refused_before_the_database_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 1);
    let text = r#"{"format": 9, "minReader": 8, "minWriter": 8, "more": true}"#;
    std::fs::write(dir.path().join("format.json"), text).unwrap();
    // A later version may have another engine.
    std::fs::write(dir.path().join("db/version"), "another").unwrap();
    let error = refused(dir.path());
    assert_newer(&error);
    assert!(
        error.to_string().contains("start a newer dagtrail"),
        "{error}"
    );
}

#[test]
fn a_file_that_says_another_format_than_the_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 1);
    let path = dir.path().join("format.json");
    for text in [r#"{"format": 0, "minReader": 0, "minWriter": 0}"#, "", "{}"] {
        std::fs::write(&path, text).unwrap();
        assert!(matches!(refused(dir.path()), Error::Damaged(_)), "{text}");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(refused(dir.path()), Error::Damaged(_)));
}

fn assert_newer(error: &Error) {
    assert!(
        matches!(
            error,
            Error::Format {
                found: 9,
                needed: 8,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_newer_format_that_old_readers_can_use_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 1);
    meddle(dir.path(), keys::HEADER, |header| {
        let bytes = header.get(keys::HEADER).unwrap().unwrap();
        let mut found = keys::Header::from_bytes(&bytes).unwrap();
        found.format = 9;
        header.insert(keys::HEADER, found.to_bytes()).unwrap();
    });
    let text = r#"{"format": 9, "minReader": 1, "minWriter": 1}"#;
    std::fs::write(dir.path().join("format.json"), text).unwrap();
    assert_eq!(counts(&open(dir.path()), "a"), [1]);
}

fn log_key(commit: u64) -> [u8; 16] {
    keys::log(Seq(commit), commit)
}

#[test]
fn a_lost_end_that_was_acknowledged_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    meddle(dir.path(), keys::LOG, |log| log.remove(log_key(3)).unwrap());
    let error = refused(dir.path());
    assert!(
        error.to_string().contains("commit 3 was acknowledged"),
        "{error}"
    );
}

#[test]
fn a_record_behind_a_missing_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    meddle(dir.path(), keys::LOG, |log| log.remove(log_key(2)).unwrap());
    let error = refused(dir.path());
    assert!(matches!(&error, Error::Damaged(_)), "{error}");
    assert!(
        error.to_string().contains("commit 3 after commit 1"),
        "{error}"
    );
}

#[test]
fn a_broken_record_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    meddle(dir.path(), keys::LOG, |log| {
        let mut bytes = log.get(log_key(2)).unwrap().unwrap().to_vec();
        bytes[20] ^= 1;
        log.insert(log_key(2), &bytes).unwrap();
    });
    let error = refused(dir.path());
    assert!(error.to_string().contains("checksum"), "{error}");
}

#[test]
fn a_broken_end_that_was_never_acknowledged_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 2);
    meddle(dir.path(), keys::LOG, |log| {
        log.insert(log_key(3), b"torn").unwrap();
    });
    let store = open(dir.path());
    assert_eq!(counts(&store, "a"), [2]);
    tell(&store, 1, &[told("a", "hello", 1, 7, 1, 1)]);
    drop(store);
    assert_eq!(counts(&open(dir.path()), "a"), [7]);
}

#[test]
fn a_journal_that_ends_early_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 3);
    let files = std::fs::read_dir(dir.path().join("db")).unwrap();
    let journal = files
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|name| name == "jnl"))
        .unwrap();
    let mut bytes = std::fs::read(&journal).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes.truncate(end - 60);
    std::fs::write(&journal, bytes).unwrap();
    let error = refused(dir.path());
    assert!(
        error.to_string().contains("commit 3 was acknowledged"),
        "{error}"
    );
}

#[test]
fn a_missing_note_of_what_was_acknowledged_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 1);
    std::fs::remove_file(dir.path().join("acknowledged")).unwrap();
    assert!(matches!(refused(dir.path()), Error::Damaged(_)));
}

#[test]
fn a_database_that_was_not_finished_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("db.new")).unwrap();
    std::fs::write(dir.path().join("db.new/0.jnl"), b"half").unwrap();
    assert!(counts(&open(dir.path()), "a").is_empty());
    fill(dir.path(), 1);
}

#[test]
fn a_database_that_is_gone_is_not_made_again() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 1);
    std::fs::remove_dir_all(dir.path().join("db")).unwrap();
    assert!(matches!(refused(dir.path()), Error::Damaged(_)));
}

#[test]
fn what_the_disk_refused_is_not_there_and_may_be_told_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    tell(&store, 1, &[told("a", "hello", 1, 1, 1, 1)]);
    let disk = store.inner.fold.read().disk.clone().unwrap();
    disk.fails.store(true, Ordering::SeqCst);
    drop(disk);
    let batch = Batch {
        observations: vec![crate::model::Observation::Event(told(
            "a", "hello", 1, 5, 1, 1,
        ))],
        now: crate::store::samples::at(2),
    };
    let error = store.append(&batch).unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    assert_eq!(counts(&store, "a"), [1]);
    assert_eq!(*store.passed().borrow(), Seq(1));
    assert_eq!(store.append(&batch).unwrap().seq, Seq(2));
    assert_eq!(counts(&store, "a"), [5]);
    drop(store);
    assert_eq!(counts(&open(dir.path()), "a"), [5]);
}

#[test]
fn what_failed_before_and_is_over_refuses_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    tell(&store, 1, &[told("a", "hello", 1, 1, 1, 1)]);
    let disk = store.inner.fold.read().disk.clone().unwrap();
    // Writing buffers into files fails for want of the folder that they belong in.
    let (folder, aside) = (dir.path().join("db/keyspaces"), dir.path().join("aside"));
    std::fs::rename(&folder, &aside).unwrap();
    assert!(disk.flush_above(0).unwrap());
    while disk.sync().is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    std::fs::rename(&aside, &folder).unwrap();
    drop(disk);
    tell(&store, 2, &[told("a", "hello", 1, 5, 1, 1)]);
    assert_eq!(counts(&store, "a"), [5]);
    assert_eq!(store.size().unwrap().reopened, 1);
    drop(store);
    assert_eq!(counts(&open(dir.path()), "a"), [5]);
}

#[test]
fn a_closed_store_writes_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        bounds: BOUNDS,
        ..Options::default()
    };
    let store = Embedded::open(dir.path(), options).unwrap();
    store.close().unwrap();
    let error = store.delete(
        &crate::store::samples::execution("a"),
        crate::model::Time(0),
    );
    assert!(matches!(error, Err(Error::Unavailable(_))));
}
