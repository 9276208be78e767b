//! The store by itself, in a process of its own, with checkpoints and tables between what it is told.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use dagtrail::store::{self, Batch, Error, Store};

use super::fault::{Fault, Kind};
use super::shim::{self, Call};
use super::{End, sweep};
use crate::{ground, told};

const DIRECTORY: &str = "DAGTRAIL_TEST_DIRECTORY";
/// It said why it does not go on.
const STOPPED: i32 = 3;
/// Nothing more is taken in.
const READ_ONLY: i32 = 4;
/// It does not say what it was told.
const WRONG: i32 = 9;
/// How often a refused step is tried.
const TRIES: usize = 6;
/// Faults of each kind in a quick run.
const SAMPLE: usize = 6;
const STEPS: u64 = 100;

enum Step {
    Tell(Batch),
    Delete,
    Sweep,
}

/// A thousand events in a hundred batches, and what else may be done to a store.
fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    for step in 0..STEPS {
        let mut all = told::batch(1000 + step * 5);
        for round in 1..5 {
            all.observations
                .extend(told::batch(1000 + step * 5 + round).observations);
        }
        steps.push(Step::Tell(all));
        match step {
            60 => steps.push(Step::Delete),
            80 => steps.push(Step::Sweep),
            _ => {}
        }
    }
    steps
}

fn take(store: &dyn Store, step: &Step) -> Result<(), Error> {
    match step {
        Step::Tell(batch) => store.append(batch).map(drop),
        Step::Delete => store
            .delete(&told::execution("run-3"), told::at(500))
            .map(drop),
        Step::Sweep => store.sweep(told::at(500)),
    }
}

/// A store that never fails, told the same.
fn model() -> Arc<dyn Store> {
    let model = store::open("memory:", &told::options()).unwrap();
    // What is in the template.
    for round in 0..20 {
        model.append(&told::batch(round)).unwrap();
    }
    model
}

/// Leaves a line in the log of calls.
fn note(directory: &Path, what: &str) {
    let _ = File::open(directory.join(format!("note-{what}")));
}

/// What the other process does. It is this test binary again, with one test and the directory to write in; any other
/// process returns at once.
fn tell_if_asked_to() {
    let Ok(directory) = std::env::var(DIRECTORY) else {
        return;
    };
    std::process::exit(tell(Path::new(&directory)));
}

fn tell(directory: &Path) -> i32 {
    let store = match ground::open(directory, &told::restless()) {
        Ok(store) => store,
        Err(error) => {
            println!("stopped: {error}");
            return STOPPED;
        }
    };
    let model = model();
    let is_right = || match told::spoken(&*store) {
        Ok(said) => said == told::spoken(&*model).unwrap(),
        // Not to be able to read is no lie.
        Err(Error::Read(_) | Error::Unavailable(_) | Error::Damaged(_)) => true,
        Err(error) => panic!("{error}"),
    };
    for (number, step) in steps().iter().enumerate() {
        if number == 50 {
            // Checkpoints are made, and tables are written.
            std::thread::sleep(std::time::Duration::from_millis(120));
        }
        let mut tries = 0;
        loop {
            note(directory, "telling");
            match take(&*store, step) {
                Ok(()) => break,
                Err(error) => {
                    println!("refused: {error}");
                    if !is_right() {
                        return WRONG;
                    }
                    if !matches!(error, Error::Unavailable(_)) {
                        println!("stopped: {error}");
                        return STOPPED;
                    }
                    tries += 1;
                    if tries == TRIES {
                        return READ_ONLY;
                    }
                }
            }
        }
        note(directory, "acknowledged");
        println!("acknowledged {number}");
        take(&*model, step).unwrap();
    }
    if !is_right() {
        return WRONG;
    }
    if let Err(error) = store.close() {
        println!("stopped: {error}");
        return STOPPED;
    }
    0
}

fn command(directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture"])
        .arg("calls::inside::a_store_whose_disk_fails_says_so_and_keeps_what_it_has_acknowledged")
        .env(DIRECTORY, directory)
        .stdin(Stdio::null());
    command
}

