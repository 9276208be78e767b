//! A history that is carried out and in again is the same; one that is joined is the union.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::differential::{IDS, observation};
use super::{forgetful, open, open_with};
use crate::model::{
    Dialect, Digest, Execution, ExecutionKey, Extent, Grave, Observation, Origin, Part, Policy, Seq,
};
use crate::store::memory::Memory;
use crate::store::samples::{BOUNDS, append, at, execution, item, rows, tell, told};
use crate::store::{Batch, Restored, Store};

/// Everything but small, so that a row's origins come in several orders.
fn parts(store: &dyn Store) -> Vec<Part> {
    let snapshot = store.snapshot(&Extent::default()).unwrap();
    let parts: Vec<Part> = snapshot.parts.map(Result::unwrap).collect();
    let is_execution = |part: &&Part| matches!(part, Part::Execution(_));
    assert_eq!(
        parts.iter().filter(is_execution).count(),
        snapshot.executions
    );
    parts
}

fn dump(store: &dyn Store) -> String {
    let mut bytes = Vec::new();
    crate::dump::write(store, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn restore(store: &dyn Store, parts: &[Part]) -> Restored {
    let mut done = Restored::default();
    // One after another: an execution may come in several commits.
    for part in parts {
        done += store.restore(std::slice::from_ref(part), at(50)).unwrap();
    }
    done
}

fn passed(store: &dyn Store) -> Seq {
    *store.passed().borrow()
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Observation>),
    Delete(usize),
    Remove(usize),
    Sweep,
    Checkpoint,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => prop::collection::vec(observation(), 1..8).prop_map(Step::Append),
        1 => (0..4_usize).prop_map(Step::Delete),
        1 => (0..4_usize).prop_map(Step::Remove),
        1 => Just(Step::Sweep),
        3 => Just(Step::Checkpoint),
    ];
    prop::collection::vec(step, 1..14)
}

fn play(store: &super::super::Embedded, steps: &[Step]) {
    for (now, step) in steps.iter().enumerate() {
        let now = now as i64;
        match step {
            Step::Append(observations) => {
                append(store, now, observations.clone());
            }
            Step::Delete(id) => {
                store.delete(&execution(IDS[*id]), at(now)).unwrap();
            }
            Step::Remove(id) => {
                let keys = [execution(IDS[*id])];
                store.remove(&keys, Dialect::Genomcore, at(now)).unwrap();
            }
            Step::Sweep => store.sweep(at(now)).unwrap(),
            Step::Checkpoint => store.checkpoint().unwrap(),
        }
    }
}

/// Of two histories that nobody told the same, but for counters, which say so themselves.
fn half(observation: &Observation, even: bool) -> bool {
    match observation {
        Observation::Event(telling) => match telling.origin {
            Origin::Counter(_) => true,
            Origin::Once(origin) => (origin.0 % 2 == 0) == even,
        },
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_carried_out_and_in_is_the_same(steps in steps(), checkpoint in any::<bool>()) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let from = open_with(folders[0].path(), forgetful());
        play(&from, &steps);
        let carried = parts(&from);
        let to = open(folders[1].path());
        restore(&to, &carried);
        prop_assert_eq!(&parts(&to), &carried);
        prop_assert_eq!(dump(&to), dump(&from));
        let in_memory = Memory::new(BOUNDS);
        restore(&in_memory, &carried);
        prop_assert_eq!(&parts(&in_memory), &carried);
        // It is on disk, and it is done again from the log.
        if checkpoint {
            to.checkpoint().unwrap();
        }
        drop(to);
        let to = open(folders[1].path());
        prop_assert_eq!(&parts(&to), &carried);
        // Again it changes nothing: there, or where it came from.
        for store in [&to, &from] {
            let before = passed(store);
            let done = restore(store, &carried);
            prop_assert_eq!(done.changed, 0);
            prop_assert_eq!(passed(store), before);
            prop_assert_eq!(&parts(store), &carried);
        }
        // Nor does telling it again what it was told.
        let before = dump(&to);
        let told_last = steps.iter().rev().find_map(|step| match step {
            Step::Append(observations) => Some(observations.clone()),
            _ => None,
        });
        let forgets = |step: &Step| matches!(step, Step::Sweep | Step::Remove(_) | Step::Delete(_));
        if let (Some(observations), false) = (told_last, steps.iter().any(forgets)) {
            append(&to, 60, observations);
            prop_assert_eq!(dump(&to), before);
        }
    }

    #[test]
    fn two_histories_that_are_joined_are_one_that_was_told_both(
        observations in prop::collection::vec(observation(), 0..24),
        cut in 0..24_usize,
    ) {
        let (all, even, odd) = (Memory::new(BOUNDS), Memory::new(BOUNDS), Memory::new(BOUNDS));
        append(&all, 1, observations.clone());
        let part = |even| observations.iter().filter(move |one| half(one, even)).cloned().collect();
        append(&even, 1, part(true));
        append(&odd, 1, part(false));
        let folder = tempfile::tempdir().unwrap();
        let joined = open(folder.path());
        restore(&joined, &parts(&even));
        joined.checkpoint().unwrap();
        restore(&joined, &parts(&odd));
        prop_assert_eq!(dump(&joined), dump(&all));
        // In the other order, from half of it on, and through a third: the same.
        let third = Memory::new(BOUNDS);
        let odd_parts = parts(&odd);
        restore(&third, &odd_parts[..cut.min(odd_parts.len())]);
        restore(&third, &parts(&even));
        restore(&third, &odd_parts);
        restore(&third, &parts(&joined));
        prop_assert_eq!(dump(&third), dump(&all));
        prop_assert_eq!(parts(&third), parts(&joined));
        // Back to where they came from.
        restore(&even, &parts(&joined));
        prop_assert_eq!(dump(&even), dump(&all));
    }

    #[test]
    fn a_history_that_has_grown_since_is_joined_to_what_was_carried_before(
        batches in prop::collection::vec(prop::collection::vec(observation(), 1..6), 1..8),
        carried_at in 0..8_usize,
    ) {
        let (from, to) = (Memory::new(BOUNDS), Memory::new(BOUNDS));
        for (now, batch) in batches.iter().enumerate() {
            if now == carried_at {
                restore(&to, &parts(&from));
            }
            let mut batch = batch.clone();
            // What is told last of an object counts, not what it was seen at last; here all is told by one clock.
            batch.retain(|one| !matches!(one, Observation::Correlation(_)));
            append(&from, now as i64, batch);
        }
        restore(&to, &parts(&from));
        prop_assert_eq!(parts(&to), parts(&from));
    }
}

