//! What is known of executions.

use std::sync::Arc;

use crate::model::{Execution, ExecutionFilter, Observation, Outcome, Phase, Seq};
use crate::store::Store;
use crate::store::samples::{
    append, at, changes, correlation, counts, execution, fact, rows, seqs, tell, told,
};

fn ids(executions: &[Execution]) -> Vec<&str> {
    executions
        .iter()
        .map(|execution| &*execution.key.id)
        .collect()
}

pub(super) fn aliases_unite_executions_in_both_directions(store: &dyn Store) {
    append(
        store,
        1,
        vec![fact("a", "", &["b", "x"]), fact("b", "", &[])],
    );
    append(store, 2, vec![fact("c", "", &["x"]), fact("d", "", &[])]);
    for id in ["a", "b", "c", "x"] {
        let mut united = store.united(id).unwrap();
        united.sort_by(|one, other| one.key.cmp(&other.key));
        assert_eq!(ids(&united), ["a", "b", "c"], "{id}");
    }
    assert_eq!(ids(&store.united("d").unwrap()), ["d"]);
    assert!(store.united("none").unwrap().is_empty());
}

pub(super) fn executions_are_listed_newest_first_and_by_filter(store: &dyn Store) {
    append(store, 1, vec![fact("a", "first", &[])]);
    append(store, 2, vec![fact("b", "second", &[])]);
    tell(store, 3, &[told("c", "one", 1, 1, 1, 1)]);
    let all = ExecutionFilter::default();
    let (found, total) = store.executions(&all, 0, 10).unwrap();
    assert_eq!((ids(&found), total), (vec!["c", "b", "a"], 3));
    let (found, total) = store.executions(&all, 1, 1).unwrap();
    assert_eq!((ids(&found), total), (vec!["b"], 3));
    let named = ExecutionFilter {
        name_contains: Some("irs".into()),
        ..ExecutionFilter::default()
    };
    let (found, total) = store.executions(&named, 0, 10).unwrap();
    assert_eq!((ids(&found), total), (vec!["a"], 1));
}

pub(super) fn an_execution_is_told_of_by_a_fact_alone(store: &dyn Store) {
    assert_eq!(append(store, 1, vec![fact("a", "", &[])]), [Outcome::Noted]);
    let found = store.united("a").unwrap();
    assert_eq!(ids(&found), ["a"]);
    assert_eq!((found[0].told, found[0].seq), (at(1), Seq(0)));
    assert!(rows(store, "a").is_empty());
}

pub(super) fn a_fact_that_says_nothing_new_changes_nothing(store: &dyn Store) {
    append(store, 1, vec![fact("a", "name", &["b"])]);
    let before = store.united("a").unwrap();
    append(store, 2, vec![fact("a", "name", &["b"])]);
    assert_eq!(store.united("a").unwrap(), before);
}

pub(super) fn a_phase_follows_the_rows_about_the_execution_itself(store: &dyn Store) {
    let about = |code: &str, time| {
        let mut telling = told("a", code, time, 1, 1, 1);
        let key = Arc::make_mut(&mut telling.key);
        key.code = code.into();
        key.element = "".into();
        key.involved_uid = "".into();
        telling.last = at(i64::try_from(time).unwrap());
        telling
    };
    tell(
        store,
        1,
        &[about("FailedFinish", 3), about("ActionStart", 2)],
    );
    assert_eq!(store.united("a").unwrap()[0].status.phase, Phase::Failed);
}

pub(super) fn a_correlation_is_kept_for_its_window(store: &dyn Store) {
    let told = correlation("pod", "a", at(10));
    append(store, 10, vec![Observation::Correlation(told.clone())]);
    assert_eq!(store.correlation("pod").unwrap(), Some(told));
    assert_eq!(store.correlation("none").unwrap(), None);
    store.sweep(at(10 + 48 * 3600)).unwrap();
    assert!(store.correlation("pod").unwrap().is_some());
    store.sweep(at(11 + 48 * 3600)).unwrap();
    assert_eq!(store.correlation("pod").unwrap(), None);
    // What was told last counts, though it names an earlier time.
    let early = correlation("pod", "a", at(0));
    append(store, 20, vec![Observation::Correlation(early.clone())]);
    assert_eq!(store.correlation("pod").unwrap(), Some(early));
    store.sweep(at(11 + 48 * 3600)).unwrap();
    assert_eq!(store.correlation("pod").unwrap(), None);
}

pub(super) fn a_new_alias_begins_followers_anew(store: &dyn Store) {
    tell(store, 1, &[told("a", "one", 1, 1, 1, 1)]);
    tell(store, 1, &[told("b", "two", 2, 1, 1, 1)]);
    append(store, 2, vec![fact("a", "", &["b"])]);
    let pruned = |id: &str| {
        let united = store.united(id).unwrap();
        united.iter().map(|one| one.pruned).max().unwrap()
    };
    assert_eq!((pruned("a"), pruned("b")), (Seq(3), Seq(3)));
    let all = changes(store, 2, 10);
    assert_eq!((seqs(&all.rows), all.upto), (vec![], Seq(3)));
    assert_eq!(all.removed, [execution("a")]);
    // Told again it is no news.
    append(store, 3, vec![fact("a", "", &["b"])]);
    assert_eq!(pruned("a"), Seq(3));
    assert_eq!((counts(store, "a"), counts(store, "b")), (vec![1], vec![1]));
}
