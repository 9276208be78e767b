//! What the status tells of which rows.

use std::collections::HashMap;
use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::core::ObjectMeta;
use proptest::prelude::*;

use crate::crd::{Element, ExecutionSpec};
use crate::model::event::{Body, EventType, Key, MessageKey};
use crate::model::fold::{self, ORIGINS_IN_ROW};
use crate::model::{ExecutionKey, Origin, Policy, Telling, Trail};

use super::*;

const UID: &str = "11111111-2222-3333-4444-555555555555";

/// One telling: (element, code, type, second, count).
type Tale = (&'static str, &'static str, EventType, i64, u64);

fn normal(element: &'static str, code: &'static str, second: i64) -> Tale {
    (element, code, EventType::Normal, second, 1)
}

fn at(second: i64) -> Time {
    Time(second * 1_000_000_000 + 123_456_789)
}

fn shown(second: i64) -> Option<meta::Time> {
    Some(meta::Time(Timestamp::from_second(second).unwrap()))
}

fn telling(tale: &Tale, involved_uid: &str) -> Telling {
    let (element, code, event_type, second, count) = tale;
    let key = Key {
        element: (*element).into(),
        elem_type: "KubeDAG.job".into(),
        action: "run".into(),
        event_type: event_type.clone(),
        code: (*code).into(),
        involved_uid: involved_uid.into(),
        field_path: "".into(),
        message: MessageKey::of(""),
    };
    Telling {
        execution: ExecutionKey::new("ns", UID),
        key: Arc::new(key),
        policy: Policy::Fold,
        origin: Origin::of_transition(UID, element, second.unsigned_abs(), code),
        count: *count,
        first: at(*second),
        last: at(*second),
        name: "name".into(),
        body: Arc::new(Body::default()),
        digests: None,
    }
}

/// The rows that these tellings make, and the execution's own phase, by the model's law.
fn folded(tellings: &[Telling]) -> (Vec<Fact>, Option<model::Status>) {
    let mut trail = Trail::default();
    let mut own = model::Execution::new(ExecutionKey::new("ns", UID), at(0));
    for telling in tellings {
        fold::apply(&mut trail, telling, ORIGINS_IN_ROW).unwrap();
        own.follow(&telling.key, telling.last);
    }
    let known = Some(own.status).filter(|_| !tellings.is_empty());
    (trail.rows().map(|row| Fact::of(row)).collect(), known)
}

fn declared(elements: &[(&str, &[&str])]) -> Execution {
    let element = |(id, needs): &(&str, &[&str])| Element {
        id: (*id).into(),
        r#type: "job".into(),
        depends_on: needs.iter().map(|id| (*id).into()).collect(),
        ..Element::default()
    };
    Execution {
        metadata: ObjectMeta {
            generation: Some(3),
            creation_timestamp: shown(1),
            ..ObjectMeta::default()
        },
        spec: ExecutionSpec {
            engine: "KubeDAG".into(),
            elements: elements.iter().map(element).collect(),
            ..ExecutionSpec::default()
        },
        status: None,
    }
}

fn computed(declared: &Execution, tellings: &[Telling], now: i64) -> ExecutionStatus {
    let (facts, own) = folded(tellings);
    let known = Known {
        declared,
        own,
        now: at(now),
    };
    compute(&known, facts.iter())
}

fn of_tales(declared: &Execution, tales: &[Tale]) -> ExecutionStatus {
    let tellings: Vec<_> = tales.iter().map(|tale| telling(tale, "")).collect();
    computed(declared, &tellings, 1000)
}

fn phases(status: &ExecutionStatus) -> HashMap<&str, Phase> {
    let elements = status.elements.iter();
    elements
        .map(|element| (&*element.id, element.phase))
        .collect()
}

fn condition<'a>(status: &'a ExecutionStatus, of_type: &str) -> &'a Condition {
    let mut conditions = status.conditions.iter();
    conditions.find(|known| known.type_ == of_type).unwrap()
}

#[test]
fn before_anything_is_told_all_is_pending_and_nothing_is_known_of_recording() {
    let status = of_tales(&declared(&[("a", &[]), ("b", &["a"])]), &[]);
    assert_eq!(status.phase, Some(Phase::Pending));
    assert_eq!(
        phases(&status),
        HashMap::from([("a", Phase::Pending), ("b", Phase::Pending)])
    );
    assert_eq!((status.events, status.warnings), (0, 0));
    assert_eq!(status.last_event, None);
    assert_eq!(status.observed_generation, Some(3));
    let succeeded = condition(&status, "Succeeded");
    assert_eq!(
        (&*succeeded.status, &*succeeded.reason),
        ("Unknown", "Pending")
    );
    assert_eq!(Some(&succeeded.last_transition_time), shown(1).as_ref());
    assert_eq!(condition(&status, "Recording").status, "Unknown");
}

