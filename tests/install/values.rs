//! What the chart takes as values, and what it refuses.

use serde_json::Value;

use crate::chart::{self, documents, text};

fn schema() -> Value {
    serde_json::from_str(&text("charts/dagtrail/values.schema.json")).unwrap()
}

/// Every value is in the schema and everything in the schema is a value; where a value is a map of ours, the schema
/// allows no other key.
fn agree(path: &str, value: &Value, schema: &Value, compared: &mut usize) {
    let Some(known) = schema["properties"].as_object() else {
        return;
    };
    assert_eq!(schema["additionalProperties"], false, "{path}");
    let given = value.as_object().unwrap_or_else(|| panic!("{path}"));
    let names = |keys: serde_json::map::Keys<'_>| {
        let mut names: Vec<_> = keys.filter(|key| *key != "global").cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(given.keys()), names(known.keys()), "{path}");
    for (key, value) in given {
        agree(&format!("{path}.{key}"), value, &known[key], compared);
        *compared += 1;
    }
}

#[test]
fn schema_and_values_know_the_same_names() {
    let values = &documents("values", &text("charts/dagtrail/values.yaml"))[0];
    let mut compared = 0;
    agree("", values, &schema(), &mut compared);
    assert!(compared > 90, "{compared}");
}

#[test]
fn what_cannot_be_is_refused_with_its_name() {
    let Some(helm) = chart::helm() else { return };
    for (set, named) in [
        ("replicaCount=2", "/replicaCount"),
        ("replicas=1", "'replicas' not allowed"),
        ("image.tagg=1", "'tagg' not allowed"),
        ("crds.enabled=perhaps", "/crds/enabled"),
        ("engines.airflow=true", "'airflow' not allowed"),
        ("persistence.size=big", "/persistence/size"),
        ("logFormat=xml", "/logFormat"),
        ("service.port=0", "/service/port"),
        ("scopedNamespace=Team", "/scopedNamespace"),
        (
            "podDisruptionBudget.maxUnavailable=some",
            "/podDisruptionBudget/maxUnavailable",
        ),
        ("scopedNamespace=a", "needs clusterName"),
        (
            "scopedNamespace=a,clusterName=c",
            "needs auth.tokens.existingSecret",
        ),
    ] {
        let said = chart::template(helm, &["--set", set]).expect_err(set);
        assert!(said.contains(named), "{set}: {said}");
    }
}
