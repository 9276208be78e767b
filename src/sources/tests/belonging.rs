//! Whose history an object's rows and Events go to.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::scene::*;
use crate::sources::desk::Tally;

fn elements() -> Value {
    json!([{"id": "align", "type": "job"}, {"id": "setup", "type": "init"}])
}

#[test]
fn a_job_is_an_execution_and_its_pods_are_elements_beside_it() {
    let mut scene = Scene::new();
    scene.there(&job("j"));
    scene.there(&pod_of("j", "p"));
    scene.there(&event("Pod", "p", "Pulled"));
    let expected = [
        "K8s.Job j Created",
        "K8s.Job j ActionStart",
        "K8s.Pod p ActionStart",
        "K8s.Pod p Pulled",
    ];
    assert_eq!(scene.codes("u-j"), expected);
    let derived = &scene.rows("u-j")[2];
    assert_eq!(&*derived.body().involved.name, "j");
}

#[test]
fn a_job_of_a_cron_job_is_an_execution_of_its_own() {
    let mut scene = Scene::new();
    let mut of_cron = job("nightly-1");
    of_cron["metadata"]["ownerReferences"] = owned("nightly", "batch/v1", "CronJob");
    scene.there(&of_cron);
    assert_eq!(scene.codes("u-nightly-1").len(), 2);
    for row in scene.rows("u-nightly-1") {
        let label = row.body().labels.get("dagtrail.dev/cronjob");
        assert_eq!(label.map(|name| &**name), Some("nightly"));
    }
}

#[test]
fn a_bare_pod_is_an_execution() {
    let mut scene = Scene::new();
    scene.there(&pod("p"));
    assert_eq!(
        scene.codes("u-p"),
        ["K8s.Pod p Created", "K8s.Pod p ActionStart"]
    );
}

#[test]
fn pods_of_other_controllers_and_events_of_other_objects_are_counted_only() {
    let mut scene = Scene::new();
    let mut replica = pod("web");
    replica["metadata"]["ownerReferences"] = owned("web", "apps/v1", "ReplicaSet");
    scene.there(&event("Pod", "web", "Pulled"));
    scene.there(&replica);
    scene.there(&event("Pod", "web", "Started"));
    scene.there(&event("Node", "node", "NodeReady"));
    let tally = scene.desk.take_tally();
    assert_eq!(
        tally,
        Tally {
            unrelated: 3,
            dropped: 0
        }
    );
    assert!(scene.executions().is_empty());
}

#[test]
fn a_label_joins_a_job_to_an_execution_by_name_and_by_uid() {
    for value in ["e", "u-e"] {
        let mut scene = Scene::new();
        scene.there(&execution("e", &elements()));
        scene.there(&labelled(job("j"), value, "align"));
        scene.there(&pod_of("j", "p"));
        let expected = [
            "KubeDAG.Execution e Created",
            "KubeDAG.job align ActionStart",
            "K8s.Pod p ActionStart",
        ];
        assert_eq!(scene.codes("u-e"), expected);
        assert!(scene.rows("u-j").is_empty());
    }
}

#[test]
fn an_element_of_type_init_is_created_and_others_run() {
    let mut scene = Scene::new();
    scene.there(&execution("e", &elements()));
    scene.there(&labelled(job("j"), "e", "setup"));
    let row = scene.rows("u-e").remove(1);
    assert_eq!(&*row.key.action, "create");
}

#[test]
fn a_label_may_name_an_execution_that_is_no_object() {
    let id = "e19d3faf-0a36-4b3a-9f0e-9c0f6f8f6c3e";
    let mut scene = Scene::new();
    scene.there(&labelled(job("j"), id, "align"));
    assert_eq!(scene.codes(id), ["K8s.Job align ActionStart"]);
    assert_eq!(scene.executions(), [format!("n/{id}")].into());
}

#[test]
fn references_and_selectors_bind_objects_without_labels() {
    let mut scene = Scene::new();
    let elements = json!([
        {"id": "one", "type": "job", "objectRef": {"apiVersion": "batch/v1", "kind": "Job", "name": "a"}},
        {"id": "two", "type": "job", "selector": {"matchLabels": {"app": "b"}}},
    ]);
    scene.there(&execution("e", &elements));
    scene.there(&job("a"));
    let mut b = job("b");
    b["metadata"]["labels"] = json!({"app": "b"});
    scene.there(&b);
    scene.there(&job("c"));
    let expected = [
        "KubeDAG.Execution e Created",
        "KubeDAG.job one ActionStart",
        "KubeDAG.job two ActionStart",
    ];
    let mut codes = scene.codes("u-e");
    codes.sort();
    assert_eq!(codes, expected);
    assert_eq!(scene.codes("u-c").len(), 2);
}

