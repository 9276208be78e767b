//! What tellings become.

use crate::model::{Outcome, Policy, Seq, Telling};
use crate::store::Store;
use crate::store::samples::{at, changes, counts, item, rows, seqs, tell, told};

pub(super) fn a_new_event_is_created_and_can_be_read_at_once(store: &dyn Store) {
    let outcomes = tell(store, 1, &[told("a", "hello", 1, 3, 10, 20)]);
    let row = rows(store, "a").remove(0);
    assert_eq!(outcomes, [Outcome::Created(row.id, Seq(1))]);
    assert_eq!((row.count(), row.first(), row.last()), (3, at(10), at(20)));
    assert_eq!((row.name(), &*row.body().message), ("name-1", "hello"));
    assert_eq!(row.seq, Seq(1));
}

pub(super) fn an_equal_telling_is_a_duplicate_and_changes_nothing(store: &dyn Store) {
    let telling = told("a", "hello", 1, 3, 10, 20);
    tell(store, 1, std::slice::from_ref(&telling));
    let before = rows(store, "a");
    let outcomes = tell(store, 2, std::slice::from_ref(&telling));
    assert_eq!(outcomes, [Outcome::Duplicate(before[0].id)]);
    assert_eq!(rows(store, "a"), before);
    assert_eq!(*store.passed().borrow(), Seq(1));
}

pub(super) fn a_higher_count_of_one_origin_stands_alone_and_two_origins_add_up(store: &dyn Store) {
    tell(store, 1, &[told("a", "hello", 1, 3, 10, 20)]);
    tell(store, 2, &[told("a", "hello", 1, 5, 12, 30)]);
    tell(store, 3, &[told("a", "hello", 2, 7, 5, 25)]);
    let row = rows(store, "a").remove(0);
    assert_eq!((row.count(), row.first(), row.last()), (12, at(5), at(30)));
    assert_eq!(&*row.body().reporter, "reporter-1");
    assert_eq!(row.name(), "name-2");
}

pub(super) fn a_lower_count_never_lowers(store: &dyn Store) {
    tell(store, 1, &[told("a", "hello", 1, 5, 10, 30)]);
    tell(store, 2, &[told("a", "hello", 1, 2, 10, 20)]);
    assert_eq!(counts(store, "a"), [5]);
}

pub(super) fn the_outcomes_of_a_batch_carry_the_final_seqs(store: &dyn Store) {
    let outcomes = tell(
        store,
        1,
        &[
            told("a", "one", 1, 1, 1, 1),
            told("b", "two", 2, 1, 2, 2),
            told("a", "one", 1, 4, 1, 4),
        ],
    );
    let one = rows(store, "a").remove(0);
    let two = rows(store, "b").remove(0);
    let wanted = [
        Outcome::Created(one.id, Seq(1)),
        Outcome::Created(two.id, Seq(2)),
        Outcome::Merged(one.id, Seq(1)),
    ];
    assert_eq!(outcomes, wanted);
    assert_eq!((one.seq, two.seq), (Seq(1), Seq(2)));
}

pub(super) fn an_equal_item_is_a_duplicate_until_its_window_is_over(store: &dyn Store) {
    tell(store, 1, &[item("a", "hello", 1, 1)]);
    let id = rows(store, "a")[0].id;
    store.sweep(at(3)).unwrap();
    assert_eq!(
        tell(store, 3, &[item("a", "hello", 1, 1)]),
        [Outcome::Duplicate(id)]
    );
    tell(store, 4, &[item("a", "hello", 2, 4)]);
    assert_eq!(counts(store, "a"), [2]);
    store.sweep(at(5)).unwrap();
    let again = tell(
        store,
        5,
        &[item("a", "hello", 1, 1), item("a", "hello", 2, 4)],
    );
    assert_eq!(again, [Outcome::Merged(id, Seq(3)), Outcome::Duplicate(id)]);
    assert_eq!(counts(store, "a"), [3]);
}

pub(super) fn an_item_that_keeps_its_identity_is_a_row_of_its_own(store: &dyn Store) {
    let own = |origin| Telling {
        policy: Policy::ById,
        ..item("a", "hello", origin, 1)
    };
    tell(store, 1, &[own(1), own(2)]);
    store.sweep(at(100)).unwrap();
    let outcomes = tell(store, 101, &[own(1)]);
    assert!(matches!(outcomes[..], [Outcome::Duplicate(_)]));
    assert_eq!(counts(store, "a"), [1, 1]);
}

pub(super) fn an_origin_moves_to_the_row_of_its_lowest_count(store: &dyn Store) {
    tell(
        store,
        1,
        &[
            told("a", "late", 1, 5, 10, 50),
            told("a", "late", 2, 1, 10, 10),
        ],
    );
    tell(store, 2, &[told("a", "early", 1, 2, 10, 20)]);
    let rows = rows(store, "a");
    let shown = rows.iter().map(|row| (&*row.body().message, row.count()));
    let mut shown: Vec<_> = shown.collect();
    shown.sort_unstable();
    // What the origin said last moves with it, and is shown.
    assert_eq!(shown, [("late", 1), ("late", 5)]);
    // Both rows have changed.
    assert_eq!(seqs(&changes(store, 1, 9).rows), [2, 3]);
}

pub(super) fn origins_beyond_the_bound_are_not_forgotten(store: &dyn Store) {
    for origin in 1..=6 {
        tell(
            store,
            1,
            &[told(
                "a",
                "hello",
                origin,
                10,
                1,
                i64::try_from(origin).unwrap(),
            )],
        );
    }
    assert_eq!(counts(store, "a"), [60]);
    for origin in 1..=6 {
        let again = tell(
            store,
            2,
            &[told(
                "a",
                "hello",
                origin,
                10,
                1,
                i64::try_from(origin).unwrap(),
            )],
        );
        assert!(
            matches!(again[..], [Outcome::Duplicate(_)]),
            "{origin}: {again:?}"
        );
    }
    tell(store, 3, &[told("a", "hello", 1, 15, 1, 9)]);
    assert_eq!(counts(store, "a"), [65]);
    // One that is outside moves to another row.
    tell(store, 4, &[told("a", "other", 2, 1, 1, 1)]);
    let mut left = counts(store, "a");
    left.sort_unstable();
    assert_eq!(left, [10, 55]);
}
