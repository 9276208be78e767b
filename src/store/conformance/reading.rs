//! How rows are read.

use std::sync::Arc;

use crate::model::{Dialect, Filter, Order, Page, Position, Seq, Sight, Telling};
use crate::store::samples::{append, at, execution, fact, kept, tell, told};
use crate::store::{CountBy, Store};

fn page(order: Order, after: Option<Position>, limit: Option<usize>) -> Page {
    Page {
        order,
        after,
        limit,
    }
}

pub(super) fn rows_come_in_order_and_by_pages_in_both_directions(store: &dyn Store) {
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

pub(super) fn rows_are_filtered_and_counted(store: &dyn Store) {
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

pub(super) fn several_executions_are_listed_as_one_history(store: &dyn Store) {
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

pub(super) fn a_store_has_one_id_and_one_secret(store: &dyn Store) {
    assert_eq!(store.id().len(), 32);
    assert_eq!(store.id(), store.id());
    assert_ne!(store.secret(), [0; 32]);
}

pub(super) fn all_rows_are_shown_execution_by_execution(store: &dyn Store) {
    for (origin, id, message) in [
        (1, "a", "one"),
        (2, "a", "two"),
        (1, "b", "one"),
        (1, "c", "one"),
    ] {
        tell(store, 1, &[told(id, message, origin, 1, 1, 1)]);
    }
    append(store, 2, vec![fact("d", "without rows", &[])]);
    let mut seen = Vec::new();
    let walk = |seen: &mut Vec<(String, usize)>| {
        store.walk(&|execution| &*execution.key.id != "b", &mut |rows| {
            let id = rows.first().map_or("-", |row| &*row.execution.id);
            assert!(rows.iter().all(|row| &*row.execution.id == id));
            seen.push((id.to_owned(), rows.len()));
        })
    };
    let seq = walk(&mut seen).unwrap();
    seen.retain(|(_, rows)| *rows > 0);
    seen.sort();
    assert_eq!(seen, [("a".to_owned(), 2), ("c".to_owned(), 1)]);
    assert_eq!(seq, *store.passed().borrow());
}

pub(super) fn what_is_shown_is_what_is_listed(store: &dyn Store) {
    let tellings: Vec<Telling> = (0..400)
        .map(|at| {
            let id = if at % 3 == 0 { "b" } else { "a" };
            let message = format!("message {}", at % 170);
            told(
                id,
                &message,
                at,
                1 + at as u64 % 5,
                (at as i64 * 37) % 90,
                100,
            )
        })
        .collect();
    tell(store, 1, &tellings);
    tell(store, 2, &[kept("a", Dialect::Prefect, "by id", 1000)]);
    let filters = [
        Filter::default(),
        Filter {
            since: Some(at(100)),
            until: Some(at(40)),
            ..Filter::default()
        },
        Filter {
            code: Some("nobody".into()),
            ..Filter::default()
        },
    ];
    let keys = [execution("a"), execution("b")];
    for keys in [&keys[..1], &keys[..]] {
        for (filter, order) in filters
            .iter()
            .flat_map(|filter| [Order::Ascending, Order::Descending].map(|order| (filter, order)))
        {
            let mut page = Page {
                order,
                ..Page::default()
            };
            for limit in [None, Some(7), Some(7)] {
                page.limit = limit;
                let listed = store.list(keys, filter, &page).unwrap();
                let mut seen = Vec::new();
                let shown = store.show(keys, filter, &page, &mut |row| {
                    seen.push(format!("{row:?}"));
                });
                let shown = shown.unwrap();
                let rows = listed.rows.iter();
                let rows: Vec<_> = rows
                    .map(|row| format!("{:?}", Sight::of(row, &row.params())))
                    .collect();
                assert_eq!(seen, rows);
                let last = listed.rows.last().map(|row| Position::of(row));
                assert_eq!(
                    (shown.seq, shown.more, &shown.last),
                    (listed.seq, listed.more, &last)
                );
                // The next page, if there was a limit.
                page.after = limit.and(last);
            }
        }
    }
}
