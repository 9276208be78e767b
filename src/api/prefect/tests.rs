//! Every shape on the wire, held to its golden file (`UPDATE_GOLDEN=1` writes the files anew, for review), and one
//! meaning of filters for what is stored and what comes. Does I/O: reads the files.

use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::detail::Loc;
use super::filter::Filter;
use super::index::Index;
use super::wire::Event;
use super::{check, convert, criteria, scan};
use crate::live;
use crate::model::fold::{self, ORIGINS_IN_ROW};
use crate::model::{Observation, Phase, Row, Seq, Time, Trail};
use crate::query::{Reader, Scope};
use crate::store::Store;
use crate::store::memory::Memory;
use crate::store::samples::{append, told};
use crate::text::{Facts, Lang, render};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/api/prefect/golden")
        .join(name)
}

fn golden(name: &str, found: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path(name), found).unwrap();
    }
    let kept = std::fs::read_to_string(path(name)).unwrap();
    assert_eq!(found, kept, "{name}");
}

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn sent() -> Vec<Event> {
    let text = std::fs::read_to_string(path("sent.json")).unwrap();
    let items: Vec<&RawValue> = serde_json::from_str(&text).unwrap();
    let read = |item: &&RawValue| {
        check::event(
            item,
            &Loc::default(),
            time("2026-11-21T00:00:00.123456789Z"),
        )
        .unwrap()
    };
    items.iter().map(read).collect()
}

fn rows(observations: &[Observation]) -> Vec<Arc<Row>> {
    let mut rows = Vec::new();
    for observation in observations {
        if let Observation::Event(telling) = observation {
            let mut trail = Trail::default();
            let Ok(_) = fold::apply(&mut trail, telling, ORIGINS_IN_ROW);
            rows.extend(trail.rows().cloned());
        }
    }
    rows
}

fn lines<T: serde::Serialize>(items: &[T]) -> String {
    let line = |item: &T| serde_json::to_string(item).unwrap() + "\n";
    items.iter().map(line).collect()
}

#[test]
fn what_was_sent_is_shown_as_it_was_sent() {
    let observations = convert::observations(sent(), &"default".into());
    let shown: Vec<Event> = rows(&observations)
        .iter()
        .map(|row| convert::event(row))
        .collect();
    assert_eq!(lines(&shown), lines(&sent()), "nothing is lost in a row");
    golden("shown.jsonl", &lines(&shown));
}

#[test]
fn native_readers_see_states_in_the_words_of_the_catalogue() {
    let observations = convert::observations(sent(), &"default".into());
    let mut told = Vec::new();
    for row in rows(&observations) {
        let body = row.body();
        let params: Vec<_> = body.params.iter().map(|(k, v)| (&**k, &**v)).collect();
        let facts = Facts {
            code: &row.key.code,
            params: &params,
            reason: &body.reason,
            message: &body.message,
            ..Facts::default()
        };
        let words = render(&facts, Lang::Both);
        told.push(json!({
            "execution": row.execution.id, "element": row.key.element, "elemId": body.elem_id,
            "elemType": row.key.elem_type, "type": row.key.event_type.as_str(),
            "phase": Phase::of_code(&row.key.code).map(Phase::as_str),
            "reason": words.reason, "message": words.message,
        }));
    }
    golden("native.jsonl", &lines(&told));
}

#[test]
fn a_row_of_another_dialect_is_an_event_for_each_of_its_counts() {
    let twice = [told("run", "m", 1, 1, 5, 5), told("run", "m", 1, 3, 5, 9)];
    let mut shown = Vec::new();
    let mut trail = Trail::default();
    for telling in &twice {
        let Ok(_) = fold::apply(&mut trail, telling, ORIGINS_IN_ROW);
        shown.extend(trail.rows().map(|row| convert::event(row)));
    }
    assert_ne!(shown[0].id, shown[1].id);
    golden("foreign.jsonl", &lines(&shown));
}

