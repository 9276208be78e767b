//! Another process, and its sudden end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::super::Embedded;
use super::{forgetful, open, refused};
use crate::store::samples::{counts, rows, tell, told};
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

fn spawn(directory: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg(concat!(
            "store::embedded::tests::killed::",
            "what_a_killed_process_acknowledged_is_there_and_counted_once"
        ))
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
