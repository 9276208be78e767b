//! To which execution and element the objects of engines belong.

use serde_json::{Value, json};

use super::scene::*;

const TEKTON: &str = "tekton.dev/v1";
const VOLCANO: &str = "batch.volcano.sh/v1alpha1";

fn of(api_version: &str, kind: &str, name: &str) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": meta(name), "status": {}})
}

fn under(mut object: Value, owner: &str, api_version: &str, kind: &str) -> Value {
    object["metadata"]["ownerReferences"] = owned(owner, api_version, kind);
    object
}

fn with_labels(mut object: Value, labels: &Value) -> Value {
    object["metadata"]["labels"] = labels.clone();
    object
}

fn started(mut object: Value) -> Value {
    object["status"]["startTime"] = json!("2026-01-01T00:00:01Z");
    object
}

#[test]
fn a_run_without_a_pipeline_run_is_an_execution() {
    for (version, kind) in [(TEKTON, "TaskRun"), ("tekton.dev/v1beta1", "CustomRun")] {
        let mut scene = Scene::new();
        scene.there(&started(of(version, kind, "r")));
        let expected = [
            format!("Tekton.{kind} r Created"),
            format!("Tekton.{kind} r ActionStart"),
        ];
        assert_eq!(scene.codes("u-r"), expected);
    }
}

#[test]
fn the_pod_of_a_task_run_sits_on_its_element_though_the_run_is_never_shown() {
    let labels = json!({"tekton.dev/pipelineTask": "build", "tekton.dev/pipelineRun": "p",
        "tekton.dev/pipelineRunUID": "u-p"});
    let pod = with_labels(under(pod("r-pod"), "r", TEKTON, "TaskRun"), &labels);
    let mut scene = Scene::new();
    scene.there(&pod);
    scene.wait(6);
    scene.there(&event("Pod", "r-pod", "Pulled"));
    assert_eq!(scene.codes("u-p"), ["Tekton.TaskRun build Pulled"]);
    let run = under(of(TEKTON, "TaskRun", "r"), "p", TEKTON, "PipelineRun");
    scene.there(&of(TEKTON, "PipelineRun", "p"));
    scene.there(&with_labels(started(run), &labels));
    let codes = scene.codes("u-p");
    assert!(codes.contains(&"Tekton.TaskRun build ActionStart".into()));
    assert_eq!(scene.executions(), ["n/u-p".to_owned()].into());
}

#[test]
fn a_pod_that_an_execution_claims_tells_its_own_start_though_an_engine_owns_it() {
    let mut scene = Scene::new();
    scene.there(&execution("e", &json!([{"id": "align", "type": "job"}])));
    scene.there(&started(of(TEKTON, "TaskRun", "r")));
    let pod = under(pod("p"), "r", TEKTON, "TaskRun");
    scene.there(&labelled(pod, "e", "align"));
    let codes = scene.codes("u-e");
    assert!(
        codes.contains(&"KubeDAG.job align ActionStart".into()),
        "{codes:?}"
    );
}

#[test]
fn jobs_of_one_name_and_two_groups_are_two_executions() {
    let mut of_volcano = of(VOLCANO, "Job", "j");
    of_volcano["metadata"]["uid"] = json!("u-volcano");
    let mut scene = Scene::new();
    scene.there(&job("j"));
    scene.there(&of_volcano);
    assert_eq!(scene.codes("u-volcano"), ["Volcano.Job j Created"]);
    assert_eq!(
        scene.codes("u-j"),
        ["K8s.Job j Created", "K8s.Job j ActionStart"]
    );
}

#[test]
fn a_workload_belongs_to_the_execution_of_its_owner_and_is_none_itself() {
    let version = "kueue.x-k8s.io/v1beta2";
    let workload = || of(version, "Workload", "w");
    let mut scene = Scene::new();
    scene.there(&under(workload(), "j", "batch/v1", "Job"));
    scene.there(&job("j"));
    assert!(
        scene
            .codes("u-j")
            .contains(&"Kueue.Workload w Queued".into())
    );

    let mut scene = Scene::new();
    scene.there(&under(workload(), "ray", "ray.io/v1", "RayJob"));
    scene.wait(6);
    assert!(scene.executions().is_empty());

    // What Kueue holds back may be the Pod of something that is not recorded.
    let mut scene = Scene::new();
    scene.there(&under(pod("web"), "web", "apps/v1", "ReplicaSet"));
    scene.there(&under(workload(), "web", "v1", "Pod"));
    scene.wait(6);
    assert!(scene.executions().is_empty());
}

#[test]
fn runs_of_one_name_are_two_executions_if_the_first_was_deleted() {
    let mut scene = Scene::new();
    let first = started(of(TEKTON, "PipelineRun", "p"));
    scene.there(&first);
    scene.gone(&first);
    let mut second = first;
    second["metadata"]["uid"] = json!("u-second");
    scene.there(&second);
    assert_eq!(scene.codes("u-p").len(), 3);
    assert_eq!(scene.codes("u-second").len(), 2);
}