#[test]
fn the_whole_follows_its_declared_elements() {
    use Phase::{Cancelled, Error, Failed, Pending, Running, Succeeded};
    let start = normal("a", "ActionStart", 10);
    let table: &[(&[Tale], Phase)] = &[
        (&[normal("a", "Queued", 5)], Pending),
        (std::slice::from_ref(&start), Running),
        (
            &[start.clone(), normal("a", "SuccessfulFinish", 20)],
            Running,
        ),
        (
            &[
                normal("a", "SuccessfulFinish", 20),
                normal("b", "SuccessfulFinish", 30),
            ],
            Succeeded,
        ),
        (
            &[
                normal("a", "SuccessfulFinish", 20),
                normal("b", "Skipped", 30),
            ],
            Succeeded,
        ),
        (
            &[normal("a", "Skipped", 20), normal("b", "Skipped", 30)],
            Succeeded,
        ),
        (
            &[
                normal("a", "FailedFinish", 20),
                normal("b", "ErrorFinish", 30),
            ],
            Error,
        ),
        (
            &[normal("a", "TimedOut", 20), normal("b", "Cancelled", 30)],
            Failed,
        ),
        (
            &[
                normal("a", "SuccessfulFinish", 20),
                normal("b", "Cancelled", 30),
            ],
            Cancelled,
        ),
        // b waits for the success of a: it will not start.
        (&[start.clone(), normal("a", "FailedFinish", 20)], Failed),
        // An element that nobody declared says nothing of the whole.
        (&[normal("c", "ActionStart", 20)], Pending),
        // The execution itself, by its own rows.
        (&[normal("", "ActionStart", 5)], Running),
        (
            &[normal("a", "ActionStart", 5), normal("", "Cancelled", 6)],
            Cancelled,
        ),
        (
            &[normal("a", "ActionStart", 7), normal("", "Cancelled", 6)],
            Running,
        ),
    ];
    let declared = declared(&[("a", &[]), ("b", &["a"])]);
    for (tales, phase) in table {
        assert_eq!(of_tales(&declared, tales).phase, Some(*phase), "{tales:?}");
    }
}

#[test]
fn an_execution_without_declared_elements_follows_its_own_rows() {
    type Case<'a> = (&'a [Tale], Phase, Option<i64>, Option<i64>);
    let table: &[Case<'_>] = &[
        (&[], Phase::Pending, None, None),
        (&[normal("", "Created", 5)], Phase::Pending, None, None),
        (&[normal("x", "Pulled", 6)], Phase::Running, Some(6), None),
        (
            &[normal("", "Created", 5), normal(UID, "ActionStart", 8)],
            Phase::Running,
            Some(8),
            None,
        ),
        (
            &[
                normal(UID, "ActionStart", 8),
                normal(UID, "FailedFinish", 9),
            ],
            Phase::Failed,
            Some(8),
            Some(9),
        ),
    ];
    for (tales, phase, started, finished) in table {
        let status = of_tales(&declared(&[]), tales);
        assert_eq!(status.phase, Some(*phase), "{tales:?}");
        assert_eq!(status.started_at, started.and_then(shown), "{tales:?}");
        assert_eq!(status.finished_at, finished.and_then(shown), "{tales:?}");
    }
}

#[test]
fn an_element_starts_with_its_first_attempt_and_ends_with_its_last() {
    let tales = [
        normal("a", "ActionStart", 10),
        normal("a", "FailedFinish", 20),
        normal("a", "ActionStart", 30),
    ];
    let declared = declared(&[("a", &[])]);
    let status = of_tales(&declared, &tales);
    assert_eq!(status.phase, Some(Phase::Running));
    let element = &status.elements[0];
    assert_eq!(element.phase, Phase::Running);
    assert_eq!(
        (&element.started_at, &element.finished_at),
        (&shown(10), &None)
    );

    let mut tales = tales.to_vec();
    tales.push(normal("a", "SuccessfulFinish", 40));
    let status = of_tales(&declared, &tales);
    let element = &status.elements[0];
    assert_eq!(element.phase, Phase::Succeeded);
    assert_eq!(
        (&element.started_at, &element.finished_at),
        (&shown(10), &shown(40))
    );
    assert_eq!(
        (&status.started_at, &status.finished_at),
        (&shown(10), &shown(40))
    );
    assert_eq!(condition(&status, "Succeeded").status, "True");
}

#[test]
fn a_start_and_an_end_within_one_second_are_an_end() {
    let tales = [
        normal("a", "SuccessfulFinish", 10),
        normal("a", "ActionStart", 10),
    ];
    let status = of_tales(&declared(&[("a", &[])]), &tales);
    assert_eq!(status.phase, Some(Phase::Succeeded));
    assert_eq!(status.last_event.unwrap().code, "SuccessfulFinish");
}

#[test]
fn an_element_is_found_by_its_name_where_the_engine_has_ids_of_its_own() {
    let mut telling = telling(&normal("engine-id-7", "ActionStart", 10), "");
    telling.body = Arc::new(Body {
        elem_id: "a".into(),
        ..Body::default()
    });
    let status = computed(&declared(&[("a", &[])]), &[telling], 1000);
    assert_eq!(phases(&status)["a"], Phase::Running);
}