#[test]
fn the_first_telling_of_an_id_stands() {
    let store = Memory::default();
    let mut again = sent().remove(0);
    again.event = "demo.other".into();
    again.received = time("2030-01-01T00:00:00Z");
    again.occurred = time("2026-11-20T23:59:00Z");
    for event in [sent().remove(0), again] {
        append(
            &store,
            1,
            convert::observations(vec![event], &"default".into()),
        );
    }
    let changes = store.changes(&Scope::All, Seq::ZERO, 10).unwrap();
    let found: Vec<Event> = changes.rows.iter().map(|row| convert::event(row)).collect();
    assert_eq!(lines(&found), lines(&sent()[..1]));
}

fn parsed(filter: &Value) -> Filter {
    let raw = RawValue::from_string(filter.to_string()).unwrap();
    criteria::filter(&raw, &Loc::body(), time("2026-11-21T00:00:00Z")).unwrap()
}

/// An event of few names, so that filters find some.
fn event(number: u128) -> impl Strategy<Value = Value> {
    let resource = prop_oneof![
        Just("exec.1"),
        Just("exec.2"),
        Just("prefect.flow-run.5d6f0c7e-0000-4000-8000-000000000001"),
        Just("prefect.flow-run.5d6f0c7e-0000-4000-8000-000000000002"),
    ];
    let related = proptest::collection::vec((resource.clone(), "flow-run|actor"), 0..3);
    let name = prop_oneof![
        Just("a.b"),
        Just("A.b"),
        Just("a_b"),
        Just("prefect.flow-run.Running")
    ];
    (resource, related, name, 0..5_u32, "x|y|xy").prop_map(
        move |(id, related, name, second, label)| {
            let related: Vec<_> = related
                .iter()
                .map(|(id, role)| {
                    json!({
                        "prefect.resource.id": id, "prefect.resource.role": role, "l": label,
                    })
                })
                .collect();
            json!({
                "id": uuid::Uuid::from_u128(number + 1).to_string(),
                "occurred": format!("2026-11-20T00:00:0{second}Z"), "event": name,
                "resource": {"prefect.resource.id": id, "l": label}, "related": related,
            })
        },
    )
}

fn some_filter() -> impl Strategy<Value = Value> {
    let ids = || {
        proptest::sample::subsequence(
            vec![
                "exec.1",
                "exec.2",
                "prefect.flow-run.5d6f0c7e-0000-4000-8000-000000000002",
                "dagtrail.execution.exec.1",
                "nobody",
            ],
            0..3,
        )
    };
    let roles = proptest::sample::subsequence(vec!["actor", "flow-run"], 0..2);
    let prefixes =
        proptest::sample::subsequence(vec!["a", "A", "a_", "prefect.", "dagtrail."], 0..3);
    let labels = prop_oneof![
        Just(json!({})),
        Just(json!({"l": "x*"})),
        Just(json!({"l": ["!x", "?y"]})),
        Just(json!({"m": "!x"}))
    ];
    let search = prop_oneof![Just(""), Just("xy"), Just("-actor"), Just("+exec.1 y")];
    (ids(), ids(), ids(), roles, prefixes, labels, search, any::<(bool, bool, bool)>()).prop_map(
        |(primary, related, any, roles, prefixes, labels, search, (ascending, distinct, narrow))| {
            json!({
                "occurred": {"since": if narrow { "2026-11-20T00:00:01Z" } else { "1970-01-01T00:00:00Z" }},
                "event": {"prefix": prefixes},
                "resource": {"id": primary, "labels": labels, "distinct": distinct},
                "related": [{"id": related, "role": roles}],
                "any_resource": {"id": any},
                "text": {"query": search},
                "order": if ascending { "ASC" } else { "DESC" },
            })
        },
    )
}

