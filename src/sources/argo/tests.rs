//! What may be seen of a Workflow, in whatever order and however often.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sources::tests::scene::*;

const UID: &str = "u-w";

fn workflow(phase: &str, nodes: &Value) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": meta("w"), "spec": {},
        "status": {"phase": phase, "startedAt": "2026-01-01T00:00:01Z", "nodes": nodes},
    })
}

fn ended(phase: &str, nodes: &Value) -> Value {
    let mut workflow = workflow(phase, nodes);
    workflow["status"]["finishedAt"] = json!("2026-01-01T00:01:00Z");
    workflow
}

fn node(name: &str, of: &str, phase: &str) -> Value {
    json!({"name": format!("w.{name}"), "displayName": name, "type": of, "phase": phase,
        "startedAt": "2026-01-01T00:00:02Z"})
}

fn of_element(scene: &Scene, name: &str) -> Vec<String> {
    let codes = scene.codes(UID).into_iter();
    codes
        .filter(|line| line.contains(&format!(" {name} ")))
        .collect()
}

fn pod_of_node(name: &str, id: &str) -> Value {
    let mut pod = pod(name);
    pod["metadata"]["ownerReferences"] = owned("w", "argoproj.io/v1alpha1", "Workflow");
    pod["metadata"]["annotations"] = json!({"workflows.argoproj.io/node-id": id,
        "workflows.argoproj.io/node-name": "w.A"});
    pod
}

#[test]
fn a_node_that_is_first_seen_at_its_end_has_a_start_and_one_end() {
    let ends = [
        ("Succeeded", "", "SuccessfulFinish"),
        ("Failed", "exit 1", "FailedFinish"),
        ("Error", "no such template", "ErrorFinish"),
        ("Failed", "Step exceeded its deadline", "TimedOut"),
        (
            "Failed",
            "workflow shutdown with strategy:  Stop",
            "Cancelled",
        ),
    ];
    for (phase, message, code) in ends {
        let mut of = node("A", "Pod", phase);
        of["message"] = json!(message);
        let mut untimed = of.clone();
        untimed["startedAt"] = Value::Null;
        for of in [of, untimed] {
            let mut scene = Scene::new();
            scene.there(&workflow("Running", &json!({"a": of})));
            let expected = [
                "Argo.Pod A ActionStart".to_owned(),
                format!("Argo.Pod A {code}"),
            ];
            assert_eq!(of_element(&scene, "A"), expected);
        }
    }
}

#[test]
fn what_is_skipped_or_omitted_has_no_start() {
    for phase in ["Skipped", "Omitted"] {
        let mut scene = Scene::new();
        let nodes = json!({"a": node("A", "Skipped", phase)});
        scene.there(&workflow("Running", &nodes));
        scene.there(&ended("Succeeded", &nodes));
        assert_eq!(of_element(&scene, "A"), ["Argo.Skipped A Skipped"]);
    }
}

#[test]
fn a_workflow_tells_who_has_ended_it() {
    let end = |change: &dyn Fn(&mut Value)| {
        let mut workflow = ended("Failed", &json!({}));
        change(&mut workflow);
        let mut scene = Scene::new();
        scene.there(&workflow);
        scene.codes(UID).pop().unwrap()
    };
    assert_eq!(end(&|_| ()), "Argo.Workflow w FailedFinish");
    let stopped = end(&|of| of["spec"]["shutdown"] = json!("Terminate"));
    assert_eq!(stopped, "Argo.Workflow w Cancelled");
    let late = end(&|of| of["spec"]["activeDeadlineSeconds"] = json!(59));
    assert_eq!(late, "Argo.Workflow w TimedOut");
    let early = end(&|of| of["spec"]["activeDeadlineSeconds"] = json!(60));
    assert_eq!(early, "Argo.Workflow w FailedFinish");
}

#[test]
fn what_is_open_when_the_workflow_is_over_or_gone_is_cancelled_with_it() {
    let nodes = json!({"a": node("A", "Pod", "Running")});
    let mut over = Scene::new();
    over.there(&ended("Error", &nodes));
    let mut gone = Scene::new();
    gone.there(&workflow("Running", &nodes));
    gone.gone(&workflow("Running", &nodes));
    for scene in [over, gone] {
        let expected = ["Argo.Pod A ActionStart", "Argo.Pod A Cancelled"];
        assert_eq!(of_element(&scene, "A"), expected);
    }
}

#[test]
fn a_retried_workflow_starts_the_same_nodes_again_and_each_attempt_counts() {
    let mut scene = Scene::new();
    scene.there(&ended("Failed", &json!({"a": node("A", "Pod", "Failed")})));
    let mut again = node("A", "Pod", "Succeeded");
    again["startedAt"] = json!("2026-01-01T01:00:00Z");
    again["finishedAt"] = json!("2026-01-01T01:00:09Z");
    for _ in 0..2 {
        scene.there(&workflow("Running", &json!({"a": again})));
        scene.restart();
    }
    let rows = scene.rows(UID).into_iter();
    let counts = rows.filter(|row| &*row.body().elem_id == "A");
    let counts: Vec<_> = counts
        .map(|row| (row.key.code.to_string(), row.count()))
        .collect();
    let expected = [
        ("ActionStart", 2),
        ("FailedFinish", 1),
        ("SuccessfulFinish", 1),
    ];
    assert_eq!(
        counts,
        expected.map(|(code, count)| (code.to_owned(), count))
    );
}

