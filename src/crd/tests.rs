//! What the API server is given to enforce, read back from the definition.

use serde_json::{Value, json};

use super::*;

/// The only definition, as JSON.
fn definition() -> Value {
    let all = all();
    assert_eq!(all.len(), 1);
    serde_json::to_value(&all[0]).unwrap()
}

fn version() -> Value {
    definition()["spec"]["versions"][0].clone()
}

/// The schema at the end of a path of property names; `[]` steps into the items of a list.
fn schema(path: &str) -> Value {
    let root = version()["schema"]["openAPIV3Schema"].clone();
    path.split('.')
        .filter(|name| !name.is_empty())
        .fold(root, |schema, name| match name {
            "[]" => schema["items"].clone(),
            name => schema["properties"][name].clone(),
        })
}

fn rules(path: &str) -> Vec<String> {
    let schema = schema(path);
    let rules = schema["x-kubernetes-validations"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    rules
        .iter()
        .map(|rule| rule["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_names_are_those_that_users_type() {
    let definition = definition();
    assert_eq!(definition["metadata"]["name"], "executions.dagtrail.dev");
    assert_eq!(definition["spec"]["scope"], "Namespaced");
    assert_eq!(
        definition["spec"]["names"],
        json!({"kind": "Execution", "plural": "executions", "singular": "execution"}),
        "no short name and no category: another engine owns the plural in its own group"
    );
    assert_eq!(version()["name"], "v1alpha1");
    assert_eq!(version()["served"], true);
    assert_eq!(version()["storage"], true);
}

#[test]
fn the_columns_show_phase_totals_last_reason_and_age() {
    let columns: Vec<_> = version()["additionalPrinterColumns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| [&c["name"], &c["type"], &c["jsonPath"]].map(|v| v.as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(
        columns,
        [
            ["PHASE", "string", ".status.phase"],
            ["EVENTS", "integer", ".status.events"],
            ["WARNINGS", "integer", ".status.warnings"],
            ["LAST-REASON", "string", ".status.lastEvent.code"],
            ["AGE", "date", ".metadata.creationTimestamp"],
        ]
    );
}

#[test]
fn the_status_is_a_subresource() {
    assert_eq!(version()["subresources"], json!({"status": {}}));
}

#[test]
fn lists_are_keyed_so_that_nothing_stands_in_them_twice() {
    for (path, keys) in [
        ("spec.elements", "id"),
        ("status.elements", "id"),
        ("status.conditions", "type"),
    ] {
        assert_eq!(schema(path)["x-kubernetes-list-type"], "map", "{path}");
        assert_eq!(
            schema(path)["x-kubernetes-list-map-keys"],
            json!([keys]),
            "{path}"
        );
    }
    for path in ["spec.aliases", "spec.elements.[].dependsOn"] {
        assert_eq!(schema(path)["x-kubernetes-list-type"], "set", "{path}");
    }
}

#[test]
fn every_rule_is_there_with_a_message() {
    for (path, parts) in [
        ("", &["self.metadata.name"][..]),
        ("spec.engine", &["self == oldSelf"]),
        ("spec.elements", &["d in ids"]),
        (
            "spec.elements.[]",
            &[
                "has(self.selector) && has(self.objectRef)",
                "self.id in self.dependsOn",
                "size(self.selector.matchLabels)",
            ],
        ),
        ("status", &["self.phase != 'Skipped'"]),
    ] {
        let rules = rules(path);
        assert_eq!(rules.len(), parts.len(), "{path}: {rules:?}");
        for (rule, part) in rules.iter().zip(parts) {
            assert!(rule.contains(part), "{path}: {rule}");
        }
        for rule in schema(path)["x-kubernetes-validations"].as_array().unwrap() {
            assert!(rule["message"].is_string(), "{rule}");
        }
    }
}

/// The API server refuses a definition whose rules could cost too much, and estimates the cost
/// from these bounds.
#[test]
fn whatever_a_rule_walks_is_bounded() {
    for list in [
        "spec.aliases",
        "spec.elements",
        "spec.elements.[].dependsOn",
        "status.elements",
    ] {
        assert!(schema(list)["maxItems"].is_u64(), "{list}");
    }
    for text in [
        "spec.engine",
        "spec.aliases.[]",
        "spec.elements.[].id",
        "spec.elements.[].dependsOn.[]",
    ] {
        assert!(schema(text)["maxLength"].is_u64(), "{text}");
    }
}

#[test]
fn nothing_may_be_null() {
    assert!(!yaml().contains("nullable"));
}

#[test]
fn every_field_is_described() {
    fn walk(path: &str, schema: &Value) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            assert!(field["description"].is_string(), "{path}");
            walk(&path, field);
            walk(&path, &field["items"]);
        }
    }
    walk("spec", &schema("spec"));
    walk("status", &schema("status"));
}

#[test]
fn yaml_reads_back_as_the_definition() {
    let read: Value = serde_saphyr::from_str(&yaml()).unwrap();
    assert_eq!(read, definition());
}

#[test]
fn an_execution_reads_and_writes_as_its_author_wrote_it() {
    let written = json!({
        "apiVersion": "dagtrail.dev/v1alpha1",
        "kind": "Execution",
        "metadata": {"name": "nightly", "namespace": "genomics"},
        "spec": {
            "engine": "KubeDAG",
            "aliases": ["e19d3faf"],
            "elements": [
                {"id": "init", "type": "init"},
                {"id": "align", "type": "job", "dependsOn": ["init"],
                 "selector": {"matchLabels": {"step": "align"}}},
                {"id": "sort", "type": "job", "dependsOn": ["align"],
                 "objectRef": {"apiVersion": "batch/v1", "kind": "Job", "name": "sort"}},
            ],
        },
        "status": {
            "phase": "Running",
            "elements": [{"id": "init", "phase": "Succeeded",
                          "startedAt": "2018-08-20T06:41:44Z", "finishedAt": "2018-08-20T06:41:44Z"}],
            "events": 3,
            "warnings": 0,
            "lastEvent": {"code": "ActionStart", "time": "2018-08-20T06:41:44Z"},
            "startedAt": "2018-08-20T06:41:44Z",
            "observedGeneration": 1,
        },
    });
    let read: Execution = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(read.status.as_ref().unwrap().phase, Some(Phase::Running));
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
}

#[test]
fn only_pending_and_running_are_followed_by_another_phase() {
    assert!(!Phase::Pending.is_terminal() && !Phase::Running.is_terminal());
    for phase in [
        Phase::Succeeded,
        Phase::Failed,
        Phase::Error,
        Phase::Cancelled,
        Phase::Skipped,
    ] {
        assert!(phase.is_terminal(), "{phase:?}");
    }
}