/// After a sync of the journal has failed, nothing is acknowledged until the journal was opened again.
fn assert_no_trust(calls: &[Call], fault: Fault) {
    let is_journal = |call: &&Call| call.path.extension().is_some_and(|name| name == "jnl");
    let position = |from: usize, wanted: &dyn Fn(&Call) -> bool| {
        let found = calls[from..].iter().position(wanted);
        found.map_or(calls.len(), |at| from + at)
    };
    let failed = calls
        .iter()
        .enumerate()
        .filter(|(_, call)| call.was_hit && call.op == "sync" && is_journal(call));
    for (at, _) in failed {
        let opened = position(at, &|call| call.op == "open" && is_journal(&call));
        let acknowledged = position(at, &|call| call.path.ends_with("note-acknowledged"));
        if acknowledged > opened || acknowledged == calls.len() {
            continue;
        }
        // It had been synced before, by who told it; the sync that failed was another's.
        let told = calls[..acknowledged]
            .iter()
            .rposition(|call| call.path.ends_with("note-telling"));
        let synced = calls[told.unwrap()..at]
            .iter()
            .any(|call| call.op == "sync" && !call.was_hit && is_journal(&call));
        assert!(synced, "{fault:?}: acknowledged after a failed sync");
    }
}

/// One run, and what it left.
fn run(template: &Path, spoken: &[String], fault: Option<Fault>) -> (End, Vec<Call>) {
    let folder = ground::folder();
    let (directory, log) = (folder.path().join("data"), folder.path().join("calls"));
    ground::copy(template, &directory);
    let mut command = command(&directory);
    shim::arm(&mut command, &directory, &log, fault);
    let done = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, complained) = (text(&done.stdout), text(&done.stderr));
    let calls = shim::calls(&log);
    let context = format!("{fault:?}\n{said}\n{complained}");
    let end = match done.status.code() {
        Some(0) => End::Done,
        Some(STOPPED) => {
            assert!(said.contains("stopped: "), "{context}");
            End::Stopped
        }
        Some(READ_ONLY) => End::ReadOnly,
        other => panic!("it ended with {other:?}: {context}"),
    };
    assert!(!complained.contains("panicked"), "{context}");
    let lines = said.lines();
    let acknowledged = lines.filter(|line| line.starts_with("acknowledged "));
    let acknowledged = acknowledged.count();
    let store = ground::open(&directory, &told::options())
        .unwrap_or_else(|error| panic!("it cannot be opened again: {error}\n{context}"));
    let found = told::spoken(&*store).unwrap();
    // What was refused last may be there: nobody could be told, and nobody was told that it is not.
    let is_right = found == spoken[acknowledged] || Some(&found) == spoken.get(acknowledged + 1);
    assert!(
        is_right,
        "after {acknowledged} steps it says:\n{found}\n{context}"
    );
    let was_hit = calls.iter().any(|call| call.was_hit);
    if let Some(fault) = fault {
        assert_no_trust(&calls, fault);
        if !was_hit {
            assert_eq!(end, End::Done, "{context}");
            return (End::NotReached, calls);
        }
        if fault.kind == Kind::Short {
            assert_eq!(end, End::Done, "half a write is no failure: {context}");
        }
    }
    (end, calls)
}

#[test]
fn a_store_whose_disk_fails_says_so_and_keeps_what_it_has_acknowledged() {
    tell_if_asked_to();
    let folder = ground::folder();
    let template = folder.path().join("template");
    {
        let store = ground::open(&template, &told::restless()).unwrap();
        for round in 0..20 {
            store.append(&told::batch(round)).unwrap();
        }
        store.close().unwrap();
        drop(store);
        ground::open(&template, &told::options())
            .unwrap()
            .close()
            .unwrap();
    }
    let model = model();
    let mut spoken = vec![told::spoken(&*model).unwrap()];
    for step in steps() {
        take(&*model, &step).unwrap();
        spoken.push(told::spoken(&*model).unwrap());
    }
    let (end, calls) = run(&template, &spoken, None);
    assert_eq!(end, End::Done);
    let flushed = calls.iter().filter(|call| {
        call.path
            .components()
            .any(|part| part.as_os_str() == "tables")
    });
    assert!(flushed.count() > 20, "tables are written within a run");
    sweep("the store alone", &calls, SAMPLE, |fault| {
        run(&template, &spoken, Some(fault)).0
    });
}
