//! Histories of labs, from objects as the API server writes them.

use serde_json::{Value, json};

use crate::model::Phase;
use crate::sources::tests::scene::{Scene, event, pod};

const LABEL: &str = "nublado.lsst.io/user";

/// Type, message and item of each row that the dialect has told, in the order in which they were stored.
fn told(scene: &Scene, id: &str) -> Vec<String> {
    let mut rows = scene.rows(id);
    rows.sort_by_key(|row| row.seq);
    let show = |row: &crate::model::Row| {
        let body = row.body();
        let item = body.wire.as_ref().map_or("-", |wire| &wire.item);
        format!("{} {item} {}", row.key.code, body.message)
    };
    rows.iter().map(show).collect()
}

fn phase(scene: &Scene, id: &str) -> Phase {
    use crate::store::Store;
    scene.store.united(id).unwrap()[0].status.phase
}

fn lab() -> Value {
    let mut pod = pod("lab");
    pod["metadata"]["labels"] = json!({LABEL: "rachel", "nublado.lsst.io/category": "lab"});
    pod["status"] = json!({"phase": "Pending"});
    pod
}

fn ready(mut pod: Value) -> Value {
    pod["status"] = json!({"phase": "Running", "conditions": [
        {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:09Z"}]});
    pod
}

fn deleting(mut pod: Value) -> Value {
    pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:01:30Z");
    pod["metadata"]["deletionGracePeriodSeconds"] = json!(30);
    pod["status"]["conditions"] = json!([{"type": "Ready", "status": "False",
        "lastTransitionTime": "2026-01-01T00:01:05Z"}]);
    pod
}

fn named(name: &str, reason: &str, message: &str) -> Value {
    let mut event = event("Pod", "lab", reason);
    event["metadata"]["name"] = json!(name);
    event["message"] = json!(message);
    event
}

const SPAWNED: [&str; 6] = [
    r#"ActionStart {"open":"spawn"} "#,
    r#"Progress {"tell":["info",1]} Starting lab creation for rachel"#,
    r#"Progress {"tell":["info",30]} Created Kubernetes objects for user lab"#,
    r#"Scheduled "step" assigned"#,
    r#"Pulling "step" pulling"#,
    r#"SuccessfulFinish {"tell":["complete",null]} Lab Kubernetes pod started for rachel"#,
];

const DELETED: [&str; 3] = [
    r#"ActionStart {"open":"delete"} "#,
    r#"Progress {"tell":["info",25]} Shutting down Kubernetes pod"#,
    r#"SuccessfulFinish {"tell":["info",100]} Lab for rachel deleted"#,
];

fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.with_labs(LABEL);
    scene
}

#[test]
fn a_pod_without_the_label_or_of_another_category_is_no_lab() {
    let mut without = Scene::new();
    without.there(&lab());
    assert_eq!(
        without.executions().len(),
        1,
        "labs are off unless asked for"
    );
    let mut scene = scene();
    let mut files = lab();
    files["metadata"]["labels"]["nublado.lsst.io/category"] = json!("fileserver");
    scene.there(&files);
    scene.there(&pod("other"));
    assert_eq!(scene.executions().len(), 2, "each its own");
}

#[test]
fn the_life_of_a_lab_is_told_once_also_across_restarts() {
    let mut scene = scene();
    let (spawn, delete) = ("u-lab.spawn", "u-lab.delete");
    let early = named("lab.1", "Scheduled", "assigned");
    // An Event may come before its Pod.
    scene.there(&early);
    for restart in [false, true] {
        if restart {
            // A new process.
            scene.with_labs(LABEL);
        }
        scene.there(&lab());
        scene.there(&early);
        let mut pulling = named("lab.2", "Pulling", "pulling");
        scene.there(&pulling);
        // That it repeats is no step.
        pulling["count"] = json!(7);
        pulling["lastTimestamp"] = json!("2026-01-01T00:00:07Z");
        scene.there(&pulling);
    }
    assert_eq!(told(&scene, spawn), SPAWNED[..5]);
    assert_eq!(
        phase(&scene, spawn),
        Phase::Running,
        "a container's Created is none of it"
    );
    scene.there(&ready(lab()));
    assert_eq!(phase(&scene, spawn), Phase::Succeeded);
    scene.there(&named("lab.3", "Started", "too late for the spawn"));
    // A new process.
    scene.with_labs(LABEL);
    // Ready, not ready and ready again is nothing new.
    let mut again = ready(lab());
    again["status"]["conditions"][0]["lastTransitionTime"] = json!("2026-01-01T00:00:59Z");
    scene.there(&again);
    assert_eq!(told(&scene, spawn), SPAWNED);
    // It fails while it is deleted, which is not the spawn's business any more.
    let mut going = deleting(ready(lab()));
    scene.there(&going);
    going["status"]["phase"] = json!("Failed");
    // A new process.
    scene.with_labs(LABEL);
    scene.there(&going);
    assert_eq!(told(&scene, delete), DELETED[..2]);
    assert_eq!(phase(&scene, delete), Phase::Running);
    scene.gone(&going);
    assert_eq!(told(&scene, delete), DELETED);
    assert_eq!(phase(&scene, delete), Phase::Succeeded);
    assert_eq!(told(&scene, spawn), SPAWNED);
    assert_eq!(phase(&scene, spawn), Phase::Succeeded);
    assert_eq!(scene.name(delete), "rachel");
}

#[test]
fn a_lab_that_ends_before_it_is_ready_has_failed() {
    let mut scene = scene();
    let mut failed = lab();
    failed["status"] = json!({"phase": "Failed", "reason": "Evicted", "message": "low on memory",
        "startTime": "2026-01-01T00:00:05Z"});
    scene.there(&failed);
    let told = told(&scene, "u-lab.spawn");
    assert_eq!(
        told[3..],
        [
            r#"OperationError {"tell":["error",null]} Evicted: low on memory"#,
            r#"FailedFinish {"tell":["failed",null]} Lab spawn failed"#
        ]
    );
    assert_eq!(phase(&scene, "u-lab.spawn"), Phase::Failed);
}

#[test]
fn a_lab_that_is_deleted_before_it_is_ready_is_cancelled() {
    let mut scene = scene();
    scene.there(&lab());
    scene.gone(&lab());
    let spawn = told(&scene, "u-lab.spawn");
    let cancelled = r#"FailedFinish {"tell":["failed",null]} Operation cancelled"#;
    assert_eq!(spawn[3..], [cancelled]);
    assert_eq!(told(&scene, "u-lab.delete"), DELETED);
}

#[test]
fn a_lab_that_vanished_while_nobody_was_watching_is_over() {
    let mut scene = scene();
    scene.there(&lab());
    scene.pods_are(&["u-lab", "u-other"]);
    assert_eq!(told(&scene, "u-lab.spawn").len(), 3, "it is there");
    scene.with_labs(LABEL);
    scene.pods_are(&["u-other"]);
    scene.pods_are(&["u-other"]);
    let spawn = told(&scene, "u-lab.spawn");
    let cancelled = r#"FailedFinish {"tell":["failed",null]} Operation cancelled"#;
    assert_eq!(spawn[3..], [cancelled]);

    let mut scene = self::scene();
    scene.there(&deleting(ready(lab())));
    scene.with_labs(LABEL);
    scene.pods_are(&[]);
    assert_eq!(told(&scene, "u-lab.delete"), DELETED);
    assert_eq!(
        phase(&scene, "u-lab"),
        Phase::Running,
        "of the Pod itself nothing is known"
    );
}
