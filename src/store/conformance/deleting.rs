//! What a deletion takes away, and for how long.

use crate::model::{ExecutionFilter, Outcome, Seq};
use crate::store::Store;
use crate::store::samples::{append, at, changes, counts, execution, fact, rows, seqs, tell, told};

pub(super) fn a_deleted_execution_is_gone_and_told_to_followers(store: &dyn Store) {
    append(store, 1, vec![fact("a", "name", &["alias"])]);
    tell(
        store,
        1,
        &[told("a", "one", 1, 1, 1, 1), told("b", "two", 2, 1, 1, 1)],
    );
    assert!(store.delete(&execution("a"), at(5)).unwrap());
    assert!(rows(store, "a").is_empty());
    assert!(store.united("a").unwrap().is_empty());
    assert!(store.united("alias").unwrap().is_empty());
    assert_eq!(
        store
            .executions(&ExecutionFilter::default(), 0, 9)
            .unwrap()
            .1,
        1
    );
    let all = changes(store, 0, 10);
    // The alias was a change of its own.
    assert_eq!((seqs(&all.rows), all.upto), (vec![3], Seq(4)));
    assert_eq!(all.removed, [execution("a"), execution("a")]);
    assert!(!store.delete(&execution("a"), at(6)).unwrap());
}

pub(super) fn a_deleted_execution_stays_deleted_when_it_is_told_again(store: &dyn Store) {
    tell(store, 1, &[told("a", "one", 1, 1, 1, 4)]);
    store.delete(&execution("a"), at(5)).unwrap();
    assert_eq!(
        tell(store, 6, &[told("a", "one", 1, 1, 1, 4)]),
        [Outcome::Buried]
    );
    assert_eq!(
        append(store, 6, vec![fact("a", "", &[])]),
        [Outcome::Buried]
    );
    assert!(store.united("a").unwrap().is_empty());
}

pub(super) fn a_deleted_execution_begins_anew_with_what_is_later(store: &dyn Store) {
    tell(store, 1, &[told("a", "one", 1, 3, 1, 4)]);
    store.delete(&execution("a"), at(5)).unwrap();
    tell(store, 7, &[told("a", "one", 1, 2, 1, 6)]);
    assert_eq!(counts(store, "a"), [2]);
    let found = store.united("a").unwrap();
    assert_eq!((found[0].pruned, found[0].told), (Seq(2), at(7)));
}

pub(super) fn a_tombstone_is_dropped_a_day_after_it_was_last_needed(store: &dyn Store) {
    let day = 24 * 3600;
    let old = told("a", "one", 1, 1, 1, 4);
    tell(store, 1, std::slice::from_ref(&old));
    store.delete(&execution("a"), at(5)).unwrap();
    assert_eq!(
        tell(store, day, std::slice::from_ref(&old)),
        [Outcome::Buried]
    );
    store.sweep(at(day + day)).unwrap();
    assert_eq!(
        tell(store, 2 * day, std::slice::from_ref(&old)),
        [Outcome::Buried]
    );
    store.sweep(at(4 * day)).unwrap();
    assert!(matches!(
        tell(store, 4 * day, &[old])[..],
        [Outcome::Created(..)]
    ));
}
