//! When the number of a name moves.

use crate::model::{Dialect, Observation};
use crate::store::Store;
use crate::store::samples::{append, at, execution, fact, kept, measured, tell, told};

/// Asserts that something moves the numbers of some names.
fn moves(store: &dyn Store, names: &[&str], what: &str, act: impl FnOnce()) {
    let before: Vec<u64> = names.iter().map(|name| store.version(name)).collect();
    act();
    for (name, before) in names.iter().zip(before) {
        assert_ne!(store.version(name), before, "{what} moves {name}");
    }
}

pub(super) fn what_changes_an_execution_moves_its_names(store: &dyn Store) {
    let row = |count| told("a", "one", 1, count, 1, 1);
    moves(store, &["a"], "a new execution", || {
        tell(store, 1, &[row(1)]);
    });
    moves(store, &["a"], "a row that grows", || {
        tell(store, 2, &[row(2)]);
    });
    moves(store, &["a", "x"], "a new alias", || {
        append(store, 3, vec![fact("a", "", &["x"])]);
    });
    moves(store, &["a", "x"], "a row, by id and alias", || {
        tell(store, 4, &[row(3)]);
    });
    moves(store, &["x"], "an execution whose id was an alias", || {
        append(store, 5, vec![fact("x", "", &[])]);
    });
    moves(store, &["a"], "a sample", || {
        let sample = measured("a", "w", "cpu", 6, "1");
        append(store, 6, vec![Observation::Sample(sample)]);
    });
    tell(store, 7, &[kept("a", Dialect::Genomcore, "by id", 9)]);
    moves(store, &["a"], "the removal of a dialect's rows", || {
        let removed = store.remove(&[execution("a")], Dialect::Genomcore, at(8));
        assert_eq!(removed.unwrap(), 1);
    });
    moves(store, &["a"], "its deletion", || {
        assert!(store.delete(&execution("a"), at(9)).unwrap());
    });
    moves(store, &["a"], "its coming back", || {
        tell(store, 20, &[told("a", "later", 1, 1, 19, 19)]);
    });
}

pub(super) fn what_changes_nothing_moves_no_name(store: &dyn Store) {
    let row = told("a", "one", 1, 1, 1, 1);
    tell(store, 1, std::slice::from_ref(&row));
    let before = store.version("a");
    tell(store, 2, &[row]);
    assert_eq!(store.version("a"), before, "a telling again is no change");
}
