//! The journal cut off somewhere near its end, as a crash or a careless hand does.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use dagtrail::store::Error;

use crate::dice::Dice;
use crate::{ground, is_thorough, seed, told};

/// How many bytes of the end are cut off, one by one.
const TAIL: u64 = 64 << 10;
/// How many cuts a quick run makes.
const SAMPLE: usize = 250;
/// After so many it is said how far they are.
const OFTEN: usize = 4096;

/// A commit, as it is known outside of the directory.
struct Commit {
    /// Where the journal ended behind it.
    end: u64,
    /// `acknowledged` after it.
    noted: Vec<u8>,
    /// What the history then said.
    spoken: String,
}

/// A directory as a killed process left it, and the commits that made its end.
fn left(template: &Path) -> Vec<Commit> {
    ground::filled(template, 120);
    let store = ground::open(template, &told::options()).unwrap();
    let path = ground::journal(template);
    let (mut commits, mut round) = (Vec::new(), 120);
    let length = || fs::metadata(&path).unwrap().len();
    let begin = length();
    let commit = |spoken| Commit {
        end: length(),
        noted: fs::read(template.join("acknowledged")).unwrap(),
        spoken,
    };
    commits.push(commit(told::spoken(&*store).unwrap()));
    while length() < begin + TAIL + 4096 {
        store.append(&told::batch(round)).unwrap();
        commits.push(commit(told::spoken(&*store).unwrap()));
        round += 1;
    }
    // It goes on in a copy, as if it had been killed here.
    let killed = template.with_extension("killed");
    ground::copy(template, &killed);
    drop(store);
    fs::remove_dir_all(template).unwrap();
    fs::rename(&killed, template).unwrap();
    commits
}

#[derive(Default)]
struct Tally {
    refused: AtomicUsize,
    whole: AtomicUsize,
    shortened: AtomicUsize,
}

/// Everything in the directory was acknowledged, and its end is gone: it is refused, unless nothing is missing.
fn cut_what_was_acknowledged(template: &Path, commits: &[Commit], end: u64, tally: &Tally) {
    let folder = ground::folder();
    let path = cut(template, folder.path(), end);
    let last = commits.last().unwrap();
    match ground::open(folder.path(), &told::options()) {
        Ok(store) => {
            assert!(
                end >= last.end,
                "cut at {end}: opened without what was acknowledged"
            );
            assert_eq!(told::spoken(&*store).unwrap(), last.spoken, "cut at {end}");
            tally.whole.fetch_add(1, Ordering::Relaxed);
        }
        Err(error) => {
            let said = error.to_string();
            assert!(matches!(error, Error::Damaged(_)), "cut at {end}: {said}");
            assert!(said.contains("was acknowledged"), "cut at {end}: {said}");
            assert!(end < last.end, "cut at {end}: {said}");
            tally.refused.fetch_add(1, Ordering::Relaxed);
        }
    }
    drop(path);
}

/// Only what is whole in the journal was acknowledged: it is opened, and all of that is there.
fn cut_what_was_not(template: &Path, commits: &[Commit], end: u64, tally: &Tally) {
    let folder = ground::folder();
    cut(template, folder.path(), end);
    let kept = commits.iter().rfind(|commit| commit.end <= end).unwrap();
    fs::write(folder.path().join("acknowledged"), &kept.noted).unwrap();
    let store = ground::open(folder.path(), &told::options())
        .unwrap_or_else(|error| panic!("cut at {end}: {error}"));
    assert_eq!(told::spoken(&*store).unwrap(), kept.spoken, "cut at {end}");
    tally.shortened.fetch_add(1, Ordering::Relaxed);
}

fn cut(template: &Path, to: &Path, end: u64) -> PathBuf {
    ground::copy(template, to);
    let path = ground::journal(to);
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(end).unwrap();
    path
}

#[test]
fn a_journal_cut_anywhere_near_its_end_loses_nothing_that_was_acknowledged() {
    let folder = ground::folder();
    let template = folder.path().join("template");
    let commits = left(&template);
    let (seed, length) = (seed(), commits.last().unwrap().end);
    let wanted = if is_thorough() { usize::MAX } else { SAMPLE };
    let mut cuts = Dice::new(seed).some(TAIL + 1, wanted);
    if wanted < cuts.len() || !cuts.contains(&0) {
        cuts.push(0);
    }
    let (tally, all) = (Tally::default(), cuts.len());
    std::thread::scope(|scope| {
        for part in cuts.chunks(all.div_ceil(crate::THREADS)) {
            let (template, commits, tally) = (&template, &commits, &tally);
            scope.spawn(move || {
                for cut in part {
                    cut_what_was_acknowledged(template, commits, length - cut, tally);
                    cut_what_was_not(template, commits, length - cut, tally);
                    let done = tally.shortened.load(Ordering::Relaxed);
                    if done.is_multiple_of(OFTEN) {
                        println!("{done} of {all} cuts");
                    }
                }
            });
        }
    });
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    println!(
        "seed {seed}: {} cuts of the last {TAIL} bytes of a journal. Acknowledged ends cut off: {} refused, {} with \
         nothing missing, 0 opened with less. Others: {} opened with all that was acknowledged, 0 refused",
        cuts.len(),
        count(&tally.refused),
        count(&tally.whole),
        count(&tally.shortened),
    );
    assert_eq!(count(&tally.shortened), cuts.len());
    assert!(count(&tally.whole) > 0);
}
