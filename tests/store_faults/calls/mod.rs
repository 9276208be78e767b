//! Calls to the disk that fail: a small library, loaded before all others, lets one of them fail, and then the next,
//! until each has failed once.
//!
//! It sees what goes through the C library, so not the renaming by which the engine puts a new list of tables in the
//! place of the old one.

mod fault;
mod inside;
mod outside;
mod shim;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::fault::{Fault, Kind};
use self::shim::Call;
use crate::dice::Dice;
use crate::{is_thorough, seed};

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// The process did all that it was to do.
    Done,
    /// It said why it cannot go on, and ended.
    Stopped,
    /// It went on, and took in nothing more.
    ReadOnly,
    /// It never made so many calls.
    NotReached,
}

/// Runs a program once for each fault and prints what came of it. `calls` are those of a run without
/// any; a quick run makes `sample` of each kind.
fn sweep(what: &str, calls: &[Call], sample: usize, run: impl Fn(Fault) -> End + Sync) {
    let seed = seed();
    let mut dice = Dice::new(seed);
    let wanted = if is_thorough() { usize::MAX } else { sample };
    let mut faults = Vec::new();
    for kind in Kind::ALL {
        let all = calls.iter().filter(|call| kind.counts(&call.op)).count() as u64;
        // Of a disk that is gone for good it says little whether one call more was made before.
        let all = if kind == Kind::Gone { all / 10 } else { all };
        let scale = if kind == Kind::Gone { 10 } else { 1 };
        let chosen = dice.some(all, wanted).into_iter().map(|at| at * scale);
        faults.extend(chosen.map(|at| Fault { kind, at: at + 1 }));
    }
    let ends: Mutex<BTreeMap<(Kind, End), usize>> = Mutex::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..crate::THREADS {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let end = run(*fault);
                    let mut ends = ends.lock().unwrap();
                    *ends.entry((fault.kind, end)).or_default() += 1;
                }
            });
        }
    });
    let ends = ends.into_inner().unwrap();
    println!(
        "seed {seed}: {what}: {} calls in a run; {} runs, each with a call that fails: lost 0, doubled 0, \
         acknowledged after a failed sync 0, unopenable 0",
        calls.len(),
        faults.len()
    );
    for ((kind, end), count) in &ends {
        println!("  {}: {end:?} {count}", kind.name());
    }
    assert_eq!(ends.values().sum::<usize>(), faults.len());
    let hit = |end| ends.iter().any(|((_, other), _)| *other == end);
    assert!(hit(End::Done) && hit(End::Stopped));
}
