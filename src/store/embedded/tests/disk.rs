//! What is on disk after a checkpoint, read without the engine.

use super::super::{Embedded, blocks, keys};
use super::{forgetful, open, options};
use crate::model::{Dialect, Observation, Seq};
use crate::store::samples::{
    append, at, changes, counts, execution, kept, measured, rows, seqs, tell, told,
};
use crate::store::{Error, Options, Scope, Store};

fn names(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("message {at}")).collect()
}

fn fill(store: &dyn Store, count: usize) {
    let tellings = names(count);
    let tellings = tellings.iter().zip(1..);
    let tellings: Vec<_> = tellings
        .map(|(name, at)| told("a", name, at, 1, 1, 1))
        .collect();
    for batch in tellings.chunks(10) {
        tell(store, 1, batch);
    }
}

fn values(db: &fjall::Database, name: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let keyspace = db
        .keyspace(name, fjall::KeyspaceCreateOptions::default)
        .unwrap();
    let pairs = keyspace.iter().map(|guard| guard.into_inner().unwrap());
    pairs
        .map(|(key, value)| (key.to_vec(), value.to_vec()))
        .collect()
}

#[test]
fn blocks_hold_many_rows_and_the_log_is_cut_off_behind_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    fill(&store, 300);
    assert!(changes(&store, 0, 1000).rows.len() == 300);
    store.checkpoint().unwrap();
    tell(&store, 2, &[told("a", "message 0", 1, 2, 1, 2)]);
    drop(store);
    let db = fjall::Database::builder(dir.path().join("db"))
        .open()
        .unwrap();
    let (heads, texts) = (values(&db, keys::HEADS), values(&db, keys::TEXTS));
    let lengths = heads
        .iter()
        .zip(&texts)
        .map(|((key, heads), (other, texts))| {
            assert_eq!(key, other);
            blocks::unpack(&execution("a"), heads, texts)
                .unwrap()
                .0
                .len()
        });
    assert_eq!(lengths.collect::<Vec<_>>(), [128, 128, 44]);
    let log = values(&db, keys::LOG);
    assert_eq!(log.len(), 1);
    assert_eq!(keys::parse_log(&log[0].0), Some((Seq(301), 31)));
}

#[test]
fn followers_of_all_changes_are_told_when_the_log_no_longer_reaches_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    fill(&store, 20);
    store.checkpoint().unwrap();
    let error = store.changes(&Scope::All, Seq(5), 100).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooOld {
                after: Seq(5),
                oldest: Seq(20)
            }
        ),
        "{error}"
    );
    let one = Scope::Executions(vec![execution("a")]);
    assert_eq!(store.changes(&one, Seq(5), 100).unwrap().rows.len(), 15);
    tell(&store, 2, &[told("a", "message 0", 1, 2, 1, 2)]);
    assert_eq!(seqs(&changes(&store, 20, 100).rows), [21]);
}

#[test]
fn the_log_is_kept_for_followers_behind_a_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), options()).unwrap();
    fill(&store, 20);
    store.checkpoint().unwrap();
    assert_eq!(changes(&store, 5, 100).rows.len(), 15);
    drop(store);
    let store = Embedded::open(dir.path(), options()).unwrap();
    assert_eq!(changes(&store, 5, 100).rows.len(), 15);
}

#[test]
fn a_repeat_rewrites_no_text() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    tell(&store, 1, &[told("a", "hello", 1, 1, 1, 1)]);
    store.checkpoint().unwrap();
    let row = store.inner.fold.read().reader().unwrap();
    let before = row.entry(&execution("a")).unwrap().unwrap();
    let mark = before.freeze_all().remove(0).2;
    tell(&store, 2, &[told("a", "hello", 1, 2, 1, 1)]);
    let fold = store.inner.fold.read();
    let frozen = fold.entries[&execution("a")].freeze();
    assert_eq!(frozen.blocks.len(), 1);
    let sheaf = &frozen.blocks[0];
    assert_eq!(sheaf.mark, mark);
    assert!(blocks::pack(&sheaf.rows, sheaf.mark).texts.is_none());
}

#[test]
fn a_full_fold_is_checkpointed_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        fold_rows: 10,
        checkpoint_every: Some(std::time::Duration::from_secs(3600)),
        ..forgetful()
    };
    let store = Embedded::open(dir.path(), options).unwrap();
    fill(&store, 200);
    for _ in 0..500 {
        if store.inner.fold.read().checkpointed >= 19 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(store.inner.fold.read().checkpointed >= 19);
    assert_eq!(counts(&store, "a").len(), 200);
}

#[test]
fn nothing_of_a_deleted_execution_is_left_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    fill(&store, 20);
    let sample = measured("a", "w", "n", 1, "1");
    append(&store, 1, vec![Observation::Sample(sample)]);
    store.checkpoint().unwrap();
    store.delete(&execution("a"), at(5)).unwrap();
    store.close().unwrap();
    let db = fjall::Database::builder(dir.path().join("db"))
        .open()
        .unwrap();
    for name in [
        keys::HEADS,
        keys::TEXTS,
        keys::EXECUTIONS,
        keys::NUMBERS,
        keys::NAMES,
        keys::LOG,
        keys::SAMPLES,
    ] {
        assert_eq!(values(&db, name).len(), 0, "{name}");
    }
    assert_eq!(values(&db, keys::TOMBSTONES).len(), 1);
}

#[test]
fn a_block_of_which_all_rows_went_and_came_back_has_its_texts() {
    let dir = tempfile::tempdir().unwrap();
    let row = [kept("a", Dialect::Genomcore, "one", 1)];
    let store = open(dir.path());
    tell(&store, 1, &row);
    store.checkpoint().unwrap();
    let removed = store.remove(&[execution("a")], Dialect::Genomcore, at(2));
    assert_eq!(removed.unwrap(), 1);
    // It stays in memory, and its block on disk is gone.
    store.checkpoint().unwrap();
    tell(&store, 3, &row);
    store.checkpoint().unwrap();
    drop(store);
    let found = rows(&open(dir.path()), "a");
    assert_eq!(&*found[0].body().message, "one");
}