proptest! {
    #[test]
    fn pages_of_what_is_stored_are_exactly_what_a_follower_is_told(
        events in (1_u128..12).prop_flat_map(|number| (0..number).map(event).collect::<Vec<_>>()),
        filters in proptest::collection::vec(some_filter(), 1..4),
        limit in 1_usize..4,
    ) {
        let store = Arc::new(Memory::default());
        let reader = Reader::new(store.clone(), live::Handle::default());
        let index = Index::new(reader.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        append(&*store, 1, vec![Observation::Event(told("exec.1", "m", 1, 2, 5, 9))]);
        for (at, event) in events.iter().enumerate() {
            let raw = RawValue::from_string(event.to_string()).unwrap();
            let event = check::event(&raw, &Loc::default(), Time(0)).unwrap();
            append(&*store, 2, convert::observations(vec![event], &"default".into()));
            // Asked in between, the index has to follow.
            let filter = Arc::new(parsed(&filters[at % filters.len()]));
            runtime.block_on(scan::find(&reader, &index, filter, None, 1)).unwrap();
        }
        let told = runtime.block_on(reader.tail_all(Seq::ZERO).read()).unwrap();
        for filter in filters.iter().map(parsed) {
            let mut live: Vec<_> = told.iter().filter_map(|row| Some((scan::place(row), scan::passing(&filter, row)?))).collect();
            live.sort_by_key(|(place, _)| *place);
            if filter.order == crate::model::Order::Descending {
                live.reverse();
            }
            if filter.distinct {
                let mut seen = std::collections::HashSet::new();
                live.retain(|(_, event)| seen.insert(event.resource.id().to_owned()));
            }
            let filter = Arc::new(filter);
            let (mut stored, mut after) = (Vec::new(), None);
            loop {
                let found = scan::find(&reader, &index, filter.clone(), after, limit);
                let found = runtime.block_on(found).unwrap();
                prop_assert_eq!(found.total, live.len() as u64);
                after = found.rows.last().map(|(place, _)| *place);
                stored.extend(found.rows.iter().map(|(_, row)| convert::event(row).id));
                if !found.more {
                    break;
                }
            }
            let live: Vec<_> = live.iter().map(|(_, event)| event.id).collect();
            prop_assert_eq!(stored, live);
        }
    }
}

#[test]
fn a_walk_and_who_follows_from_its_end_see_every_change_once_whatever_changes_on_the_way() {
    let store = Memory::default();
    let store = Arc::new(store);
    let reader = Reader::new(store.clone(), live::Handle::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut number = 0;
    let mut tell = |folded: u64| {
        // New events, early and late in the order, and a row that changes.
        for second in [7, 1, 4] {
            number += 1;
            let event = json!({
                "id": uuid::Uuid::from_u128(number).to_string(), "event": "w",
                "occurred": format!("2026-11-20T00:00:0{second}Z"),
                "resource": {"prefect.resource.id": format!("exec.{second}")},
            });
            let raw = RawValue::from_string(event.to_string()).unwrap();
            let event = check::event(&raw, &Loc::default(), Time(0)).unwrap();
            append(
                &*store,
                2,
                convert::observations(vec![event], &"default".into()),
            );
        }
        append(
            &*store,
            2,
            vec![Observation::Event(told("run", "m", 1, folded, 5, 9))],
        );
    };
    let filter = Arc::new(Filter::all(Time(0), Time::MAX));
    for walk_by_seq in [false, true] {
        let begin = *reader.passed().borrow();
        (0..5).for_each(|at| tell(begin.0 + at + 1));
        let mut seen = Vec::new();
        let mut rounds = 0;
        macro_rules! go {
            ($walk:expr) => {{
                let mut walk = $walk;
                loop {
                    let rows = runtime.block_on(walk.next(&reader, &filter, 3)).unwrap();
                    seen.extend(rows.iter().map(|row| convert::event(row).id));
                    rounds += 1;
                    if rounds < 4 {
                        tell(begin.0 + 10 + rounds);
                    }
                    if let Some(upto) = walk.end() {
                        break upto;
                    }
                }
            }};
        }
        let upto = if walk_by_seq {
            go!(scan::Walk::behind(begin, |row: &Row| row.seq))
        } else {
            go!(scan::Walk::new(scan::place))
        };
        assert!(rounds > 3, "{rounds}");
        let rest = runtime.block_on(reader.tail_all(upto).read()).unwrap();
        seen.extend(rest.iter().map(|row| convert::event(row).id));
        let number = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), number, "something was told twice");
        let from = if walk_by_seq { begin } else { Seq::ZERO };
        let all = runtime.block_on(reader.tail_all(from).read()).unwrap();
        for row in &all {
            assert!(seen.contains(&convert::event(row).id), "{row:?} was lost");
        }
    }
}

