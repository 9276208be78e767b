//! Being shown something twice, late, or never: the history is the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::scene::*;

fn states_of_an_event() -> Vec<Value> {
    let state = |count: u64| {
        let mut state = event("Pod", "p", "BackOff");
        state["count"] = json!(count);
        state["lastTimestamp"] = json!(format!("2026-01-01T00:{count:02}:00Z"));
        state
    };
    (1..=9).map(state).collect()
}

/// What a followed Job shows: created, running, failing twice, complete.
fn states_of_a_job() -> Vec<Value> {
    let mut created = job("j");
    created["status"] = json!({});
    created["spec"]["completions"] = json!(3);
    let at = |second: u64, failed: u64, succeeded: u64| {
        let mut state = created.clone();
        let written = format!("2026-01-01T00:00:{second:02}Z");
        state["metadata"]["managedFields"] = json!([{"subresource": "status", "time": written}]);
        state["status"] = json!({"startTime": "2026-01-01T00:00:01Z", "failed": failed,
            "succeeded": succeeded});
        state
    };
    let mut states = vec![
        created.clone(),
        at(1, 0, 0),
        at(2, 1, 0),
        at(3, 2, 0),
        at(4, 2, 1),
    ];
    states.push(at(5, 2, 2));
    let mut complete = at(9, 2, 3);
    complete["status"]["completionTime"] = json!("2026-01-01T00:00:09Z");
    complete["status"]["conditions"] = json!([{"type": "Complete", "status": "True"}]);
    states.push(complete);
    states
}

#[test]
fn a_job_that_is_seen_only_at_its_end_has_a_start_and_one_end() {
    let mut scene = Scene::new();
    scene.there(states_of_a_job().last().unwrap());
    let codes = scene.codes("u-j");
    for code in [
        "Created",
        "ActionStart",
        "SuccessfulFinish",
        "Retrying",
        "Progress",
    ] {
        let of_code = codes
            .iter()
            .filter(|row| row.ends_with(&format!(" {code}")));
        assert_eq!(of_code.count(), 1, "{codes:?}");
    }
    let count = |code: &str| {
        let rows = scene.rows("u-j");
        rows.iter()
            .find(|row| &*row.key.code == code)
            .unwrap()
            .count()
    };
    assert_eq!((count("Retrying"), count("Progress")), (2, 3));
}

#[test]
fn what_a_defect_may_have_kept_from_the_store_is_told_again() {
    let mut straight = Scene::new();
    let mut scene = Scene::new();
    for object in [job("j"), pod_of("j", "p"), event("Pod", "p", "Pulled")] {
        straight.there(&object);
        // Decided, and never delivered: the watch has ended by a defect meanwhile.
        drop(scene.desk.applied(read(&object), scene.now));
        scene.desk.doubt();
        scene.there(&object);
    }
    assert_eq!(scene.timeline("u-j"), straight.timeline("u-j"));
    scene.restart();
    scene.there(&event("Pod", "p", "Killing"));
    assert!(
        scene
            .codes("u-j")
            .iter()
            .any(|row| row.ends_with("Killing"))
    );
}

#[test]
fn a_relist_after_a_restart_changes_nothing() {
    let mut scene = Scene::new();
    states_of_a_job()
        .iter()
        .for_each(|state| scene.there(state));
    states_of_an_event()
        .iter()
        .for_each(|state| scene.there(state));
    scene.there(&pod_of("j", "p"));
    let before = (scene.timeline("u-j"), scene.executions());
    for _ in 0..3 {
        scene.restart();
        scene.there(states_of_a_job().last().unwrap());
        scene.there(&pod_of("j", "p"));
        scene.there(states_of_an_event().last().unwrap());
    }
    assert_eq!((scene.timeline("u-j"), scene.executions()), before);
}

#[test]
fn an_event_that_is_recreated_goes_on_and_one_with_another_first_time_adds() {
    let mut scene = Scene::new();
    scene.there(&pod("p"));
    let mut again = event("Pod", "p", "BackOff");
    again["count"] = json!(5);
    scene.there(&again);
    again["metadata"]["uid"] = json!("y");
    again["count"] = json!(6);
    scene.there(&again);
    again["firstTimestamp"] = json!("2026-01-01T01:00:00Z");
    again["lastTimestamp"] = json!("2026-01-01T01:00:00Z");
    again["count"] = json!(1);
    scene.there(&again);
    let row = scene.rows("u-p").pop().unwrap();
    assert_eq!((&*row.key.code, row.count()), ("BackOff", 7));
}

