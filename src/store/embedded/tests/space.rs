//! What deletions and prunings give back of the disk.

use super::super::Embedded;
use super::{NO_RESERVE, forgetful};
use crate::model::{ExecutionKey, Observation, Telling};
use crate::store::samples::{append, at, counts, execution, rows, tell, told};
use crate::store::{Error, Keep, Options, Reserve, Store};

fn noise(seed: u64) -> String {
    let mut text = blake3::hash(&seed.to_le_bytes()).to_string();
    while text.len() < 2000 {
        text += &blake3::hash(text.as_bytes()).to_string();
    }
    text
}

fn names(of: std::ops::Range<u64>) -> Vec<ExecutionKey> {
    of.map(|at| execution(&format!("e{at}"))).collect()
}

/// So many executions of 50 rows, some 50 kB on disk each.
fn fill(store: &Embedded, of: std::ops::Range<u64>) {
    for at in of {
        let id = format!("e{at}");
        let rows = (0..50_u64).map(|row| {
            let seed = at * 50 + row;
            told(&id, &noise(seed), u128::from(seed), 1, 1, 1)
        });
        tell(store, 1, &rows.collect::<Vec<Telling>>());
    }
    store.checkpoint().unwrap();
}

/// The bytes of all blocks, counted one by one.
fn counted(store: &Embedded) -> u64 {
    let reader = store.inner.fold.read().reader().unwrap();
    reader.bytes_of_blocks().unwrap()
}

fn files(store: &Embedded) -> u64 {
    store.size().unwrap().files
}

#[test]
fn the_oldest_executions_give_their_place_back_without_another_being_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    fill(&store, 0..600);
    store.inner.empty_buffers().unwrap();
    let full = (files(&store), store.size().unwrap().kept);
    assert!(full.1 > 25 << 20, "{full:?}");
    assert_eq!(store.forget(&names(0..500), at(5)).unwrap(), 500);
    store.inner.give_back().unwrap();
    let left = (files(&store), store.size().unwrap().kept);
    assert!(left.1 < full.1 / 5, "{left:?} of {full:?}");
    // The journal keeps up to 64 MiB until it is full, and a file at the edge holds dead and living.
    assert!(left.0 + (full.1 / 2) < full.0, "{left:?} of {full:?}");
    assert_eq!(counts(&store, "e555").len(), 50);
    assert!(rows(&store, "e499").is_empty());
    drop(store);
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    assert_eq!(counts(&store, "e555").len(), 50);
    assert_eq!(store.size().unwrap().kept, left.1);
}

#[test]
fn what_lies_scattered_is_written_anew_without_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    fill(&store, 0..300);
    store.inner.empty_buffers().unwrap();
    let disk = || store.inner.fold.read().disk.clone().unwrap().rows_on_disk();
    let before = disk();
    let most: Vec<ExecutionKey> = names(0..300)
        .into_iter()
        .enumerate()
        .filter(|(at, _)| at % 4 != 0)
        .map(|(_, key)| key)
        .collect();
    assert_eq!(store.forget(&most, at(5)).unwrap(), 225);
    store.inner.give_back().unwrap();
    assert!(disk() < before / 3, "{} of {before}", disk());
    assert_eq!(counts(&store, "e4").len(), 50);
    assert!(rows(&store, "e5").is_empty());
}

#[test]
fn pruned_rows_count_no_longer_and_the_count_is_exact() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    fill(&store, 0..4);
    let kept = |store: &Embedded| store.inner.fold.read().stored;
    assert_eq!(kept(&store), counted(&store));
    let before = kept(&store);
    let keep = Keep {
        since: at(0),
        rows: 10,
    };
    assert_eq!(store.prune(&execution("e1"), keep, at(5)).unwrap(), 40);
    store.checkpoint().unwrap();
    assert!(kept(&store) < before);
    assert_eq!(kept(&store), counted(&store));
    tell(&store, 6, &[told("e1", "more", 99_999, 1, 6, 6)]);
    store.delete(&execution("e2"), at(7)).unwrap();
    store.checkpoint().unwrap();
    assert_eq!(kept(&store), counted(&store));
    drop(store);
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    assert_eq!(kept(&store), counted(&store));
}

#[test]
fn no_more_is_taken_in_than_leaves_the_reserve_and_what_makes_room_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path(), forgetful()).unwrap();
    fill(&store, 0..2);
    drop(store);
    // More than any disk has: so nothing is free but the reserve.
    let reserve = Reserve {
        bytes: 0,
        percent: 100,
    };
    let options = Options {
        reserve,
        ..forgetful()
    };
    let store = Embedded::open(dir.path(), options).unwrap();
    let batch = crate::store::Batch {
        observations: vec![Observation::Event(told("e0", "more", 1, 1, 9, 9))],
        now: at(9),
    };
    let error = store.append(&batch).unwrap_err();
    assert!(matches!(error, Error::Full { .. }), "{error}");
    assert!(store.size().unwrap().is_short());
    assert_eq!(counts(&store, "e0").len(), 50);
    let room = store.size().unwrap();
    if room.free > Some(room.reserve / 4) {
        let keep = Keep {
            since: at(0),
            rows: 7,
        };
        assert_eq!(store.prune(&execution("e0"), keep, at(9)).unwrap(), 43);
        assert!(store.delete(&execution("e1"), at(9)).unwrap());
        store.sweep(at(9)).unwrap();
        store.checkpoint().unwrap();
    }
    drop(store);
    let options = Options {
        reserve: NO_RESERVE,
        ..forgetful()
    };
    let store = Embedded::open(dir.path(), options).unwrap();
    append(&store, 9, batch.observations);
}
