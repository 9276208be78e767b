//! Counts that Events do not tell: what a status tells instead, what is marked, what is told twice.

use serde_json::{Value, json};

use super::scene::{Scene, complete, event, job, pod_of};
use crate::model::{Marks, Row};
use crate::store::Store;

/// The rows of a code: counts, and what is marked as too low.
fn of_code(scene: &Scene, id: &str, code: &str) -> Vec<(u64, bool)> {
    let rows = scene.rows(id);
    let marks = Marks::of(&rows);
    let found = rows.iter().filter(|row| &*row.key.code == code);
    found
        .map(|row| (row.count(), marks.on(row).at_least))
        .collect()
}

fn crash_looping(restarts: u64) -> Value {
    let mut pod = pod_of("j", "p");
    pod["status"]["containerStatuses"] = json!([{"name": "main", "restartCount": restarts,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error",
            "finishedAt": format!("2026-01-01T{:02}:{:02}:00Z", restarts / 60, restarts % 60)}}}]);
    pod
}

fn counted(mut event: Value, count: u64, message: &str) -> Value {
    event["count"] = json!(count);
    event["message"] = json!(message);
    event["involvedObject"]["fieldPath"] = json!("spec.containers{main}");
    event
}

#[test]
fn a_crash_looping_pod_tells_its_132_restarts_though_its_event_stays_at_25() {
    let mut scene = Scene::new();
    scene.there(&job("j"));
    let back_off = event("Pod", "p", "BackOff");
    let message = "Back-off restarting failed container main";
    for restarts in [1, 2, 3, 60, 132] {
        scene.there(&crash_looping(restarts));
        scene.there(&counted(back_off.clone(), restarts.min(25), message));
    }
    assert_eq!(of_code(&scene, "u-j", "Retrying"), [(132, false)]);
    assert_eq!(of_code(&scene, "u-j", "BackOff"), [(25, true)]);
    // A process that first sees it now says the same.
    let mut late = Scene::new();
    late.there(&job("j"));
    late.there(&counted(back_off, 25, message));
    late.there(&crash_looping(132));
    assert_eq!(of_code(&late, "u-j", "Retrying"), [(132, false)]);
    assert_eq!(of_code(&late, "u-j", "BackOff"), [(25, true)]);
}

#[test]
fn a_job_of_60_pods_tells_all_of_them_and_its_completion_though_its_events_do_not() {
    let mut scene = Scene::new();
    let sized = |mut job: Value, active: u64, succeeded: u64| {
        job["spec"]["completions"] = json!(60);
        job["spec"]["parallelism"] = json!(60);
        job["status"]["active"] = json!(active);
        job["status"]["succeeded"] = json!(succeeded);
        job
    };
    scene.there(&sized(job("j"), 31, 0));
    for number in 0..9 {
        let mut created = event("Job", "j", "SuccessfulCreate");
        created["metadata"]["name"] = json!(format!("j.{number}"));
        created["message"] = json!(format!("Created pod: j-{number}"));
        scene.there(&created);
    }
    for number in 1..=16 {
        let mut combined = event("Job", "j", "SuccessfulCreate");
        combined["metadata"]["name"] = json!("j.combined");
        combined["count"] = json!(number);
        let message = format!(
            "(combined from similar events): Created pod: j-{}",
            number + 8
        );
        combined["message"] = json!(message);
        // Two states were overwritten before anybody looked.
        if ![4, 11].contains(&number) {
            scene.there(&combined);
        }
    }
    scene.there(&sized(job("j"), 60, 0));
    scene.there(&sized(job("j"), 12, 48));
    scene.there(&sized(complete("j"), 0, 60));
    let created = of_code(&scene, "u-j", "SuccessfulCreate");
    assert_eq!(created.iter().filter(|row| **row == (1, false)).count(), 9);
    assert_eq!(created.iter().filter(|row| **row == (16, true)).count(), 1);
    assert_eq!(created.len(), 10);
    assert_eq!(of_code(&scene, "u-j", "PodsCreated"), [(60, false)]);
    assert_eq!(of_code(&scene, "u-j", "Progress"), [(60, false)]);
    assert_eq!(of_code(&scene, "u-j", "SuccessfulFinish"), [(1, false)]);
    let rows = scene.rows("u-j");
    let combined: Vec<&Row> = rows.iter().filter(|row| row.is_combined()).collect();
    assert_eq!(combined.len(), 1);
    assert_eq!(combined[0].series.total().diagnosis.unobserved, 2);
}

#[test]
fn a_series_counts_on_without_saying_so_and_a_single_event_does_not() {
    let mut scene = Scene::new();
    scene.there(&job("j"));
    scene.there(&pod_of("j", "p"));
    let newer = |name: &str, series: Value| {
        let mut event = event("Pod", "p", name);
        for key in ["count", "firstTimestamp", "lastTimestamp"] {
            event[key] = Value::Null;
        }
        event["eventTime"] = json!("2026-01-01T00:00:03.000004Z");
        event["series"] = series;
        event
    };
    let series = json!({"count": 7, "lastObservedTime": "2026-01-01T00:04:00Z"});
    scene.there(&newer("FailedScheduling", Value::Null));
    assert_eq!(of_code(&scene, "u-j", "FailedScheduling"), [(1, false)]);
    scene.there(&newer("FailedScheduling", series));
    assert_eq!(of_code(&scene, "u-j", "FailedScheduling"), [(7, true)]);
    scene.there(&newer("Scheduled", Value::Null));
    assert_eq!(of_code(&scene, "u-j", "Scheduled"), [(1, false)]);
}

#[test]
fn an_event_that_was_made_again_under_its_name_goes_on_and_one_of_another_time_is_another() {
    let mut scene = Scene::new();
    scene.there(&job("j"));
    scene.there(&pod_of("j", "p"));
    let mut back_off = counted(event("Pod", "p", "BackOff"), 4, "m");
    scene.there(&back_off);
    back_off["metadata"]["uid"] = json!("y");
    back_off["count"] = json!(5);
    scene.there(&back_off);
    assert_eq!(of_code(&scene, "u-j", "BackOff"), [(5, false)]);
    back_off["firstTimestamp"] = json!("2026-01-01T00:30:00Z");
    back_off["lastTimestamp"] = json!("2026-01-01T00:30:00Z");
    back_off["count"] = json!(1);
    scene.there(&back_off);
    assert_eq!(of_code(&scene, "u-j", "BackOff"), [(6, false)]);
    let rows = scene.rows("u-j");
    let row = rows.iter().find(|row| &*row.key.code == "BackOff").unwrap();
    assert_eq!(row.series.total().diagnosis.origins, 2);
}

#[test]
fn what_is_listed_again_changes_nothing_in_a_new_process() {
    let mut scene = Scene::new();
    let tell = |scene: &mut Scene| {
        scene.there(&job("j"));
        scene.there(&pod_of("j", "p"));
        for number in 1..=3 {
            let message = format!("(combined from similar events): {number}");
            let mut combined = counted(event("Pod", "p", "Unhealthy"), number * 2, &message);
            combined["lastTimestamp"] = json!(format!("2026-01-01T00:00:0{}Z", number + 3));
            scene.there(&combined);
        }
    };
    tell(&mut scene);
    let (rows, seq) = (scene.rows("u-j"), *scene.store.passed().borrow());
    for _ in 0..3 {
        scene.restart();
        tell(&mut scene);
    }
    assert_eq!(rows, scene.rows("u-j"));
    assert_eq!(seq, *scene.store.passed().borrow());
}