#[test]
fn what_happens_within_one_second_is_told_in_the_order_of_life() {
    let at = "2026-01-01T00:00:00Z";
    let mut fast = complete("j");
    fast["status"]["startTime"] = json!(at);
    fast["status"]["completionTime"] = json!(at);
    let mut pod = pod_of("j", "p");
    let ended = json!({"terminated": {"exitCode": 0, "finishedAt": at}});
    pod["status"] = json!({"phase": "Succeeded", "startTime": at,
        "containerStatuses": [{"name": "main", "state": ended}]});
    let mut scene = Scene::new();
    scene.there(&fast);
    scene.there(&pod);
    let expected = [
        "K8s.Job j Created",
        "K8s.Job j ActionStart",
        "K8s.Pod p ActionStart",
        "K8s.Pod p SuccessfulFinish",
        "K8s.Job j SuccessfulFinish",
    ];
    assert_eq!(scene.codes("u-j"), expected);
}

#[test]
fn a_job_that_is_deleted_before_its_end_is_cancelled_once() {
    let mut scene = Scene::new();
    scene.there(&job("j"));
    let mut deleted = job("j");
    deleted["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:05Z");
    scene.there(&deleted);
    scene.gone(&deleted);
    scene.gone(&deleted);
    let codes = scene.codes("u-j");
    assert_eq!(
        codes,
        [
            "K8s.Job j Created",
            "K8s.Job j ActionStart",
            "K8s.Job j Cancelled"
        ]
    );
}

#[test]
fn a_job_that_is_deleted_after_its_end_is_not_cancelled() {
    let mut scene = Scene::new();
    scene.gone(&complete("j"));
    let codes = scene.codes("u-j");
    assert!(
        codes.last().unwrap().ends_with("SuccessfulFinish"),
        "{codes:?}"
    );
    assert_eq!(codes.len(), 3);
}

proptest! {
    #[test]
    fn any_repetition_and_order_of_an_events_states_gives_the_last_count(
        seen in prop::collection::vec(0..9usize, 0..40),
        pod_at in 0..40usize,
    ) {
        let states = states_of_an_event();
        let mut scene = Scene::new();
        for (at, state) in seen.iter().enumerate() {
            if at == pod_at {
                scene.there(&pod("p"));
            }
            scene.there(&states[*state]);
        }
        scene.there(&pod("p"));
        scene.there(&states[8]);
        let row = scene.rows("u-p").pop().unwrap();
        prop_assert_eq!(row.count(), 9);
        prop_assert_eq!(row.last().to_seconds(), "2026-01-01T00:09:00Z");
        prop_assert_eq!(row.first().to_seconds(), "2026-01-01T00:00:03Z");
    }

    /// Whatever part of a Job's life was seen, and how often: starts, ends and counts are the same.
    #[test]
    fn whatever_part_of_a_jobs_life_is_seen_it_has_one_start_and_one_end(
        seen in prop::collection::vec((0..7usize, any::<bool>()), 0..20),
    ) {
        let states = states_of_a_job();
        let mut scene = Scene::new();
        for (state, restart) in seen {
            if restart {
                scene.restart();
            }
            scene.there(&states[state]);
        }
        scene.there(&states[6]);
        let mut straight = Scene::new();
        straight.there(&states[6]);
        let facts = |scene: &Scene| {
            let rows = scene.rows("u-j");
            let mut facts: Vec<_> = rows
                .iter()
                .map(|row| (row.key.code.to_string(), row.count(), row.first()))
                .collect();
            facts.sort();
            facts
        };
        prop_assert_eq!(facts(&scene), facts(&straight));
    }
}

#[test]
fn an_execution_that_is_deleted_and_goes_on_keeps_its_name() {
    let mut scene = Scene::new();
    scene.there(&job("j"));
    scene.delete("u-j", "2026-01-01T00:00:05Z");
    assert!(scene.rows("u-j").is_empty());
    scene.there(&complete("j"));
    assert_eq!(scene.codes("u-j"), ["K8s.Job j SuccessfulFinish"]);
    assert_eq!(scene.name("u-j"), "j");
}
