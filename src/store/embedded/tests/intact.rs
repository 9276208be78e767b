//! Files of the engine that are not as they were written.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::intact;
use super::{open, refused};
use crate::store::samples::{counts, tell, told};
use crate::store::{Error, Store, verify};

/// Twenty commits, closed, and a journal as long as what is in it.
fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for count in 1..=20 {
        tell(&store, 1, &[told("a", "hello", 1, count, 1, 1)]);
    }
    drop(store);
    drop(open(dir.path()));
    dir
}

fn journal(directory: &Path) -> PathBuf {
    let files = fs::read_dir(directory.join("db")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let found = files.find(|path| path.extension().is_some_and(|name| name == "jnl"));
    found.unwrap()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_journal_that_is_broken_in_the_middle_is_refused_and_left_as_it_is() {
    let dir = filled();
    let path = journal(dir.path());
    change(&path, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    let before = fs::read(&path).unwrap();
    let error = refused(dir.path());
    assert!(matches!(error, Error::Damaged(_)), "{error}");
    assert!(error.to_string().contains("and goes on at"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
    let told = verify(dir.path()).pop().unwrap();
    assert!(matches!(told.found, Err(Error::Damaged(_))), "{told:?}");
}

#[test]
fn a_batch_under_another_number_is_refused() {
    let dir = filled();
    let path = journal(dir.path());
    // The number of a batch is not part of the engine's checksum.
    change(&path, |bytes| {
        let starts = bytes.windows(4).enumerate();
        let starts: Vec<_> = starts.filter(|(_, found)| *found == b"FJL\x03").collect();
        let start = starts[starts.len() / 2].0 + 4;
        assert_eq!(bytes[start], 1, "a batch begins");
        bytes[start + 1 + 4] ^= 4;
    });
    let error = refused(dir.path());
    assert!(
        error
            .to_string()
            .contains("stands where a later one should"),
        "{error}"
    );
}

#[test]
fn a_torn_end_is_no_damage() {
    let dir = filled();
    let path = journal(dir.path());
    change(&path, |bytes| {
        // The beginning of a batch of three items, and what was laid out before.
        bytes.extend([1, 3, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 2, 0, 0, 7]);
        bytes.resize(bytes.len() + 100_000, 0);
    });
    assert_eq!(counts(&open(dir.path()), "a"), [20]);
}

#[test]
fn a_list_of_tables_that_was_changed_is_refused() {
    let dir = filled();
    let keyspaces = dir.path().join("db/keyspaces");
    let keyspace = keyspaces.join("1");
    let current = fs::read(keyspace.join("current")).unwrap();
    let number = u64::from_le_bytes(current[..8].try_into().unwrap());
    let list = keyspace.join(format!("v{number}"));
    let whole = fs::read(&list).unwrap();
    change(&list, |bytes| bytes[1] ^= 1);
    let error = refused(dir.path());
    assert!(
        error.to_string().contains("its checksum does not match"),
        "{error}"
    );
    fs::remove_file(&list).unwrap();
    let error = refused(dir.path());
    assert!(
        error.to_string().contains("the list of tables is gone"),
        "{error}"
    );
    fs::write(&list, whole).unwrap();
    assert_eq!(counts(&open(dir.path()), "a"), [20]);
}

#[test]
fn what_the_kernel_may_have_in_memory_only_is_written_again() {
    let dir = filled();
    let path = journal(dir.path());
    let before = fs::read(&path).unwrap();
    intact::write_again(&dir.path().join("db")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    let noted = dir.path().join("unsynced");
    fs::write(&noted, "").unwrap();
    let store = open(dir.path());
    assert_eq!(counts(&store, "a"), [20]);
    assert!(!noted.exists());
    store.close().unwrap();
}
