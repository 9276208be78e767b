//! Another process, and its sudden end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::super::Embedded;
use super::{forgetful, open, refused};
use crate::model::{Dialect, Outcome, Telling};
use crate::store::samples::{at, counts, execution, kept, rows, tell, told};
use crate::store::{Error, Options, Store};

const DIRECTORY: &str = "DAGTRAIL_TEST_DIRECTORY";

/// What the other process does, until it is killed: tells, and says so once it is acknowledged. It is this test
/// binary again, with one test and the directory to write in; any other process returns at once.
fn tell_if_asked_to() {
    let Ok(directory) = std::env::var(DIRECTORY) else {
        return;
    };
    let options = Options {
        fold_rows: 40,
        checkpoint_every: Some(Duration::from_millis(20)),
        ..forgetful()
    };
    let store = Embedded::open(Path::new(&directory), options).unwrap();
    let start = counts(&store, "a").iter().max().copied().unwrap_or(0);
    for count in start + 1.. {
        let tellings = (0..4_u128).map(|row| told("a", &format!("m{row}"), row, count, 1, 1));
        tell(&store, 1, &tellings.collect::<Vec<_>>());
        println!("acknowledged {count}");
    }
}

/// The same for rows that are told, removed, and told again.
fn remove_if_asked_to() {
    let Ok(directory) = std::env::var(DIRECTORY) else {
        return;
    };
    let options = Options {
        fold_rows: 40,
        checkpoint_every: Some(Duration::from_millis(5)),
        ..forgetful()
    };
    let store = Embedded::open(Path::new(&directory), options).unwrap();
    let all = removable();
    tell(&store, 1, &[told("a", "stays", 1, 1, 1, 1)]);
    for round in 1.. {
        tell(&store, 1, &all);
        println!("acknowledged {}", 2 * round);
        let removed = store.remove(&[execution("a")], Dialect::Genomcore, at(1));
        assert_eq!(removed.unwrap(), all.len());
        println!("acknowledged {}", 2 * round + 1);
    }
}

fn removable() -> Vec<Telling> {
    let all = (0..200_u128).map(|row| kept("a", Dialect::Genomcore, &format!("m{row}"), 10 + row));
    all.collect()
}

fn spawn(directory: &Path) -> Child {
    spawn_test(
        directory,
        "what_a_killed_process_acknowledged_is_there_and_counted_once",
    )
}

fn spawn_test(directory: &Path, name: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg(format!("store::embedded::tests::killed::{name}"))
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn number(line: &str) -> Option<u64> {
    let (_, number) = line.split_once("acknowledged ")?;
    number.parse().ok()
}

#[test]
fn what_a_killed_process_acknowledged_is_there_and_counted_once() {
    tell_if_asked_to();
    let dir = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 1..=6_u32 {
        let mut child = spawn(dir.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let wanted = last + u64::from(round) * 7;
        while last < wanted {
            let line = lines.next().unwrap().unwrap();
            last = number(&line).unwrap_or(last);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What was in the pipe was acknowledged, too; the last line may be torn.
        for line in lines.map_while(Result::ok) {
            last = number(&line)
                .filter(|found| *found == last + 1)
                .unwrap_or(last);
        }
        let store = open(dir.path());
        let found = counts(&store, "a");
        assert_eq!(found.len(), 4);
        assert!(
            found[0] == last || found[0] == last + 1,
            "{last}: {found:?}"
        );
        // A batch is there as a whole or not at all.
        assert!(found.iter().all(|count| *count == found[0]), "{found:?}");
        assert_eq!(
            *store.passed().borrow(),
            rows(&store, "a").iter().map(|row| row.seq).max().unwrap()
        );
        last = found[0];
    }
}

#[test]
fn a_killed_process_leaves_all_rows_that_it_removed_or_none_of_them() {
    remove_if_asked_to();
    for round in 1..=6 {
        let dir = tempfile::tempdir().unwrap();
        let name = "a_killed_process_leaves_all_rows_that_it_removed_or_none_of_them";
        let mut child = spawn_test(dir.path(), name);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut last = 0;
        while last < round * 5 {
            let line = lines.next().unwrap().unwrap();
            last = number(&line).unwrap_or(last);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            last = number(&line)
                .filter(|found| *found == last + 1)
                .unwrap_or(last);
        }
        let store = open(dir.path());
        let (there, all) = (rows(&store, "a").len() - 1, removable());
        assert!(there == 0 || there == all.len(), "{there} rows");
        // Each telling makes a change of each row, each removal one; nothing acknowledged is missing.
        let after =
            |acknowledged: u64| 1 + (acknowledged / 2) * 200 + acknowledged.saturating_sub(1) / 2;
        let passed = store.passed().borrow().0;
        assert!(
            passed == after(last) || passed == after(last + 1),
            "{last}: {passed}"
        );
        assert_eq!(
            there == 0,
            (passed == after(last)) == (last % 2 == 1),
            "{last}: {there}"
        );
        let outcomes = tell(&store, 1, &all);
        let new = |outcome: &Outcome| matches!(outcome, Outcome::Created(..));
        let created = outcomes.iter().filter(|outcome| new(outcome)).count();
        assert_eq!(created, all.len() - there, "a removed row comes back");
        assert_eq!(rows(&store, "a").len(), all.len() + 1);
    }
}

#[test]
fn a_process_that_is_killed_while_it_starts_leaves_what_can_be_opened() {
    for round in 0..12 {
        let dir = tempfile::tempdir().unwrap();
        let mut child = spawn(dir.path());
        std::thread::sleep(Duration::from_millis(4 + round * 3));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(counts(&open(dir.path()), "a").len() <= 4);
    }
}

#[test]
fn a_directory_that_another_process_has_open_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = spawn(dir.path());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !lines.next().unwrap().unwrap().contains("acknowledged") {}
    let error = refused(dir.path());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert!(!counts(&open(dir.path()), "a").is_empty());
}
