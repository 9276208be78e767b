//! Samples: measured values, beside the history.

use crate::model::{Observation, Outcome, Phase, Seq};
use crate::store::Store;
use crate::store::samples::{append, at, changes, execution, fact, measured, tell, told};

fn measure(store: &dyn Store, now: i64, samples: &[(&str, &str, &str, i64, &str)]) -> Vec<Outcome> {
    let observations = samples.iter().map(|(id, element, name, seconds, value)| {
        Observation::Sample(measured(id, element, name, *seconds, value))
    });
    append(store, now, observations.collect())
}

fn found(store: &dyn Store, ids: &[&str]) -> Vec<(String, String, String)> {
    let keys: Vec<_> = ids.iter().map(|id| execution(id)).collect();
    let samples = store.samples(&keys).unwrap().into_iter();
    samples
        .map(|one| {
            (
                one.element.to_string(),
                one.name.to_string(),
                one.value.to_string(),
            )
        })
        .collect()
}

fn three(element: &str, name: &str, value: &str) -> (String, String, String) {
    (element.into(), name.into(), value.into())
}

pub(super) fn the_latest_sample_of_each_element_and_name_is_kept(store: &dyn Store) {
    measure(
        store,
        1,
        &[("a", "w1", "cpu", 5, "1"), ("a", "w1", "mem", 1, "2")],
    );
    measure(
        store,
        2,
        &[("a", "w1", "cpu", 4, "9"), ("a", "w1", "mem", 2, "3")],
    );
    measure(
        store,
        3,
        &[("a", "w0", "cpu", 1, "4"), ("b", "w0", "cpu", 9, "5")],
    );
    let kept = [
        three("w0", "cpu", "4"),
        three("w1", "cpu", "1"),
        three("w1", "mem", "3"),
    ];
    assert_eq!(found(store, &["a"]), kept);
    // Of one time it does not matter which came first.
    let one_after_other = |first, second| {
        measure(store, 4, &[("c", "w", "n", 1, first)]);
        measure(store, 4, &[("d", "w", "n", 1, second)]);
        measure(store, 5, &[("c", "w", "n", 1, second)]);
        measure(store, 5, &[("d", "w", "n", 1, first)]);
    };
    one_after_other("1", "2");
    assert_eq!(found(store, &["c"]), found(store, &["d"]));
}

pub(super) fn samples_beyond_the_bound_give_way_to_later_ones(store: &dyn Store) {
    measure(
        store,
        1,
        &[("a", "w1", "n", 3, "1"), ("a", "w2", "n", 4, "2")],
    );
    measure(
        store,
        2,
        &[("a", "w3", "n", 5, "3"), ("a", "w4", "n", 1, "4")],
    );
    let kept = |names: &[&str]| {
        let found = found(store, &["a"])
            .into_iter()
            .map(|(element, ..)| element);
        assert_eq!(found.collect::<Vec<_>>(), names);
    };
    kept(&["w1", "w2", "w3"]);
    measure(store, 3, &[("a", "w5", "n", 6, "5")]);
    kept(&["w2", "w3", "w5"]);
    measure(store, 4, &[("a", "w1", "n", 3, "1")]);
    kept(&["w2", "w3", "w5"]);
}

pub(super) fn a_sample_alone_begins_an_execution_and_is_no_change_of_a_row(store: &dyn Store) {
    assert_eq!(
        measure(store, 1, &[("a", "w", "n", 1, "1")]),
        [Outcome::Noted]
    );
    let found = store.united("a").unwrap();
    assert_eq!(
        (found[0].seq, found[0].status.phase),
        (Seq(0), Phase::Running)
    );
    assert_eq!(changes(store, 0, 9).upto, Seq(0));
    assert_eq!((found[0].told, found[0].last_told), (at(1), at(1)));
    // What says nothing new does not say that it was told of, either.
    measure(store, 5, &[("a", "w", "n", 1, "1")]);
    assert_eq!(store.united("a").unwrap(), found);
}

pub(super) fn samples_of_several_executions_are_those_of_one(store: &dyn Store) {
    measure(
        store,
        1,
        &[("a", "w", "n", 1, "1"), ("b", "w", "n", 2, "2")],
    );
    measure(store, 1, &[("b", "v", "n", 1, "3")]);
    let both = [three("v", "n", "3"), three("w", "n", "2")];
    assert_eq!(found(store, &["a", "b"]), both);
    assert_eq!(found(store, &["b", "a", "none"]), both);
    assert!(found(store, &["none"]).is_empty());
}

pub(super) fn samples_go_with_their_execution_and_stay_away(store: &dyn Store) {
    tell(store, 1, &[told("a", "one", 1, 1, 1, 1)]);
    measure(
        store,
        1,
        &[("a", "w", "n", 1, "1"), ("a", "v", "n", 50, "2")],
    );
    assert!(store.delete(&execution("a"), at(10)).unwrap());
    assert!(found(store, &["a"]).is_empty());
    assert_eq!(
        measure(store, 11, &[("a", "w", "n", 10, "1")]),
        [Outcome::Buried]
    );
    assert!(store.united("a").unwrap().is_empty());
    assert_eq!(
        measure(store, 12, &[("a", "w", "n", 11, "3")]),
        [Outcome::Noted]
    );
    assert_eq!(found(store, &["a"]), [three("w", "n", "3")]);
    append(store, 13, vec![fact("a", "name", &[])]);
    assert_eq!(found(store, &["a"]), [three("w", "n", "3")]);
}
