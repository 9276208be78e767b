//! What every engine does: one suite, run on each of them, and on the embedded one once more with a checkpoint
//! and an empty cache after each call that writes.

use std::sync::Arc;

use tempfile::TempDir;
use tokio::sync::watch;

use super::embedded::Embedded;
use super::memory::Memory;
use super::samples::{
    BOUNDS, append, at, changes, correlation, counts, execution, fact, item, rows, seqs, tell, told,
};
use super::{Appended, Batch, Changes, CountBy, Counted, Error, Listed, Options, Scope, Store};
use crate::model::{
    Correlation, Execution, ExecutionFilter, ExecutionKey, Filter, Observation, Order, Outcome,
    Page, Phase, Policy, Position, Seq, Telling, Time,
};

/// An engine that does not rest: nothing stays in memory.
struct Restless(Embedded);

impl Store for Restless {
    fn id(&self) -> &str {
        self.0.id()
    }
    fn secret(&self) -> [u8; 32] {
        self.0.secret()
    }
    fn append(&self, batch: &Batch) -> Result<Appended, Error> {
        let done = self.0.append(batch);
        self.0.checkpoint()?;
        done
    }
    fn passed(&self) -> watch::Receiver<Seq> {
        self.0.passed()
    }
    fn list(&self, keys: &[ExecutionKey], filter: &Filter, page: &Page) -> Result<Listed, Error> {
        self.0.list(keys, filter, page)
    }
    fn count(
        &self,
        keys: &[ExecutionKey],
        filter: &Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error> {
        self.0.count(keys, filter, by)
    }
    fn changes(&self, scope: &Scope, after: Seq, limit: usize) -> Result<Changes, Error> {
        self.0.changes(scope, after, limit)
    }
    fn united(&self, id: &str) -> Result<Vec<Execution>, Error> {
        self.0.united(id)
    }
    fn executions(
        &self,
        filter: &ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error> {
        self.0.executions(filter, offset, limit)
    }
    fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error> {
        self.0.correlation(uid)
    }
    fn delete(&self, key: &ExecutionKey, now: Time) -> Result<bool, Error> {
        let done = self.0.delete(key, now);
        self.0.checkpoint()?;
        done
    }
    fn sweep(&self, now: Time) -> Result<(), Error> {
        let done = self.0.sweep(now);
        self.0.checkpoint()?;
        done
    }
    fn close(&self) -> Result<(), Error> {
        self.0.close()
    }
}

fn embedded(dir: &TempDir) -> Embedded {
    let options = Options {
        bounds: BOUNDS,
        cached_rows: 0,
        cached_bytes: 0,
        checkpoint_every: None,
        ..Options::default()
    };
    Embedded::open(dir.path(), options).unwrap()
}

macro_rules! suite {
    ($($rule:ident)*) => {
        mod memory {
            $(#[test] fn $rule() {
                super::$rule(&super::Memory::new(super::BOUNDS));
            })*
        }
        mod embedded {
            $(#[test] fn $rule() {
                let dir = tempfile::tempdir().unwrap();
                super::$rule(&super::embedded(&dir));
            })*
        }
        mod embedded_without_rest {
            $(#[test] fn $rule() {
                let dir = tempfile::tempdir().unwrap();
                super::$rule(&super::Restless(super::embedded(&dir)));
            })*
        }
    };
}

suite! {
    a_new_event_is_created_and_can_be_read_at_once
    an_equal_telling_is_a_duplicate_and_changes_nothing
    a_higher_count_of_one_origin_stands_alone_and_two_origins_add_up
    a_lower_count_never_lowers
    the_outcomes_of_a_batch_carry_the_final_seqs
    an_equal_item_is_a_duplicate_until_its_window_is_over
    an_item_that_keeps_its_identity_is_a_row_of_its_own
    an_origin_moves_to_the_row_of_its_lowest_count
    origins_beyond_the_bound_are_not_forgotten
    rows_come_in_order_and_by_pages_in_both_directions
    rows_are_filtered_and_counted
    several_executions_are_listed_as_one_history
    changes_come_in_seq_order_each_row_once
    changes_of_one_execution_are_its_rows_behind_a_seq
    a_removed_row_is_told_to_followers
    what_passed_is_announced_after_each_append
    aliases_unite_executions_in_both_directions
    a_new_alias_begins_followers_anew
    executions_are_listed_newest_first_and_by_filter
    an_execution_is_told_of_by_a_fact_alone
    a_fact_that_says_nothing_new_changes_nothing
    a_phase_follows_the_rows_about_the_execution_itself
    a_correlation_is_kept_for_its_window
    a_deleted_execution_is_gone_and_told_to_followers
    a_deleted_execution_stays_deleted_when_it_is_told_again
    a_deleted_execution_begins_anew_with_what_is_later
    a_tombstone_is_dropped_a_day_after_it_was_last_needed
    a_store_has_one_id_and_one_secret
}

