//! An element has two tellers, its vertex and its Job; one, both, in any order: its history has one start and one end.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sources::tests::scene::*;

const UID: &str = "u-run";

fn run(status: &Value) -> Value {
    json!({
        "apiVersion": "execution.kubegene.io/v1alpha1", "kind": "Execution", "metadata": meta("run"),
        "spec": {"tasks": []}, "status": status,
    })
}

fn job_of_run(mut job: Value) -> Value {
    job["metadata"]["ownerReferences"] =
        owned("run", "execution.kubegene.io/v1alpha1", "Execution");
    job
}

fn failed(reason: &str) -> Value {
    let mut job = job_of_run(job("run.a.0"));
    job["status"]["conditions"] = json!([{"type": "Failed", "status": "True", "reason": reason,
        "lastTransitionTime": "2026-01-01T00:00:09Z"}]);
    job
}

fn states() -> Vec<Value> {
    let vertex = |phase: &str| json!({"phase": phase, "startedAt": "2026-01-01T00:00:02Z"});
    vec![
        run(&json!({})),
        run(
            &json!({"phase": "Running", "startedAt": "2026-01-01T00:00:01Z",
            "vertices": {"run.a.0": vertex("Running")}}),
        ),
        job_of_run(job("run.a.0")),
        pod_of("run.a.0", "p"),
        failed("DeadlineExceeded"),
        run(
            &json!({"phase": "Failed", "startedAt": "2026-01-01T00:00:01Z", "message": "a failed",
            "finishedAt": "2026-01-01T00:00:10Z", "vertices": {"run.a.0": vertex("Failed")}}),
        ),
    ]
}

#[test]
fn the_vertex_and_its_job_are_one_element() {
    let mut scene = Scene::new();
    states().iter().for_each(|one| scene.there(one));
    let expected = [
        "KubeDAG.Execution run Created",
        "KubeDAG.init init ActionStart",
        "KubeDAG.Execution run ActionStart",
        "KubeDAG.job a ActionStart",
        "KubeDAG.init init SuccessfulFinish",
        "K8s.Pod p ActionStart",
        "KubeDAG.job a FailedFinish",
        "KubeDAG.Execution run FailedFinish",
    ];
    assert_eq!(scene.codes(UID), expected);
    assert!(scene.rows(UID).iter().all(|row| row.count() == 1));
}

#[test]
fn a_vertex_without_a_job_and_without_times_has_a_start_and_an_end() {
    for (phase, code) in [("Failed", "FailedFinish"), ("Error", "ErrorFinish")] {
        let mut scene = Scene::new();
        scene.there(&run(
            &json!({"phase": phase, "vertices": {"run.a.3": {"phase": phase}}}),
        ));
        let codes = scene.codes(UID);
        let own: Vec<_> = codes
            .iter()
            .filter(|row| row.contains("KubeDAG.job"))
            .collect();
        assert_eq!(
            own,
            [
                &"KubeDAG.job a.3 ActionStart".to_owned(),
                &format!("KubeDAG.job a.3 {code}")
            ]
        );
    }
}

#[test]
fn a_job_of_another_execution_with_such_a_name_is_none_of_this_one() {
    let mut scene = Scene::new();
    scene.there(&run(&json!({})));
    scene.there(&job("run.a.0"));
    assert_eq!(scene.executions().len(), 2);
}

#[test]
fn a_run_that_is_deleted_is_cancelled() {
    let mut scene = Scene::new();
    scene.there(&states()[1]);
    scene.gone(&states()[1]);
    let cancelled = "KubeDAG.Execution run Cancelled".to_owned();
    assert!(scene.codes(UID).contains(&cancelled));
}

proptest! {
    #[test]
    fn whatever_is_seen_of_a_run_its_history_is_the_same(
        seen in prop::collection::vec((0..6usize, any::<bool>()), 0..20),
    ) {
        let states = states();
        let mut straight = Scene::new();
        states.iter().for_each(|one| straight.there(one));
        let mut scene = Scene::new();
        for (at, restart) in seen {
            if restart {
                scene.restart();
            }
            scene.there(&states[at]);
        }
        states.iter().for_each(|one| scene.there(one));
        prop_assert_eq!(scene.timeline(UID), straight.timeline(UID));
    }
}
