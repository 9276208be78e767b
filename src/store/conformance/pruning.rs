//! What retention takes away of an execution, what it leaves, and what stays away.

use std::sync::Arc;

use crate::model::{Outcome, Seq, Telling, Time};
use crate::store::samples::{
    append, at, changes, counts, execution, fact, item, measured, rows, seqs, tell, told,
};
use crate::store::{Keep, Store};

/// Rows of any age.
const ALL: Time = Time::MIN;

fn messages(store: &dyn Store, id: &str) -> Vec<String> {
    let rows = rows(store, id);
    rows.iter()
        .map(|row| row.body().message.to_string())
        .collect()
}

fn prune(store: &dyn Store, id: &str, since: Time, rows: usize) -> usize {
    let keep = Keep { since, rows };
    store.prune(&execution(id), keep, at(100)).unwrap()
}

/// A row that says that an element has ended, or the execution itself.
fn ended(id: &str, element: &str, origin: u128, time: i64) -> Telling {
    let mut telling = told(id, &format!("end of {element}"), origin, 1, time, time);
    let key = Arc::make_mut(&mut telling.key);
    key.code = "SuccessfulFinish".into();
    key.involved_uid = "".into();
    key.element = element.into();
    telling
}

pub(super) fn rows_that_were_last_seen_before_a_time_are_pruned(store: &dyn Store) {
    tell(
        store,
        1,
        &[
            told("a", "one", 1, 1, 1, 1),
            told("a", "two", 2, 1, 1, 4),
            told("a", "three", 3, 1, 5, 9),
            told("b", "elsewhere", 4, 1, 1, 1),
        ],
    );
    assert_eq!(prune(store, "a", at(4), usize::MAX), 1);
    assert_eq!(messages(store, "a"), ["two", "three"]);
    assert_eq!(messages(store, "b"), ["elsewhere"]);
    assert_eq!(store.rows(&execution("a")).unwrap(), 2);
    let found = &store.united("a").unwrap()[0];
    assert_eq!((found.pruned_before, found.pruned), (at(1), Seq(5)));
}

pub(super) fn the_longest_unseen_rows_are_pruned_down_to_a_number(store: &dyn Store) {
    for origin in 1..=6 {
        let time = origin as i64;
        let message = format!("m{origin}");
        tell(store, 1, &[told("a", &message, origin, 1, time, 20 - time)]);
    }
    assert_eq!(prune(store, "a", ALL, 4), 2);
    assert_eq!(messages(store, "a"), ["m1", "m2", "m3", "m4"]);
    assert_eq!(store.united("a").unwrap()[0].pruned_before, at(15));
    assert_eq!(prune(store, "a", ALL, 4), 0);
    assert_eq!(prune(store, "a", ALL, 0), 3, "one row stays");
    assert_eq!(messages(store, "a"), ["m1"]);
}

pub(super) fn a_row_that_tells_of_the_end_always_stays(store: &dyn Store) {
    tell(
        store,
        1,
        &[
            ended("a", "a", 1, 1),
            ended("a", "job", 2, 2),
            told("a", "later", 3, 1, 3, 3),
            ended("b", "job", 4, 1),
            ended("b", "other job", 5, 2),
            told("b", "later", 6, 1, 3, 3),
            told("c", "later", 7, 1, 3, 3),
        ],
    );
    for (id, left) in [("a", "end of a"), ("b", "end of other job"), ("c", "later")] {
        prune(store, id, at(50), 1);
        assert_eq!(messages(store, id), [left]);
        assert_eq!(prune(store, id, at(50), 1), 0);
    }
}

pub(super) fn what_was_pruned_stays_away_when_it_is_told_again(store: &dyn Store) {
    let old = [told("a", "one", 1, 1, 1, 3), item("a", "item", 2, 2)];
    tell(store, 1, &old);
    tell(store, 1, &[told("a", "two", 3, 1, 8, 8)]);
    assert_eq!(prune(store, "a", at(5), usize::MAX), 2);
    assert_eq!(tell(store, 9, &old), [Outcome::Buried, Outcome::Buried]);
    let late = tell(store, 9, &[told("a", "unheard of", 4, 1, 3, 3)]);
    assert_eq!(late, [Outcome::Buried]);
    let sample = measured("a", "e", "n", 3, "1");
    let told_late = append(
        store,
        9,
        vec![
            crate::model::Observation::Sample(sample),
            fact("a", "", &[]),
        ],
    );
    assert_eq!(told_late, [Outcome::Buried, Outcome::Noted]);
    assert_eq!(messages(store, "a"), ["two"]);
    // It goes on: what it counts was counted by who tells it.
    tell(store, 9, &[told("a", "one", 1, 7, 1, 9)]);
    assert_eq!(counts(store, "a"), [7, 1]);
}

pub(super) fn origins_outside_a_pruned_row_go_with_it(store: &dyn Store) {
    for origin in 1..=5 {
        tell(store, 1, &[told("a", "many", origin, 2, 1, origin as i64)]);
    }
    tell(store, 1, &[told("a", "other", 9, 1, 20, 20)]);
    assert_eq!(prune(store, "a", at(10), usize::MAX), 1);
    for origin in 1..=5 {
        tell(store, 1, &[told("a", "many", origin, 3, 11, 12)]);
    }
    assert_eq!(counts(store, "a"), [15, 1]);
}

pub(super) fn pruning_begins_followers_anew_once(store: &dyn Store) {
    tell(
        store,
        1,
        &[
            told("a", "one", 1, 1, 1, 1),
            told("a", "two", 2, 1, 1, 2),
            told("a", "three", 3, 1, 1, 9),
        ],
    );
    assert_eq!(prune(store, "a", at(5), usize::MAX), 2);
    let all = changes(store, 0, 10);
    assert_eq!((seqs(&all.rows), all.upto), (vec![3], Seq(4)));
    assert_eq!(all.removed, [execution("a")]);
    assert_eq!(*store.passed().borrow(), Seq(4));
}

pub(super) fn pruning_of_nothing_changes_nothing(store: &dyn Store) {
    tell(store, 1, &[told("a", "one", 1, 1, 5, 5)]);
    assert_eq!(prune(store, "a", at(5), 10), 0);
    assert_eq!(prune(store, "nobody", at(5), 10), 0);
    assert_eq!(*store.passed().borrow(), Seq(1));
    let found = &store.united("a").unwrap()[0];
    assert_eq!((found.pruned_before, found.pruned), (Time::MIN, Seq::ZERO));
    assert_eq!(store.rows(&execution("nobody")).unwrap(), 0);
}

pub(super) fn several_executions_are_deleted_together(store: &dyn Store) {
    for (id, origin) in [("a", 1), ("b", 2), ("c", 3)] {
        tell(store, 1, &[told(id, "one", origin, 1, 1, 4)]);
    }
    let keys = ["c", "nobody", "a", "c"].map(execution);
    assert_eq!(store.forget(&keys, at(5)).unwrap(), 2);
    let all = changes(store, 0, 10);
    assert_eq!((seqs(&all.rows), all.upto), (vec![2], Seq(5)));
    assert_eq!(all.removed, [execution("c"), execution("a")]);
    for (id, origin) in [("a", 1), ("c", 3)] {
        let again = tell(store, 6, &[told(id, "one", origin, 1, 1, 4)]);
        assert_eq!(again, [Outcome::Buried], "{id}");
    }
    tell(store, 6, &[told("c", "later", 5, 1, 6, 6)]);
    assert_eq!(store.united("c").unwrap()[0].pruned, Seq(4));
    assert_eq!(store.forget(&keys[1..3], at(5)).unwrap(), 0);
}