#[test]
fn a_kubernetes_event_counts_but_moves_no_phase() {
    let created = telling(&normal("a", "Created", 50), "pod-uid");
    let tellings = [telling(&normal("a", "ActionStart", 10), ""), created];
    let status = computed(&declared(&[("a", &[])]), &tellings, 1000);
    assert_eq!(status.phase, Some(Phase::Running));
    assert_eq!(status.events, 2);
    assert_eq!(status.last_event.unwrap().code, "Created");
}

#[test]
fn repeats_are_counted_in_events_and_warnings() {
    let tales = [
        ("a", "BackOff", EventType::Warning, 20, 25),
        ("a", "Pulled", EventType::Normal, 10, 3),
        ("a", "Odd", EventType::Other("odd".into()), 5, 1),
    ];
    let status = of_tales(&declared(&[]), &tales);
    assert_eq!((status.events, status.warnings), (29, 25));
    let last = status.last_event.unwrap();
    assert_eq!((&*last.code, Some(last.time)), ("BackOff", shown(20)));
}

#[test]
fn a_transition_time_stays_until_its_status_changes() {
    let mut declared = declared(&[("a", &[])]);
    let start = normal("a", "ActionStart", 10);
    declared.status = Some(of_tales(&declared, &[]));
    let running = of_tales(&declared, std::slice::from_ref(&start));
    let condition_then = condition(&running, "Succeeded");
    assert_eq!(condition_then.reason, "Running");
    // Unknown it was, and Unknown it is.
    assert_eq!(
        Some(&condition_then.last_transition_time),
        shown(1).as_ref()
    );
    assert_eq!(condition(&running, "Recording").status, "True");
    declared.status = Some(running);

    let end = normal("a", "FailedFinish", 20);
    let failed = of_tales(&declared, &[start.clone(), end.clone()]);
    let condition_then = condition(&failed, "Succeeded");
    assert_eq!(
        (&*condition_then.status, &*condition_then.reason),
        ("False", "Failed")
    );
    assert_eq!(
        Some(&condition_then.last_transition_time),
        shown(20).as_ref()
    );
    declared.status = Some(failed);

    let again = of_tales(&declared, &[start, end, normal("a", "ActionStart", 30)]);
    let condition_then = condition(&again, "Succeeded");
    assert_eq!(condition_then.status, "Unknown");
    assert_eq!(
        Some(&condition_then.last_transition_time),
        shown(1000).as_ref()
    );
}

#[test]
fn a_history_that_was_there_and_is_gone_is_said_to_be_gone() {
    let mut declared = declared(&[]);
    declared.status = Some(of_tales(&declared, &[normal("", "Created", 5)]));
    declared.status = Some(of_tales(&declared, &[]));
    let gone = of_tales(&declared, &[]);
    let recording = condition(&gone, "Recording");
    assert_eq!(
        (&*recording.status, &*recording.reason),
        ("False", "HistoryGone")
    );
}

#[test]
fn what_was_written_reads_back_equal_and_is_not_written_again() {
    let declared = declared(&[("a", &[])]);
    let tales = [
        normal("a", "ActionStart", 10),
        normal("a", "SuccessfulFinish", 20),
    ];
    let status = of_tales(&declared, &tales);
    let json = serde_json::to_string(&status).unwrap();
    let mut there: ExecutionStatus = serde_json::from_str(&json).unwrap();
    assert!(!differs(Some(&there), &status));
    there.conditions.reverse();
    let mut foreign = there.conditions[0].clone();
    foreign.type_ = "Theirs".into();
    there.conditions.push(foreign);
    assert!(
        !differs(Some(&there), &status),
        "others' conditions are theirs"
    );
    there.events += 1;
    assert!(differs(Some(&there), &status));
    assert!(differs(None, &status));
}

proptest! {
    #[test]
    fn the_order_and_repetition_of_tellings_do_not_matter(
        tales in prop::collection::vec((0..4usize, 0..8usize, 0..20i64, 1..5u64), 0..24),
        order in any::<prop::sample::Index>(),
    ) {
        let elements = ["a", "b", "c", ""];
        let codes = [
            "Queued", "ActionStart", "SuccessfulFinish", "FailedFinish", "Cancelled", "Skipped", "ErrorFinish",
            "BackOff",
        ];
        let tellings: Vec<_> = tales
            .iter()
            .map(|&(element, code, second, count)| {
                let tale = (elements[element], codes[code], EventType::Normal, second, count);
                telling(&tale, "")
            })
            .collect();
        let mut moved = tellings.clone();
        if !moved.is_empty() {
            let middle = order.index(moved.len());
            moved.rotate_left(middle);
            moved.extend_from_within(..middle);
        }
        let declared = declared(&[("a", &[]), ("b", &["a"]), ("c", &["b"])]);
        prop_assert_eq!(computed(&declared, &tellings, 50), computed(&declared, &moved, 50));
    }
}
