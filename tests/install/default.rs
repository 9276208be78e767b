//! What Helm renders by default is what `deploy/dagtrail.yaml` and `dagtrail manifests` install.

use serde_json::{Value, json};

use crate::chart::{self, NAMESPACE, after, args, container, documents, holds, text};
use crate::server;

const MANIFEST: &str = "deploy/dagtrail.yaml";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `helm install --create-namespace` makes beside what the chart renders.
const BEFORE: &str = "# dagtrail in one manifest: kubectl apply -f deploy/dagtrail.yaml
# It is what the chart renders by default; change the chart, not this file.
apiVersion: v1
kind: Namespace
metadata:
  name: dagtrail-system
  labels:
    app.kubernetes.io/name: dagtrail
    pod-security.kubernetes.io/enforce: restricted
";

/// A rendering without what only Helm has a use for.
fn without_helm(rendered: &str) -> String {
    let of_helm = |line: &&str| {
        line.starts_with("# Source: ")
            || line.trim_start().starts_with("helm.sh/chart: ")
            || *line.trim_start() == *"app.kubernetes.io/managed-by: Helm"
            || line.is_empty()
    };
    let lines = rendered.lines().filter(|line| !of_helm(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The documents of this kind.
fn all(kind: &str) -> Vec<Value> {
    let mut found = documents("manifest", &text(MANIFEST));
    found.retain(|doc| doc["kind"] == kind);
    found
}

/// The one document of this kind.
fn manifest(kind: &str) -> Value {
    let mut found = all(kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.remove(0)
}

#[test]
fn the_manifest_is_what_helm_renders_by_default() {
    let Some(helm) = chart::helm() else { return };
    let rendered = without_helm(&chart::rendered(helm, "default"));
    holds(MANIFEST, &format!("{BEFORE}{rendered}"));
}

#[test]
fn the_command_prints_the_manifest() {
    let (well, printed, said) = server::output(&["manifests"]);
    assert!(well, "{said}");
    assert_eq!(printed, text(MANIFEST));
    let (well, printed, _) = server::output(&["manifests", "--namespace", "team-a"]);
    assert!(well);
    assert!(!printed.contains(NAMESPACE));
    documents("manifests", &printed);
    assert!(!server::output(&["manifests", "--namespace", "Team"]).0);
}

#[test]
fn the_manifest_holds_what_an_installation_needs_in_one_namespace() {
    let documents = documents("manifest", &text(MANIFEST));
    let kinds: Vec<_> = documents
        .iter()
        .map(|doc| doc["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "Namespace",
            "ServiceAccount",
            "ServiceAccount",
            "CustomResourceDefinition",
            "ClusterRole",
            "ClusterRole",
            "ClusterRole",
            "ClusterRole",
            "ClusterRoleBinding",
            "ClusterRoleBinding",
            "Role",
            "RoleBinding",
            "Service",
            "StatefulSet",
        ]
    );
    for kind in [
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "Service",
        "StatefulSet",
    ] {
        for document in all(kind) {
            assert_eq!(document["metadata"]["namespace"], NAMESPACE, "{kind}");
        }
    }
    let bindings = [all("ClusterRoleBinding"), all("RoleBinding")].concat();
    let bound: Vec<_> = bindings
        .iter()
        .map(|binding| (&binding["roleRef"]["name"], &binding["subjects"]))
        .collect();
    let to = |name| json!([{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}]);
    assert_eq!(
        bound,
        [
            (&json!("dagtrail"), &to("dagtrail")),
            (&json!("dagtrail-readonly"), &to("dagtrail-reader")),
            (&json!("dagtrail"), &to("dagtrail")),
        ]
    );
    let definition = manifest("CustomResourceDefinition");
    let keep = &definition["metadata"]["annotations"]["helm.sh/resource-policy"];
    assert_eq!(keep, "keep");
}

/// By name, since a right that is added here has to be added by hand there.
#[test]
fn the_rights_are_these_and_no_others() {
    let roles = all("ClusterRole");
    let own = roles
        .iter()
        .find(|role| role["metadata"]["name"] == "dagtrail");
    assert_eq!(
        own.unwrap()["rules"],
        json!([
            {"apiGroups": [""], "resources": ["events", "pods"], "verbs": ["list", "watch"]},
            {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["list", "watch"]},
            {"apiGroups": ["dagtrail.dev"], "resources": ["executions"], "verbs": ["list", "watch"]},
            {"apiGroups": ["dagtrail.dev"], "resources": ["executions/status"], "verbs": ["patch"]},
            {"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["list", "watch"]},
            {"apiGroups": ["tekton.dev"], "resources": ["pipelineruns", "taskruns", "customruns"], "verbs": ["list", "watch"]},
            {"apiGroups": ["execution.kubegene.io"], "resources": ["executions"], "verbs": ["list", "watch"]},
            {"apiGroups": ["batch.volcano.sh"], "resources": ["jobs"], "verbs": ["list", "watch"]},
            {"apiGroups": ["flow.volcano.sh"], "resources": ["jobflows"], "verbs": ["list", "watch"]},
            {"apiGroups": ["kueue.x-k8s.io"], "resources": ["workloads"], "verbs": ["list", "watch"]},
            {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["kube-system"], "verbs": ["get"]},
            {"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
            {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
        ])
    );
    assert_eq!(
        manifest("Role")["rules"],
        json!([
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": ["dagtrail"], "verbs": ["get", "patch"]},
        ])
    );
}

#[test]
fn the_arguments_fit_the_pod() {
    let set = manifest("StatefulSet");
    let args = args(&set);
    assert_eq!(args[0], "serve");
    assert_eq!(after(&args, "--kube"), "required");
    let container = container(&set);
    let port = container["ports"][0]["containerPort"].as_u64().unwrap();
    assert_eq!(after(&args, "--listen"), format!("0.0.0.0:{port}"));
    let mount = &container["volumeMounts"][0];
    assert_eq!(after(&args, "--data-dir"), mount["mountPath"]);
    let claim = &set["spec"]["volumeClaimTemplates"][0]["metadata"];
    assert_eq!(mount["name"], claim["name"]);
}

/// A claim template cannot change, so a label that moves with the version would break upgrades.
#[test]
fn the_claim_carries_only_labels_that_never_change() {
    let claim = &manifest("StatefulSet")["spec"]["volumeClaimTemplates"][0]["metadata"];
    assert_eq!(
        claim["labels"],
        json!({"app.kubernetes.io/name": "dagtrail", "app.kubernetes.io/instance": "dagtrail"})
    );
    let Some(helm) = chart::helm() else { return };
    let of = |set| {
        let rendered = documents(set, &chart::rendered(helm, set));
        let found = rendered
            .into_iter()
            .find(|doc| doc["kind"] == "StatefulSet");
        found.unwrap()["spec"]["volumeClaimTemplates"][0]["metadata"]["labels"].clone()
    };
    assert_eq!(of("everything"), claim["labels"]);
}

#[test]
fn the_service_finds_the_pod() {
    let set = manifest("StatefulSet");
    let service = manifest("Service");
    let labels = &set["spec"]["template"]["metadata"]["labels"];
    assert_eq!(&service["spec"]["selector"], labels);
    assert_eq!(&set["spec"]["selector"]["matchLabels"], labels);
    let (port, target) = (&container(&set)["ports"][0], &service["spec"]["ports"][0]);
    assert_eq!(target["targetPort"], port["name"]);
    assert_eq!(set["spec"]["serviceName"], service["metadata"]["name"]);
}

#[test]
fn chart_manifest_and_crate_have_one_version() {
    let chart = &documents("chart", &text("charts/dagtrail/Chart.yaml"))[0];
    assert_eq!(chart["version"], VERSION);
    assert_eq!(chart["appVersion"], VERSION);
    let values = &documents("values", &text("charts/dagtrail/values.yaml"))[0];
    let repository = values["image"]["repository"].as_str().unwrap();
    let set = manifest("StatefulSet");
    let image = &container(&set)["image"];
    assert_eq!(*image, format!("{repository}:{VERSION}"));
}
