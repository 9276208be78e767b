//! What a removal of a dialect's rows takes away, and what it leaves.

use crate::model::{Dialect, Outcome, Policy, Seq, Telling};
use crate::store::Store;
use crate::store::samples::{at, changes, execution, kept, rows, seqs, tell, told};

fn messages(store: &dyn Store, id: &str) -> Vec<String> {
    let mut found: Vec<String> = rows(store, id)
        .iter()
        .map(|row| row.body().message.to_string())
        .collect();
    found.sort_unstable();
    found
}

fn remove(store: &dyn Store, ids: &[&str]) -> usize {
    let keys: Vec<_> = ids.iter().map(|id| execution(id)).collect();
    store.remove(&keys, Dialect::Genomcore, at(5)).unwrap()
}

pub(super) fn rows_of_one_dialect_are_removed_and_no_others(store: &dyn Store) {
    let folds = Telling {
        policy: Policy::Fold,
        ..kept("a", Dialect::Genomcore, "folds", 1)
    };
    tell(
        store,
        1,
        &[
            kept("a", Dialect::Genomcore, "one", 2),
            kept("a", Dialect::Genomcore, "two", 3),
            kept("a", Dialect::Prefect, "other dialect", 4),
            told("a", "no dialect", 5, 7, 1, 1),
            folds,
            kept("b", Dialect::Genomcore, "elsewhere", 6),
        ],
    );
    assert_eq!(remove(store, &["a", "a", "nobody"]), 2);
    assert_eq!(
        messages(store, "a"),
        ["folds", "no dialect", "other dialect"]
    );
    assert_eq!(messages(store, "b"), ["elsewhere"]);
    let found = store.united("a").unwrap();
    assert_eq!(found.len(), 1, "what is known of the execution stays");
    assert_eq!(remove(store, &["a", "b"]), 1);
    assert!(rows(store, "b").is_empty());
    assert_eq!(store.united("b").unwrap().len(), 1);
}

pub(super) fn rows_that_were_removed_come_back_when_they_are_told_again(store: &dyn Store) {
    for (id, many) in [("a", 1), ("b", 300)] {
        let all: Vec<Telling> = (1..=many)
            .map(|origin| kept(id, Dialect::Genomcore, &format!("m{origin:03}"), origin))
            .collect();
        tell(store, 1, &all);
        let before = messages(store, id);
        for _ in 0..2 {
            assert_eq!(remove(store, &[id]), all.len());
            assert!(rows(store, id).is_empty());
            let outcomes = tell(store, 6, &all);
            let anew = |outcome: &Outcome| matches!(outcome, Outcome::Created(..));
            assert!(outcomes.iter().all(anew), "{outcomes:?}");
            assert_eq!(messages(store, id), before);
            let again = tell(store, 6, &all[..1]);
            assert!(matches!(again[..], [Outcome::Duplicate(_)]));
        }
    }
}

pub(super) fn a_removal_begins_followers_anew_once_for_each_execution(store: &dyn Store) {
    tell(
        store,
        1,
        &[
            kept("a", Dialect::Genomcore, "one", 1),
            kept("a", Dialect::Genomcore, "two", 2),
            kept("b", Dialect::Genomcore, "three", 3),
            kept("b", Dialect::Prefect, "four", 4),
        ],
    );
    assert_eq!(remove(store, &["b", "a"]), 3);
    let all = changes(store, 0, 10);
    assert_eq!((seqs(&all.rows), all.upto), (vec![4], Seq(6)));
    assert_eq!(all.removed, [execution("b"), execution("a")]);
    for (id, seq) in [("b", 5), ("a", 6)] {
        let found = &store.united(id).unwrap()[0];
        assert_eq!((found.pruned, found.seq), (Seq(seq), Seq(seq)));
    }
    assert_eq!(*store.passed().borrow(), Seq(6));
}

pub(super) fn a_removal_of_nothing_changes_nothing(store: &dyn Store) {
    tell(store, 1, &[kept("a", Dialect::Prefect, "one", 1)]);
    assert_eq!(remove(store, &["a", "nobody"]), 0);
    assert_eq!(remove(store, &[]), 0);
    assert_eq!(*store.passed().borrow(), Seq(1));
    assert_eq!(store.united("a").unwrap()[0].pruned, Seq::ZERO);
}