#[test]
fn what_two_histories_were_told_after_they_parted_adds_up() {
    let (one, other) = (Memory::new(BOUNDS), Memory::new(BOUNDS));
    tell(&one, 0, &[item("a", "m", 1, 1), item("a", "m", 2, 2)]);
    restore(&other, &parts(&one));
    tell(&one, 1, &[item("a", "m", 3, 3)]);
    tell(&other, 1, &[item("a", "m", 4, 4), item("a", "m", 1, 1)]);
    assert_eq!(rows(&other, "a")[0].count(), 3, "an id came along");
    for _ in 0..2 {
        restore(&other, &parts(&one));
        restore(&one, &parts(&other));
        assert_eq!(rows(&one, "a")[0].count(), 4);
        assert_eq!(rows(&other, "a")[0].count(), 4);
    }
    assert_eq!(parts(&one), parts(&other));
}

#[test]
fn what_was_deleted_or_pruned_here_stays_away() {
    let (from, to) = (Memory::new(BOUNDS), Memory::new(BOUNDS));
    let all = [told("a", "m", 1, 1, 1, 2), told("a", "n", 2, 1, 8, 9)];
    tell(&from, 3, &all);
    tell(&to, 3, &all[..1]);
    assert!(to.delete(&execution("a"), at(5)).unwrap());
    let done = restore(&to, &parts(&from));
    assert_eq!((done.changed, done.buried), (1, 1));
    assert_eq!(rows(&to, "a").len(), 1);
    // One that has nothing later is not begun anew.
    let (from, to) = (Memory::new(BOUNDS), Memory::new(BOUNDS));
    tell(&from, 3, &all[..1]);
    tell(&to, 3, &all[..1]);
    to.delete(&execution("a"), at(5)).unwrap();
    let done = restore(&to, &parts(&from));
    assert_eq!((done.changed, done.buried), (0, 1));
    assert!(to.united("a").unwrap().is_empty());
}

#[test]
fn what_was_pruned_there_is_not_pruned_again_and_what_was_pruned_here_is() {
    let to = Memory::new(BOUNDS);
    let saved = |pruned_before: i64, last: i64| {
        let from = Memory::new(BOUNDS);
        tell(&from, 3, &[told("a", &format!("m{last}"), 1, 1, 1, last)]);
        let mut parts = parts(&from);
        let Part::Execution(saved) = &mut parts[0] else {
            panic!("an execution comes first");
        };
        saved.execution.pruned_before = at(pruned_before);
        parts
    };
    assert_eq!(restore(&to, &saved(7, 5)).changed, 1, "it was kept there");
    assert_eq!(restore(&to, &saved(6, 6)).buried, 1, "7 counts here");
    assert_eq!(restore(&to, &saved(0, 8)).changed, 1);
}

