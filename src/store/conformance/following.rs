//! What followers are told.

use crate::model::Seq;
use crate::store::samples::{changes, execution, rows, seqs, tell, told};
use crate::store::{Scope, Store};

pub(super) fn changes_come_in_seq_order_each_row_once(store: &dyn Store) {
    tell(
        store,
        1,
        &[told("a", "one", 1, 1, 1, 1), told("b", "two", 2, 1, 1, 1)],
    );
    tell(store, 2, &[told("a", "three", 3, 1, 1, 1)]);
    tell(store, 3, &[told("a", "one", 1, 2, 1, 2)]);
    let all = changes(store, 0, 10);
    assert_eq!(
        (seqs(&all.rows), all.upto, all.more),
        (vec![2, 3, 4], Seq(4), false)
    );
    let first = changes(store, 0, 2);
    assert_eq!(
        (seqs(&first.rows), first.upto, first.more),
        (vec![2, 3], Seq(3), true)
    );
    let rest = changes(store, 3, 2);
    assert_eq!(
        (seqs(&rest.rows), rest.upto, rest.more),
        (vec![4], Seq(4), false)
    );
    let none = changes(store, 4, 2);
    assert_eq!((none.rows.len(), none.upto, none.more), (0, Seq(4), false));
}

pub(super) fn changes_of_one_execution_are_its_rows_behind_a_seq(store: &dyn Store) {
    tell(
        store,
        1,
        &[told("a", "one", 1, 1, 1, 1), told("b", "two", 2, 1, 1, 1)],
    );
    tell(store, 2, &[told("a", "three", 3, 1, 1, 1)]);
    let scope = Scope::Executions(vec![execution("a")]);
    let all = store.changes(&scope, Seq(0), 10).unwrap();
    assert_eq!(
        (seqs(&all.rows), all.upto, all.more),
        (vec![1, 3], Seq(3), false)
    );
    let one = store.changes(&scope, Seq(0), 1).unwrap();
    assert_eq!(
        (seqs(&one.rows), one.upto, one.more),
        (vec![1], Seq(1), true)
    );
    let later = store.changes(&scope, Seq(1), 10).unwrap();
    assert_eq!(seqs(&later.rows), [3]);
}

pub(super) fn a_removed_row_is_told_to_followers(store: &dyn Store) {
    tell(store, 1, &[told("a", "late", 1, 5, 10, 50)]);
    tell(store, 2, &[told("a", "early", 1, 2, 10, 20)]);
    let all = changes(store, 1, 10);
    assert_eq!(all.removed, [execution("a")]);
    assert_eq!(all.rows.len(), 1);
    assert_eq!(all.upto, Seq(3));
    assert_eq!(rows(store, "a").len(), 1);
    assert_eq!(store.united("a").unwrap()[0].pruned, Seq(2));
}

pub(super) fn what_passed_is_announced_after_each_append(store: &dyn Store) {
    let mut passed = store.passed();
    passed.mark_unchanged();
    tell(store, 1, &[told("a", "one", 1, 1, 1, 1)]);
    assert!(passed.has_changed().unwrap());
    assert_eq!(*passed.borrow_and_update(), Seq(1));
}

pub(super) fn a_row_with_another_name_begins_followers_anew(store: &dyn Store) {
    tell(store, 1, &[told("a", "one", 1, 1, 5, 5)]);
    tell(store, 1, &[told("a", "one", 2, 1, 6, 6)]);
    let pruned = || store.united("a").unwrap()[0].pruned;
    assert_eq!(
        (rows(store, "a")[0].name(), pruned()),
        ("name-1", Seq::ZERO)
    );
    // An earlier first time brings its own name.
    tell(store, 1, &[told("a", "one", 3, 1, 4, 4)]);
    assert_eq!((rows(store, "a")[0].name(), pruned()), ("name-3", Seq(4)));
    let all = changes(store, 0, 10);
    assert_eq!((seqs(&all.rows), all.upto), (vec![3], Seq(4)));
    assert_eq!(all.removed, [execution("a")]);
}