#[test]
fn an_owner_reference_to_an_execution_joins_even_if_it_is_never_shown() {
    let mut scene = Scene::new();
    let mut owned_job = labelled(job("j"), "", "align");
    owned_job["metadata"]["ownerReferences"] = owned("e", "dagtrail.dev/v1alpha1", "Execution");
    scene.there(&owned_job);
    assert!(scene.executions().is_empty());
    scene.wait(6);
    assert_eq!(scene.codes("u-e"), ["K8s.Job align ActionStart"]);
}

#[test]
fn a_pod_with_the_labels_of_its_job_is_an_element_beside_it() {
    let mut scene = Scene::new();
    scene.there(&execution("e", &elements()));
    scene.there(&labelled(job("j"), "e", "align"));
    scene.there(&labelled(pod_of("j", "p"), "e", "align"));
    let codes = scene.codes("u-e");
    assert!(codes.contains(&"KubeDAG.job align ActionStart".into()));
    assert!(codes.contains(&"K8s.Pod p ActionStart".into()));
}

#[test]
fn a_pod_that_alone_carries_the_labels_stands_for_the_element() {
    let mut scene = Scene::new();
    scene.there(&execution("e", &elements()));
    scene.there(&labelled(pod_of("j", "p"), "e", "align"));
    scene.there(&job("j"));
    let codes = scene.codes("u-e");
    assert!(
        codes.contains(&"KubeDAG.job align ActionStart".into()),
        "{codes:?}"
    );
    assert_eq!(scene.codes("u-j").len(), 2);
}

#[test]
fn a_later_claim_makes_the_old_id_an_alias_and_moves_nothing() {
    let mut scene = Scene::new();
    scene.there(&labelled(job("j"), "e", "align"));
    scene.wait(6);
    assert_eq!(scene.codes("u-j").len(), 2);
    scene.there(&execution("e", &elements()));
    assert_eq!(scene.codes("u-e").len(), 3);
    assert_eq!(scene.codes("u-e"), scene.codes("u-j"));
    scene.there(&labelled(complete("j"), "e", "align"));
    let rows = scene.rows("u-e");
    let end = rows.iter().find(|row| &*row.key.code == "SuccessfulFinish");
    assert_eq!(end.map(|row| &*row.execution.id), Some("u-j"));
}

#[test]
fn a_relabelled_job_stays_where_it_was_seen_first() {
    let mut scene = Scene::new();
    scene.there(&execution("e", &elements()));
    scene.there(&execution("f", &elements()));
    scene.there(&labelled(job("j"), "e", "align"));
    scene.there(&labelled(complete("j"), "f", "align"));
    scene.restart();
    scene.there(&execution("f", &elements()));
    scene.there(&labelled(complete("j"), "f", "align"));
    assert_eq!(scene.codes("u-e").len(), 3);
    assert_eq!(scene.codes("u-f").len(), 1);
}

#[test]
fn events_come_after_their_pod_is_gone_and_after_a_restart() {
    let mut scene = Scene::new();
    scene.there(&execution("e", &elements()));
    scene.there(&labelled(job("j"), "e", "align"));
    scene.there(&pod_of("j", "p"));
    scene.gone(&pod_of("j", "p"));
    scene.restart();
    scene.there(&event("Pod", "p", "Killing"));
    let rows = scene.rows("u-e");
    let killing = rows.iter().find(|row| &*row.key.code == "Killing").unwrap();
    assert_eq!(&*killing.body().elem_id, "p");
}

#[test]
fn rows_of_a_pod_are_the_same_after_a_restart_that_finds_its_owners_gone() {
    let mut scene = Scene::new();
    scene.there(&execution("e", &elements()));
    scene.there(&labelled(job("j"), "e", "align"));
    scene.there(&pod_of("j", "p"));
    let before = scene.timeline("u-e");
    scene.restart();
    scene.there(&pod_of("j", "p"));
    assert_eq!(scene.timeline("u-e"), before);
}

