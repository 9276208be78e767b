//! Golden bytes, and what is read of a body.

use serde_json::{Value, json};

use super::operation::Operation;
use super::wire::{self, Event, EventType, Item, Kind};
use super::{convert, sse};
use crate::model::{ExecutionKey, Observation, Row, Seq, Series, Share, Telling, Time};

const GOLDEN: &[u8] = include_bytes!("golden/stream.sse");

fn event(of: EventType, message: &str, progress: Option<u8>) -> Event {
    Event {
        of,
        message: message.into(),
        progress,
    }
}

#[test]
fn the_stream_is_that_of_the_original_to_the_byte() {
    let odd = "Za\u{17c}\u{f3}\u{142}\u{107} \u{2028} two\nlines \u{5143}\u{7d20}";
    let edges = "\"\\/\t\r\u{8}\u{c}\u{1f}\u{7f}\u{85}\u{feff}\u{1f9ec}~";
    let events = [
        event(EventType::Info, "Starting lab creation for rachel", Some(1)),
        event(EventType::Info, odd, Some(35)),
        event(EventType::Info, "", Some(100)),
        event(EventType::Error, edges, None),
        event(EventType::Failed, "Lab spawn failed", None),
        event(
            EventType::Complete,
            "Lab Kubernetes pod started for rachel",
            None,
        ),
    ];
    let bytes: Vec<u8> = events.iter().flat_map(sse::event).collect();
    let (ours, golden) = (
        String::from_utf8_lossy(&bytes),
        String::from_utf8_lossy(GOLDEN),
    );
    assert_eq!(ours, golden);
}

#[test]
fn a_ping_carries_the_time_as_python_writes_it() {
    let ping = |text| sse::ping(Time::parse(text).unwrap());
    assert_eq!(
        ping("2026-11-21T00:02:35.772751999Z"),
        ": ping - 2026-11-21 00:02:35.772751+00:00\r\n\r\n"
    );
    assert_eq!(
        ping("2026-11-21T00:02:35.000000999Z"),
        ": ping - 2026-11-21 00:02:35+00:00\r\n\r\n"
    );
}

#[test]
fn an_item_is_kept_in_a_form_that_stays() {
    for (item, text) in [
        (Item::Open(Kind::Spawn), r#"{"open":"spawn"}"#),
        (Item::Open(Kind::Delete), r#"{"open":"delete"}"#),
        (
            Item::Tell(EventType::Info, Some(35)),
            r#"{"tell":["info",35]}"#,
        ),
        (
            Item::Tell(EventType::Failed, None),
            r#"{"tell":["failed",null]}"#,
        ),
        (Item::Step, r#""step""#),
        (Item::Close, r#""close""#),
    ] {
        assert_eq!(serde_json::to_string(&item).unwrap(), text);
        assert_eq!(serde_json::from_str::<Item>(text).unwrap(), item);
    }
}

#[test]
fn an_event_is_read_as_its_schema_says() {
    let read = |body: Value| wire::event(body.to_string().as_bytes());
    let full = json!({"type": "info", "message": "m", "progress": 100});
    assert_eq!(read(full), Ok(event(EventType::Info, "m", Some(100))));
    for (progress, kept) in [
        (json!(1), Some(1)),
        (json!(40.0), Some(40)),
        (Value::Null, None),
    ] {
        let body = json!({"type": "failed", "message": "", "progress": progress});
        assert_eq!(read(body), Ok(event(EventType::Failed, "", kept)));
    }
}

#[test]
fn everything_that_is_wrong_with_an_event_is_told_at_once() {
    let body = json!({"type": "done", "progress": 0, "extra": 1}).to_string();
    let all = wire::event(body.as_bytes()).unwrap_err();
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.of, one.loc[1].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("enum", "type"),
            ("missing", "message"),
            ("greater_than", "progress"),
            ("extra_forbidden", "extra")
        ]
    );
    assert_eq!(
        all[0].msg,
        "Input should be 'complete', 'error', 'failed' or 'info'"
    );
}

/// Rows as a store would have made them of these tellings.
fn rows(told: Vec<Observation>) -> Vec<Row> {
    let row = |(at, telling): (u64, Telling)| Row {
        id: telling.row(),
        execution: telling.execution.clone(),
        key: telling.key.clone(),
        policy: telling.policy,
        seq: Seq(at),
        series: Series::settled(&Share::of(&telling)),
    };
    let events = told.into_iter().filter_map(|one| match one {
        Observation::Event(telling) => Some(telling),
        _ => None,
    });
    (1..).zip(events).map(row).collect()
}

fn shown(kind: Kind, events: &[Event]) -> (Vec<Event>, Operation) {
    let key = ExecutionKey::new("t", "op");
    let subject = convert::Subject {
        key: &key,
        user: "rachel",
        kind,
    };
    let mut told = vec![subject.open(Time(1))];
    for (ordinal, event) in (1..).zip(events) {
        told.push(subject.tell(ordinal, Time(2), event));
    }
    let mut operation = Operation::default();
    let rows = rows(told);
    let shown = rows
        .iter()
        .filter_map(|row| operation.take(row, true))
        .collect();
    (shown, operation)
}

#[test]
fn an_operation_is_read_back_as_it_was_told_and_ends_where_it_ended() {
    let info = |progress| event(EventType::Info, "m", progress);
    let error = event(EventType::Error, "e", None);
    let failed = event(EventType::Failed, "f", None);
    let complete = event(EventType::Complete, "c", Some(3));
    for (kind, told, seen, over) in [
        (Kind::Spawn, vec![info(Some(100)), error.clone()], 2, false),
        (
            Kind::Spawn,
            vec![error, failed.clone(), info(None)],
            2,
            true,
        ),
        (Kind::Spawn, vec![complete.clone(), failed.clone()], 1, true),
        (
            Kind::Delete,
            vec![info(Some(25)), info(Some(100)), complete],
            2,
            true,
        ),
        (Kind::Delete, vec![info(Some(99)), failed], 2, true),
    ] {
        let (found, operation) = shown(kind, &told);
        assert_eq!(found, told[..seen]);
        assert_eq!((operation.over, operation.kind()), (over, kind));
        assert_eq!(operation.next, told.len() as u64 + 1);
    }
}