#[test]
fn a_filter_means_what_it_says() {
    let event = &sent()[0];
    for (filter, passes) in [
        (json!({}), true),
        (json!({"event": {"prefix": ["demo."]}}), true),
        (json!({"event": {"prefix": ["Demo."]}}), false),
        (json!({"event": {"prefix": ["demo_"]}}), false),
        (
            json!({"event": {"prefix": ["x"], "exclude_prefix": []}}),
            false,
        ),
        (json!({"event": {"exclude_prefix": ["demo.s"]}}), false),
        (
            json!({"event": {"name": [], "exclude_name": ["demo.started"]}}),
            false,
        ),
        (json!({"resource": {"id": ["exec.1", "x"]}}), true),
        (json!({"resource": {"id_prefix": ["exec.2", "wf"]}}), false),
        (
            json!({"resource": {"labels": {"prefect.resource.name": "run *"}}}),
            true,
        ),
        (
            json!({"resource": {"labels": {"prefect.resource.name": "Run *"}}}),
            false,
        ),
        (
            json!({"resource": {"labels": {"prefect.resource.name": "!run*"}}}),
            false,
        ),
        (
            json!({"resource": {"labels": {"prefect.resource.name": ["no", "?un one"]}}}),
            true,
        ),
        (
            json!({"resource": {"labels": {"prefect.resource.name": []}}}),
            false,
        ),
        (json!({"resource": {"labels": {"none": "!x"}}}), false),
        (
            json!({"resource": {"labels": {"prefect.resource.id": "exec.*"}}}),
            true,
        ),
        (
            json!({"related": {"id": ["wf.a"], "role": ["workflow"]}}),
            true,
        ),
        (json!({"related": {"id": ["exec.1"]}}), false),
        (json!({"related": {}}), true),
        (json!({"related": []}), true),
        (
            json!({"related": {"resources_in_roles": [["wf.a", "x"], ["wf.a", "workflow"]]}}),
            true,
        ),
        (
            json!({"related": {"labels": {"prefect.resource.role": "workflow"}}}),
            true,
        ),
        (
            json!({"any_resource": [{"id": ["exec.1"]}, {"id_prefix": ["wf."]}]}),
            true,
        ),
        (
            json!({"any_resource": {"id": ["exec.1"], "labels": {"prefect.resource.role": "workflow"}}}),
            false,
        ),
        (
            json!({"id": {"id": ["01a1fb65-3450-7f5c-a4cb-8f15cc2fc227"]}}),
            true,
        ),
        (
            json!({"id": {"id": ["01a1fb65-3450-7f5c-a4cb-8f15cc2fc228"]}}),
            false,
        ),
        (
            json!({"occurred": {"since": "2026-11-20T23:57:56.175048Z", "until": "2026-11-20T23:57:56.175048Z"}}),
            true,
        ),
        (
            json!({"occurred": {"since": "2026-11-20T23:57:56.175049Z"}}),
            false,
        ),
        (json!({"text": {"query": "中"}}), true),
        (json!({"text": {"query": "RUN -workflow"}}), false),
        (json!({"text": {"query": "prefect.resource.name"}}), false),
    ] {
        assert_eq!(parsed(&filter).matches(event), passes, "{filter}");
    }
}