#[test]
fn events_of_a_job_that_is_gone_go_to_the_execution_of_its_uid() {
    let mut scene = Scene::new();
    scene.there(&event("Job", "j", "SuccessfulCreate"));
    scene.there(&event("Job", "j", "Completed"));
    assert_eq!(scene.desk.parked(), 2);
    scene.wait(6);
    assert_eq!(
        scene.codes("u-j"),
        ["K8s.Job j Completed", "K8s.Job j SuccessfulCreate"]
    );
    assert_eq!(scene.desk.parked(), 0);
}

#[test]
fn events_of_a_pod_that_never_shows_up_are_dropped_by_age() {
    let mut scene = Scene::new();
    scene.there(&event("Pod", "p", "Pulled"));
    scene.wait(299);
    assert_eq!(scene.desk.parked(), 1);
    scene.wait(2);
    assert_eq!(scene.desk.parked(), 0);
    assert_eq!(scene.desk.take_tally().dropped, 1);
}

#[test]
fn a_pod_whose_job_is_never_shown_goes_to_the_execution_of_the_jobs_uid() {
    let mut scene = Scene::new();
    scene.there(&pod_of("j", "p"));
    assert!(scene.executions().is_empty());
    scene.wait(6);
    assert_eq!(scene.codes("u-j"), ["K8s.Pod p ActionStart"]);
    assert_eq!(&*scene.rows("u-j")[0].body().involved.name, "j");
}

#[test]
fn an_owner_that_is_shown_too_late_brings_what_was_told_without_it_into_its_execution() {
    // The watch of Jobs lags by more than the time of grace; that of Pods and Events does not.
    let workflow = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow",
        "metadata": {"name": "w", "namespace": "n", "uid": "u-w"}, "status": {"phase": "Running"}});
    let mut late = job("j");
    late["metadata"]["ownerReferences"] = owned("w", "argoproj.io/v1alpha1", "Workflow");
    for first in [pod_of("j", "p"), event("Job", "j", "SuccessfulCreate")] {
        let mut scene = Scene::new();
        scene.there(&workflow);
        scene.there(&first);
        scene.wait(6);
        let before = scene.rows("u-j");
        assert_eq!(before.len(), 1);
        scene.there(&late);
        let codes = scene.codes("u-w");
        assert!(codes.contains(&"K8s.Job j ActionStart".into()), "{codes:?}");
        let rows = scene.rows("u-w");
        assert!(before.iter().all(|row| rows.contains(row)), "{codes:?}");
    }
}

#[test]
fn aliases_come_from_annotations_labels_and_the_spec() {
    let mut scene = Scene::new();
    let mut e = execution("e", &elements());
    e["spec"]["aliases"] = json!(["guid"]);
    scene.there(&e);
    let mut j = labelled(job("j"), "e", "align");
    j["metadata"]["annotations"] = json!({"dagtrail.dev/aliases": "other, third"});
    j["metadata"]["labels"]["prefect.io/flow-run-id"] = json!("flow");
    scene.there(&j);
    for alias in ["guid", "other", "third", "flow"] {
        assert_eq!(scene.codes(alias), scene.codes("u-e"), "{alias}");
    }
}

#[test]
fn an_index_entry_is_told_again_before_it_is_forgotten() {
    let mut scene = Scene::new();
    scene.there(&job("j"));
    let seen = |scene: &Scene| {
        use crate::store::Store;
        scene.store.correlation("u-j").unwrap().unwrap().seen
    };
    let first = seen(&scene);
    scene.wait(3600);
    scene.there(&job("j"));
    assert_eq!(seen(&scene), first);
    scene.wait(24 * 3600);
    scene.there(&job("j"));
    assert_eq!(seen(&scene), scene.now);
}

proptest! {
    /// Within the time of grace the order in which the kinds' watches bring things does not matter.
    #[test]
    fn any_order_of_arrival_gives_the_same_history(order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle()) {
        let all = [
            execution("e", &elements()),
            labelled(job("j"), "e", "align"),
            labelled(complete("j"), "e", "align"),
            pod_of("j", "p"),
            event("Job", "j", "SuccessfulCreate"),
            event("Pod", "p", "Pulled"),
            event("Pod", "p", "Started"),
        ];
        let mut straight = Scene::new();
        all.iter().for_each(|object| straight.there(object));
        let mut scene = Scene::new();
        for at in order {
            scene.there(&all[at]);
        }
        prop_assert_eq!(scene.timeline("u-e"), straight.timeline("u-e"));
        prop_assert_eq!(scene.executions(), ["n/u-e".to_owned()].into());
        prop_assert_eq!(scene.desk.parked(), 0);
    }
}