fn page(order: Order, after: Option<Position>, limit: Option<usize>) -> Page {
    Page {
        order,
        after,
        limit,
    }
}

fn a_new_event_is_created_and_can_be_read_at_once(store: &dyn Store) {
    let outcomes = tell(store, 1, &[told("a", "hello", 1, 3, 10, 20)]);
    let row = rows(store, "a").remove(0);
    assert_eq!(outcomes, [Outcome::Created(row.id, Seq(1))]);
    assert_eq!((row.count(), row.first(), row.last()), (3, at(10), at(20)));
    assert_eq!((row.name(), &*row.body().message), ("name-1", "hello"));
    assert_eq!(row.seq, Seq(1));
}

fn an_equal_telling_is_a_duplicate_and_changes_nothing(store: &dyn Store) {
    let telling = told("a", "hello", 1, 3, 10, 20);
    tell(store, 1, std::slice::from_ref(&telling));
    let before = rows(store, "a");
    let outcomes = tell(store, 2, std::slice::from_ref(&telling));
    assert_eq!(outcomes, [Outcome::Duplicate(before[0].id)]);
    assert_eq!(rows(store, "a"), before);
    assert_eq!(*store.passed().borrow(), Seq(1));
}

fn a_higher_count_of_one_origin_stands_alone_and_two_origins_add_up(store: &dyn Store) {
    tell(store, 1, &[told("a", "hello", 1, 3, 10, 20)]);
    tell(store, 2, &[told("a", "hello", 1, 5, 12, 30)]);
    tell(store, 3, &[told("a", "hello", 2, 7, 5, 25)]);
    let row = rows(store, "a").remove(0);
    assert_eq!((row.count(), row.first(), row.last()), (12, at(5), at(30)));
    assert_eq!(&*row.body().reporter, "reporter-1");
    assert_eq!(row.name(), "name-2");
}

fn a_lower_count_never_lowers(store: &dyn Store) {
    tell(store, 1, &[told("a", "hello", 1, 5, 10, 30)]);
    tell(store, 2, &[told("a", "hello", 1, 2, 10, 20)]);
    assert_eq!(counts(store, "a"), [5]);
}