#[test]
fn nodes_that_are_offloaded_or_cannot_be_read_are_a_gap_and_the_pods_tell() {
    let mut offloaded = workflow("Running", &json!({}));
    offloaded["status"]["offloadNodeStatusVersion"] = json!("fnv:1");
    let mut unreadable = workflow("Running", &json!({}));
    unreadable["status"]["compressedNodes"] = json!("garbage");
    for workflow in [offloaded, unreadable] {
        let mut scene = Scene::new();
        scene.there(&workflow);
        scene.there(&pod_of_node("p", "a"));
        scene.there(&event("Pod", "p", "Pulled"));
        let expected = [
            "Argo.Workflow w Created",
            "Argo.Workflow w ActionStart",
            "Argo.Workflow w Gap",
            "K8s.Pod p ActionStart",
            "Argo.Pod A Pulled",
        ];
        assert_eq!(scene.codes(UID), expected);
    }
}

#[test]
fn a_workflow_of_the_same_name_is_another_execution() {
    let mut scene = Scene::new();
    scene.there(&ended("Failed", &json!({"a": node("A", "Pod", "Failed")})));
    let mut other = workflow("Running", &json!({"a": node("A", "Pod", "Running")}));
    other["metadata"]["uid"] = json!("u-other");
    scene.there(&other);
    assert_eq!(scene.executions().len(), 2);
    assert!(
        scene
            .codes("u-other")
            .contains(&"Argo.Pod A ActionStart".to_owned())
    );
    assert!(
        !scene
            .codes("u-other")
            .iter()
            .any(|row| row.contains("Failed"))
    );
}

#[test]
fn names_that_begin_alike_do_not_mix_two_workflows() {
    let mut scene = Scene::new();
    scene.there(&workflow(
        "Running",
        &json!({"w-1": node("A", "Pod", "Running")}),
    ));
    let mut other = workflow("Running", &json!({"w-1": node("B", "DAG", "Running")}));
    other["metadata"] = meta("w-1");
    scene.there(&other);
    scene.there(&pod_of_node("w-1-1", "w-1"));
    scene.there(&event("Pod", "w-1-1", "Pulled"));
    assert_eq!(of_element(&scene, "A").len(), 2);
    let others = [
        "Argo.Workflow w-1 Created",
        "Argo.Workflow w-1 ActionStart",
        "Argo.DAG B ActionStart",
    ];
    assert_eq!(scene.codes("u-w-1"), others);
}

#[test]
fn an_event_of_the_workflow_lands_on_the_node_that_it_names() {
    let mut scene = Scene::new();
    scene.there(&workflow(
        "Running",
        &json!({"a": node("A", "Pod", "Running")}),
    ));
    let mut named = event("Workflow", "w", "WorkflowNodeRunning");
    named["involvedObject"]["apiVersion"] = json!("argoproj.io/v1alpha1");
    let mut combined = named.clone();
    combined["metadata"]["name"] = json!("w.combined");
    named["metadata"]["annotations"] = json!({"workflows.argoproj.io/node-id": "a",
        "workflows.argoproj.io/node-name": "w.A", "workflows.argoproj.io/node-type": "Pod"});
    scene.there(&named);
    scene.there(&combined);
    let codes = scene.codes(UID);
    assert!(
        codes.contains(&"Argo.Pod A WorkflowNodeRunning".to_owned()),
        "{codes:?}"
    );
    assert!(
        codes.contains(&"Argo.Workflow w WorkflowNodeRunning".to_owned()),
        "{codes:?}"
    );
}

fn life() -> Vec<Value> {
    let call = |phase: &str, children: &Value| {
        let mut call = node("call", "Retry", phase);
        call["children"] = children.clone();
        call
    };
    let mut first = node("call(0)", "Pod", "Failed");
    first["finishedAt"] = json!("2026-01-01T00:00:05Z");
    let mut second = node("call(1)", "Pod", "Running");
    second["startedAt"] = json!("2026-01-01T00:00:06Z");
    let mut done = second.clone();
    done["phase"] = json!("Succeeded");
    done["finishedAt"] = json!("2026-01-01T00:00:09Z");
    let both = json!(["0", "1"]);
    let mut all = vec![
        workflow(
            "Running",
            &json!({"c": call("Running", &json!(["0"])), "0": node("call(0)", "Pod", "Running")}),
        ),
        workflow(
            "Running",
            &json!({"c": call("Running", &json!(["0"])), "0": first}),
        ),
        workflow(
            "Running",
            &json!({"c": call("Running", &both), "0": first, "1": second}),
        ),
        ended(
            "Succeeded",
            &json!({"c": call("Succeeded", &both), "0": first, "1": done}),
        ),
    ];
    all[2]["status"]["progress"] = json!("1/2");
    all[3]["status"]["progress"] = json!("2/2");
    all.push(pod_of_node("p", "0"));
    all.push(event("Pod", "p", "Pulled"));
    all
}

proptest! {
    /// Whatever part of the run was seen, in which order of kinds, and how often: its history is the same.
    #[test]
    fn whatever_is_seen_of_a_run_its_history_is_the_same(
        seen in prop::collection::vec((0..6usize, any::<bool>()), 0..20),
    ) {
        let life = life();
        let mut straight = Scene::new();
        life.iter().for_each(|one| straight.there(one));
        let mut scene = Scene::new();
        for (at, restart) in seen {
            if restart {
                scene.restart();
            }
            scene.there(&life[at]);
        }
        life[3..].iter().for_each(|one| scene.there(one));
        prop_assert_eq!(scene.timeline(UID), straight.timeline(UID));
    }
}