#[test]
fn a_grave_is_carried_but_buries_nothing_that_is_here() {
    let grave = |risen| {
        Part::Grave(Grave {
            key: execution("a"),
            at: at(5),
            last_told: at(5),
            risen,
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let to = open(folder.path());
    restore(&to, &[grave(false)]);
    drop(to);
    let to = open(folder.path());
    tell(&to, 6, &[told("a", "m", 1, 1, 1, 5)]);
    assert!(
        rows(&to, "a").is_empty(),
        "it was deleted where it came from"
    );
    let here = Memory::new(BOUNDS);
    tell(&here, 6, &[told("a", "m", 1, 1, 1, 5)]);
    restore(&here, &[grave(false)]);
    tell(&here, 7, &[told("a", "m", 1, 2, 1, 5)]);
    assert_eq!(rows(&here, "a")[0].count(), 2);
}

#[test]
fn a_part_of_a_history_can_be_carried() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for (now, id) in ["a", "b", "c"].into_iter().enumerate() {
        tell(&store, now as i64, &[told(id, "m", 1, 1, 1, 2)]);
    }
    let ids = |extent: Extent| {
        let snapshot = store.snapshot(&extent).unwrap();
        let keys = snapshot.parts.map(|part| part.unwrap().execution().clone());
        keys.map(|key: ExecutionKey| key.id.to_string())
            .collect::<String>()
    };
    let since = Extent {
        since: Some(at(1)),
        ..Extent::default()
    };
    assert_eq!(ids(since.clone()), "bc");
    store.checkpoint().unwrap();
    assert_eq!(ids(since), "bc");
    let one = Extent {
        executions: Some([execution("b")].into()),
        ..Extent::default()
    };
    assert_eq!(ids(one), "b");
}

/// Counts of each counter, by execution and origin, as a snapshot has them.
fn counted(parts: &[Part]) -> BTreeMap<(String, Digest), u64> {
    let mut counts = BTreeMap::new();
    for part in parts {
        if let Part::Execution(saved) = part {
            let Execution { key, .. } = &saved.execution;
            for known in saved.rows.iter().flat_map(|row| &row.origins) {
                counts.insert((key.id.to_string(), known.origin), known.share.count);
            }
        }
    }
    counts
}

#[test]
fn a_snapshot_is_what_was_told_up_to_its_seq_whatever_is_told_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_with(folder.path(), forgetful());
    // What was acknowledged: from this Seq on, this counter has this count.
    let acknowledged = Mutex::new(Vec::new());
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..3_u128 {
            let (store, acknowledged, over) = (&store, &acknowledged, &over);
            scope.spawn(move || {
                for round in 1_u64.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let id = format!("{writer}-{}", round % 7);
                    let origin = writer * 10 + u128::from(round % 3);
                    let batch = Batch {
                        observations: vec![Observation::Event(told(&id, "m", origin, round, 1, 2))],
                        now: at(1),
                    };
                    let seq = store.append(&batch).unwrap().seq;
                    acknowledged
                        .lock()
                        .unwrap()
                        .push((seq, id, Digest(origin), round));
                }
            });
        }
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                store.checkpoint().unwrap();
            }
        });
        let mut seen = Vec::new();
        for _ in 0..25 {
            let snapshot = store.snapshot(&Extent::default()).unwrap();
            let (seq, from) = (snapshot.seq, passed(&store));
            // The others go on before the first part is read.
            while passed(&store) < Seq(from.0 + 3) {
                std::thread::yield_now();
            }
            let parts: Vec<Part> = snapshot.parts.map(Result::unwrap).collect();
            seen.push((seq, counted(&parts)));
        }
        over.store(true, Ordering::Relaxed);
        while acknowledged.lock().unwrap().last().is_none() {}
        let last = seen.last().unwrap().0;
        // Every writer has noted what it was told before it ends; those of a snapshot are long noted.
        while passed(&store) < last {}
        std::thread::sleep(std::time::Duration::from_millis(50));
        let mut acknowledged = acknowledged.lock().unwrap().clone();
        acknowledged.sort_unstable();
        assert!(last.0 > 50, "something was written: {last}");
        for (seq, counts) in seen {
            let mut expected = BTreeMap::new();
            for (at, id, origin, count) in &acknowledged {
                if *at <= seq {
                    let known = expected.entry((id.clone(), *origin)).or_insert(0);
                    *known = (*known).max(*count);
                }
            }
            assert_eq!(counts, expected, "at {seq}");
        }
    });
}

#[test]
fn a_row_that_keeps_its_identity_is_known_when_it_is_told_after_it_was_carried() {
    let (from, to) = (Memory::new(BOUNDS), Memory::new(BOUNDS));
    let mut telling = item("a", "m", 1, 1);
    telling.policy = Policy::ById;
    tell(&from, 0, &[telling.clone()]);
    restore(&to, &parts(&from));
    let before = passed(&to);
    tell(&to, 0, &[telling]);
    assert_eq!(passed(&to), before);
}
