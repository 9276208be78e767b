//! The manifest and the chart install the same program with the same rights. The chart is read
//! without Helm: the lines that hold template actions are left out, and what remains is YAML.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn text(relative: impl AsRef<Path>) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(relative);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn documents(name: &str, yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The document of the manifest that has this kind.
fn manifest(kind: &str) -> Value {
    let mut found = documents("manifest", &text("deploy/dagtrail.yaml"));
    found.retain(|doc| doc["kind"] == kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.remove(0)
}

/// A template of the chart without its actions.
fn template(name: &str) -> Value {
    let text = text(format!("charts/dagtrail/templates/{name}.yaml"));
    let fixed: Vec<_> = text.lines().filter(|line| !line.contains("{{")).collect();
    let mut found = documents(name, &fixed.join("\n"));
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0)
}

fn container(stateful_set: &Value) -> &Value {
    let containers = &stateful_set["spec"]["template"]["spec"]["containers"];
    assert_eq!(containers.as_array().map(Vec::len), Some(1));
    &containers[0]
}

fn args(stateful_set: &Value) -> Vec<String> {
    serde_json::from_value(container(stateful_set)["args"].clone()).expect("args are strings")
}

fn after<'a>(args: &'a [String], flag: &str) -> &'a str {
    let at = args
        .iter()
        .position(|arg| arg == flag)
        .unwrap_or_else(|| panic!("{flag}"));
    &args[at + 1]
}

#[test]
fn the_manifest_holds_what_an_installation_needs_in_one_namespace() {
    let documents = documents("manifest", &text("deploy/dagtrail.yaml"));
    let kinds: Vec<_> = documents
        .iter()
        .map(|doc| doc["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "Namespace",
            "CustomResourceDefinition",
            "ServiceAccount",
            "ClusterRole",
            "ClusterRoleBinding",
            "Role",
            "RoleBinding",
            "Service",
            "StatefulSet",
        ]
    );
    let namespaced = [
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "Service",
        "StatefulSet",
    ];
    for kind in namespaced {
        assert_eq!(
            manifest(kind)["metadata"]["namespace"],
            "dagtrail-system",
            "{kind}"
        );
    }
    for kind in ["ClusterRoleBinding", "RoleBinding"] {
        assert_eq!(
            manifest(kind)["subjects"],
            json!([{"kind": "ServiceAccount", "name": "dagtrail", "namespace": "dagtrail-system"}])
        );
    }
}

