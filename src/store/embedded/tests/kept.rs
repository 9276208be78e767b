//! What is kept of the log behind a checkpoint is noted, and not read to open.

use super::super::keys;
use super::{open, refused};
use crate::model::Seq;
use crate::store::samples::{counts, tell, told};
use crate::store::{Scope, Store};

/// Three commits that a checkpoint has covered, and two behind it.
fn fill(directory: &std::path::Path) {
    let store = open(directory);
    for count in 1..=3 {
        tell(&store, 1, &[told("a", "hello", 1, count, 1, 1)]);
    }
    store.checkpoint().unwrap();
    for count in 4..=5 {
        tell(&store, 1, &[told("a", "hello", 1, count, 1, 1)]);
    }
}

fn meddle(directory: &std::path::Path, change: impl FnOnce(&fjall::Keyspace)) {
    let db = fjall::Database::builder(directory.join("db"))
        .open()
        .unwrap();
    let log = db.keyspace(keys::LOG, fjall::KeyspaceCreateOptions::default);
    change(&log.unwrap());
    db.persist(fjall::PersistMode::SyncAll).unwrap();
}

fn key(commit: u64) -> [u8; 16] {
    keys::log(Seq(commit), commit)
}

#[test]
fn followers_of_all_go_on_where_they_were_before_the_process_began_anew() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    for _ in 0..2 {
        let store = open(dir.path());
        assert_eq!(counts(&store, "a"), [5]);
        for after in 0..5 {
            let changes = store.changes(&Scope::All, Seq(after), 9).unwrap();
            assert_eq!(changes.rows.len(), 1, "after {after}");
            assert_eq!(changes.upto, Seq(5));
        }
    }
}

#[test]
fn what_is_in_the_blocks_is_not_read_from_the_log() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    meddle(dir.path(), |log| log.insert(key(2), b"not read").unwrap());
    assert_eq!(counts(&open(dir.path()), "a"), [5]);
}

#[test]
fn a_log_that_has_lost_what_a_checkpoint_has_covered_last_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    meddle(dir.path(), |log| {
        (3..=5).for_each(|commit| log.remove(key(commit)).unwrap());
    });
    let error = refused(dir.path()).to_string();
    assert!(
        error.contains("commit 3 was acknowledged, and the log ends with commit 2"),
        "{error}"
    );
}
