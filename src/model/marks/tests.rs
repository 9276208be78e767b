//! What rows say of each other.

use std::sync::Arc;

use super::*;
use crate::model::event::{AGGREGATE_PREFIX, DERIVER};
use crate::model::fold::{self, ORIGINS_IN_ROW};
use crate::model::{
    Body, Digest, EventType, ExecutionKey, InvolvedObject, Key, Origin, Policy, Telling, Time,
    Trail,
};

/// Rows of one history; a code that ends in a star is combined, `uid` is empty of what is derived.
fn history(told: &[(&str, &str, &str, u64)]) -> Vec<Arc<Row>> {
    let mut trail = Trail::default();
    for (at, (uid, code, kind, count)) in told.iter().enumerate() {
        let combined = code.ends_with('*');
        let message = if combined { AGGREGATE_PREFIX } else { "" };
        let telling = Telling {
            execution: ExecutionKey::new("n", "x"),
            key: Arc::new(Key {
                element: "e".into(),
                elem_type: "".into(),
                action: "".into(),
                event_type: EventType::Normal,
                code: code.trim_end_matches('*').into(),
                involved_uid: (*uid).into(),
                field_path: "".into(),
                message: MessageKey::of(message),
            }),
            policy: Policy::Fold,
            origin: Origin::Counter(Digest(at as u128)),
            count: *count,
            first: Time(0),
            last: Time(0),
            name: "".into(),
            body: Arc::new(Body {
                message: message.into(),
                reporter: if uid.is_empty() { DERIVER } else { "kubelet" }.into(),
                involved: InvolvedObject {
                    kind: (*kind).into(),
                    ..InvolvedObject::default()
                },
                ..Body::default()
            }),
            digests: None,
        };
        let Ok(_) = fold::apply(&mut trail, &telling, ORIGINS_IN_ROW);
    }
    trail.rows().cloned().collect()
}

/// The codes of the marked rows, with their marks.
fn marked(told: &[(&str, &str, &str, u64)]) -> Vec<String> {
    let rows = history(told);
    let marks = Marks::of(rows.iter().map(|row| &**row));
    let mut found = Vec::new();
    for row in &rows {
        let mark = marks.on(row);
        for (is, word) in [
            (mark.at_least, "at least"),
            (mark.status_only, "status only"),
            (mark.event_only, "event only"),
        ] {
            if is {
                found.push(format!("{} {word}", row.key.code));
            }
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn a_status_that_tells_more_makes_an_event_a_lower_bound() {
    assert_eq!(
        marked(&[("", "Retrying", "", 132), ("u", "BackOff", "Pod", 20)]),
        ["BackOff at least"]
    );
    assert!(marked(&[("", "Retrying", "", 20), ("u", "BackOff", "Pod", 20)]).is_empty());
    assert_eq!(
        marked(&[("", "Retrying", "", 2), ("u", "Started", "Pod", 2)]),
        ["Started at least"]
    );
    assert!(marked(&[("", "Retrying", "", 2), ("u", "Started", "Pod", 3)]).is_empty());
}

#[test]
fn pods_that_no_event_tells_of_make_the_combined_event_a_lower_bound() {
    let told = |pods| {
        marked(&[
            ("", "PodsCreated", "", pods),
            ("u", "SuccessfulCreate", "Job", 9),
            ("u", "SuccessfulCreate*", "Job", 6),
        ])
    };
    assert_eq!(told(60), ["SuccessfulCreate at least"]);
    assert!(told(15).is_empty());
}

#[test]
fn what_repeats_is_a_lower_bound_once_the_client_library_may_have_dropped_some() {
    let told = |count| marked(&[("u", "Unhealthy", "Pod", count), ("u", "Pulled", "Pod", 1)]);
    assert_eq!(told(24), ["Unhealthy at least"]);
    assert!(told(23).is_empty());
}

#[test]
fn an_end_that_only_one_side_tells_is_marked() {
    assert_eq!(
        marked(&[("", "SuccessfulFinish", "", 1)]),
        ["SuccessfulFinish status only"]
    );
    assert!(marked(&[("", "FailedFinish", "", 1), ("u", "Pulled", "Pod", 1)]).is_empty());
    assert_eq!(
        marked(&[("", "ActionStart", "", 1), ("u", "Completed", "Job", 1)]),
        ["Completed event only"]
    );
    assert!(
        marked(&[
            ("", "SuccessfulFinish", "", 1),
            ("u", "Completed", "Job", 1)
        ])
        .is_empty()
    );
    assert!(marked(&[("u", "Completed", "Pod", 1)]).is_empty());
}