#[test]
fn chart_and_manifest_grant_the_same_rights_and_no_more() {
    for (kind, name) in [("ClusterRole", "clusterrole"), ("Role", "role")] {
        assert_eq!(manifest(kind)["rules"], template(name)["rules"], "{kind}");
    }
    assert_eq!(
        manifest("ClusterRole")["rules"],
        json!([
            {"apiGroups": [""], "resources": ["events", "pods"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["execution.kubegene.io"], "resources": ["executions"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["dagtrail.dev"], "resources": ["executions"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["dagtrail.dev"], "resources": ["executions/status"], "verbs": ["patch", "update"]},
            {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["kube-system"], "verbs": ["get"]},
        ])
    );
    assert_eq!(
        manifest("Role")["rules"],
        json!([{
            "apiGroups": ["coordination.k8s.io"],
            "resources": ["leases"],
            "verbs": ["get", "create", "update", "patch"],
        }])
    );
}

#[test]
fn chart_and_manifest_start_the_same_pod() {
    let (manifest, chart) = (manifest("StatefulSet"), template("statefulset"));
    for key in ["args", "env", "ports", "securityContext", "volumeMounts"]
        .into_iter()
        .chain(["startupProbe", "livenessProbe", "readinessProbe"])
    {
        assert!(!container(&manifest)[key].is_null(), "{key}");
        assert_eq!(container(&manifest)[key], container(&chart)[key], "{key}");
    }
    for key in [
        "securityContext",
        "terminationGracePeriodSeconds",
        "automountServiceAccountToken",
    ] {
        let pod = |set: &Value| set["spec"]["template"]["spec"][key].clone();
        assert!(!pod(&manifest).is_null(), "{key}");
        assert_eq!(pod(&manifest), pod(&chart), "{key}");
    }
    let values = &documents("values", &text("charts/dagtrail/values.yaml"))[0];
    assert_eq!(container(&manifest)["resources"], values["resources"]);
    assert_eq!(
        manifest["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"],
        values["persistence"]["size"]
    );
}

#[test]
fn the_arguments_are_flags_that_fit_the_pod() {
    let set = manifest("StatefulSet");
    let args = args(&set);
    assert_eq!(args[0], "serve");
    let flags: Vec<_> = args.iter().filter(|arg| arg.starts_with('-')).collect();
    assert_eq!(
        flags,
        ["--listen", "--insecure-no-auth", "--kube", "--data-dir"]
    );

    assert_eq!(after(&args, "--kube"), "required");
    let container = container(&set);
    let port = container["ports"][0]["containerPort"].as_u64().unwrap();
    assert_eq!(after(&args, "--listen"), format!("0.0.0.0:{port}"));
    assert_eq!(
        after(&args, "--data-dir"),
        container["volumeMounts"][0]["mountPath"]
    );
    assert_eq!(
        container["volumeMounts"][0]["name"],
        set["spec"]["volumeClaimTemplates"][0]["metadata"]["name"]
    );
}

/// A claim template cannot change, so a label that moves with the version would break upgrades.
#[test]
fn the_claim_carries_only_labels_that_never_change() {
    let claim = &manifest("StatefulSet")["spec"]["volumeClaimTemplates"][0]["metadata"];
    assert_eq!(
        claim["labels"],
        json!({"app.kubernetes.io/name": "dagtrail", "app.kubernetes.io/instance": "dagtrail"})
    );
    let chart = text("charts/dagtrail/templates/statefulset.yaml");
    let (_, claim) = chart.split_once("volumeClaimTemplates:").unwrap();
    assert!(claim.contains(r#"include "dagtrail.selectorLabels""#));
    assert!(!claim.contains(r#"include "dagtrail.labels""#));
}

#[test]
fn the_pod_fits_the_restricted_profile() {
    let set = manifest("StatefulSet");
    let pod = &set["spec"]["template"]["spec"]["securityContext"];
    assert_eq!(pod["runAsNonRoot"], true);
    assert_eq!(pod["seccompProfile"]["type"], "RuntimeDefault");
    let container = &container(&set)["securityContext"];
    assert_eq!(container["allowPrivilegeEscalation"], false);
    assert_eq!(container["readOnlyRootFilesystem"], true);
    assert_eq!(container["capabilities"], json!({"drop": ["ALL"]}));
    assert_eq!(
        manifest("Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"],
        "restricted"
    );
}

#[test]
fn the_service_finds_the_pod() {
    let set = manifest("StatefulSet");
    let service = manifest("Service");
    assert_eq!(
        service["spec"]["selector"],
        set["spec"]["template"]["metadata"]["labels"]
    );
    assert_eq!(
        service["spec"]["selector"],
        set["spec"]["selector"]["matchLabels"]
    );
    assert_eq!(
        service["spec"]["ports"][0]["targetPort"],
        container(&set)["ports"][0]["name"]
    );
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
    assert_eq!(container(&set)["image"], format!("{repository}:{VERSION}"));
}

#[test]
fn the_schema_of_the_values_knows_every_value() {
    let values = &documents("values", &text("charts/dagtrail/values.yaml"))[0];
    let schema: Value = serde_json::from_str(&text("charts/dagtrail/values.schema.json")).unwrap();
    let known = schema["properties"].as_object().unwrap();
    for (key, value) in values.as_object().unwrap() {
        let schema = known
            .get(key)
            .unwrap_or_else(|| panic!("{key} is not in the schema"));
        let Some(inner) = schema["properties"].as_object() else {
            continue;
        };
        let given: Vec<_> = value.as_object().unwrap().keys().collect();
        assert_eq!(inner.keys().collect::<Vec<_>>(), given, "{key}");
    }
    let unknown: Vec<_> = known
        .keys()
        .filter(|key| values.get(key.as_str()).is_none())
        .collect();
    assert_eq!(unknown, ["global"], "`global` is Helm's own");
}