fn the_outcomes_of_a_batch_carry_the_final_seqs(store: &dyn Store) {
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

fn an_equal_item_is_a_duplicate_until_its_window_is_over(store: &dyn Store) {
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

fn an_item_that_keeps_its_identity_is_a_row_of_its_own(store: &dyn Store) {
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

fn an_origin_moves_to_the_row_of_its_lowest_count(store: &dyn Store) {
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

fn origins_beyond_the_bound_are_not_forgotten(store: &dyn Store) {
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

fn rows_come_in_order_and_by_pages_in_both_directions(store: &dyn Store) {
    let messages = ["one", "two", "three", "four", "five"];
    for (at, message) in messages.iter().enumerate() {
        let time = 10 - i64::try_from(at).unwrap();
        tell(store, 1, &[told("a", message, at as u128, 1, time, time)]);
    }
    for order in [Order::Ascending, Order::Descending] {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = page(order, after, Some(2));
            let listed = store
                .list(&[execution("a")], &Filter::default(), &page)
                .unwrap();
            assert_eq!(listed.seq, Seq(5));
            seen.extend(listed.rows.iter().map(|row| row.body().message.to_string()));
            after = listed.rows.last().map(|row| Position::of(row));
            if !listed.more {
                break;
            }
        }
        if order == Order::Ascending {
            seen.reverse();
        }
        assert_eq!(seen, messages);
    }
}

fn rows_are_filtered_and_counted(store: &dyn Store) {
    let mut other = told("a", "two", 2, 4, 20, 30);
    Arc::make_mut(&mut other.key).code = "Pulled".into();
    tell(store, 1, &[told("a", "one", 1, 3, 1, 5), other]);
    let by_code = Filter {
        code: Some("Pulled".into()),
        ..Filter::default()
    };
    let since = Filter {
        since: Some(at(6)),
        ..Filter::default()
    };
    for filter in [by_code, since] {
        let listed = store
            .list(&[execution("a")], &filter, &Page::default())
            .unwrap();
        assert_eq!(listed.rows.len(), 1);
        assert_eq!(listed.rows[0].count(), 4);
    }
    let counted = store
        .count(&[execution("a")], &Filter::default(), CountBy::Code)
        .unwrap();
    let counted: Vec<_> = counted
        .iter()
        .map(|c| (&*c.value, c.rows, c.occurrences))
        .collect();
    assert_eq!(counted, [("BackOff", 1, 3), ("Pulled", 1, 4)]);
}

fn several_executions_are_listed_as_one_history(store: &dyn Store) {
    tell(
        store,
        1,
        &[told("a", "one", 1, 1, 3, 3), told("b", "two", 2, 1, 2, 2)],
    );
    tell(store, 2, &[told("c", "three", 3, 1, 1, 1)]);
    let keys = [execution("a"), execution("b"), execution("none")];
    let listed = store
        .list(&keys, &Filter::default(), &Page::default())
        .unwrap();
    let shown: Vec<_> = listed.rows.iter().map(|row| &*row.body().message).collect();
    assert_eq!(shown, ["two", "one"]);
}

fn changes_come_in_seq_order_each_row_once(store: &dyn Store) {
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

fn changes_of_one_execution_are_its_rows_behind_a_seq(store: &dyn Store) {
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

fn a_removed_row_is_told_to_followers(store: &dyn Store) {
    tell(store, 1, &[told("a", "late", 1, 5, 10, 50)]);
    tell(store, 2, &[told("a", "early", 1, 2, 10, 20)]);
    let all = changes(store, 1, 10);
    assert_eq!(all.removed, [execution("a")]);
    assert_eq!(all.rows.len(), 1);
    assert_eq!(all.upto, Seq(3));
    assert_eq!(rows(store, "a").len(), 1);
    assert_eq!(store.united("a").unwrap()[0].pruned, Seq(2));
}

fn what_passed_is_announced_after_each_append(store: &dyn Store) {
    let mut passed = store.passed();
    passed.mark_unchanged();
    tell(store, 1, &[told("a", "one", 1, 1, 1, 1)]);
    assert!(passed.has_changed().unwrap());
    assert_eq!(*passed.borrow_and_update(), Seq(1));
}

fn ids(executions: &[Execution]) -> Vec<&str> {
    executions
        .iter()
        .map(|execution| &*execution.key.id)
        .collect()
}

fn aliases_unite_executions_in_both_directions(store: &dyn Store) {
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

fn a_new_alias_begins_followers_anew(store: &dyn Store) {
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

fn executions_are_listed_newest_first_and_by_filter(store: &dyn Store) {
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

fn an_execution_is_told_of_by_a_fact_alone(store: &dyn Store) {
    assert_eq!(append(store, 1, vec![fact("a", "", &[])]), [Outcome::Noted]);
    let found = store.united("a").unwrap();
    assert_eq!(ids(&found), ["a"]);
    assert_eq!((found[0].told, found[0].seq), (at(1), Seq(0)));
    assert!(rows(store, "a").is_empty());
}

fn a_fact_that_says_nothing_new_changes_nothing(store: &dyn Store) {
    append(store, 1, vec![fact("a", "name", &["b"])]);
    let before = store.united("a").unwrap();
    append(store, 2, vec![fact("a", "name", &["b"])]);
    assert_eq!(store.united("a").unwrap(), before);
}

fn a_phase_follows_the_rows_about_the_execution_itself(store: &dyn Store) {
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

fn a_correlation_is_kept_for_its_window(store: &dyn Store) {
    let told = correlation("pod", "a", at(10));
    append(store, 10, vec![Observation::Correlation(told.clone())]);
    assert_eq!(store.correlation("pod").unwrap(), Some(told));
    assert_eq!(store.correlation("none").unwrap(), None);
    store.sweep(at(10 + 48 * 3600)).unwrap();
    assert!(store.correlation("pod").unwrap().is_some());
    store.sweep(at(11 + 48 * 3600)).unwrap();
    assert_eq!(store.correlation("pod").unwrap(), None);
}

fn a_deleted_execution_is_gone_and_told_to_followers(store: &dyn Store) {
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
    assert_eq!((seqs(&all.rows), all.upto), (vec![3], Seq(4)));
    // The alias, and the deletion.
    assert_eq!(all.removed, [execution("a"), execution("a")]);
    assert!(!store.delete(&execution("a"), at(6)).unwrap());
}

fn a_deleted_execution_stays_deleted_when_it_is_told_again(store: &dyn Store) {
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

fn a_deleted_execution_begins_anew_with_what_is_later(store: &dyn Store) {
    tell(store, 1, &[told("a", "one", 1, 3, 1, 4)]);
    store.delete(&execution("a"), at(5)).unwrap();
    tell(store, 7, &[told("a", "one", 1, 2, 1, 6)]);
    assert_eq!(counts(store, "a"), [2]);
    let found = store.united("a").unwrap();
    assert_eq!((found[0].pruned, found[0].told), (Seq(2), at(7)));
}

fn a_tombstone_is_dropped_a_day_after_it_was_last_needed(store: &dyn Store) {
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

fn a_store_has_one_id_and_one_secret(store: &dyn Store) {
    assert_eq!(store.id().len(), 32);
    assert_eq!(store.id(), store.id());
    assert_ne!(store.secret(), [0; 32]);
}
