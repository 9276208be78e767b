//! Every metric that an alert or the dashboard asks for is one that dagtrail tells, with the labels that it has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::chart::{self, documents, text};
use crate::{server, tools};

const ALERTS: &str = "charts/dagtrail/files/monitoring/alerts.yaml";
const DASHBOARD: &str = "charts/dagtrail/files/monitoring/dashboard.json";
/// What Prometheus, or who asks, adds to every series.
const OF_THE_TARGET: [&str; 1] = ["namespace"];

fn alerts() -> Vec<Value> {
    let file = documents(ALERTS, &text(ALERTS)).remove(0);
    file["alerts"].as_array().unwrap().clone()
}

/// Every text below `value` that stands under this key.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if name == key {
                    found.extend(value.as_str());
                }
                under(value, key, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| under(value, key, found)),
        _ => {}
    }
}

fn queries() -> Vec<String> {
    let mut queries: Vec<String> = alerts()
        .iter()
        .map(|alert| alert["expr"].as_str().unwrap().to_owned())
        .collect();
    let dashboard: Value = serde_json::from_str(&text(DASHBOARD)).unwrap();
    let mut found = Vec::new();
    under(&dashboard, "expr", &mut found);
    assert!(found.len() > 15, "{found:?}");
    queries.extend(
        found
            .iter()
            .map(|query| query.replace("$__rate_interval", "5m")),
    );
    let mut asked = Vec::new();
    under(&dashboard, "query", &mut asked);
    let variables = asked
        .iter()
        .filter_map(|query| query.strip_prefix("label_values("));
    queries.extend(variables.map(|rest| rest.split(',').next().unwrap().to_owned()));
    queries
}

/// What `docs/metrics.md` says of a metric; the prefix is left out there.
struct Documented {
    labels: BTreeSet<String>,
    is_histogram: bool,
}

fn documented() -> BTreeMap<String, Documented> {
    let mut metrics = BTreeMap::new();
    for line in text("docs/metrics.md").lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, names, labels, what, _] = cells[..] else {
            continue;
        };
        let words = |cell: &str| -> Vec<String> {
            let quoted = cell.split('`').skip(1).step_by(2);
            quoted.map(str::to_owned).collect()
        };
        // `of`: `created`, ...: the label, and then its values.
        let (labels, _) = labels.split_once(':').unwrap_or((labels, ""));
        for name in words(names) {
            let labels = words(labels).into_iter().collect();
            let is_histogram = what.starts_with("Histogram");
            let documented = Documented {
                labels,
                is_histogram,
            };
            metrics.insert(format!("dagtrail_{name}"), documented);
        }
    }
    metrics
}

#[test]
fn alerts_and_dashboard_ask_for_labels_that_there_are() {
    let documented = documented();
    let queries = queries();
    let read = tools::python("queries.py", &serde_json::to_string(&queries).unwrap());
    let read: Vec<Value> = serde_json::from_str(&read).unwrap();
    assert_eq!(read.len(), queries.len());
    for query in &read {
        let selectors = query["selectors"].as_array().unwrap();
        assert!(!selectors.is_empty(), "{query}");
        let mut labels = BTreeSet::from(OF_THE_TARGET.map(String::from));
        for selector in selectors {
            let name = selector[0].as_str().unwrap();
            let bucket = name.strip_suffix("_bucket");
            let of = documented.get(bucket.unwrap_or(name));
            let of = of.unwrap_or_else(|| panic!("{name} is not in docs/metrics.md: {query}"));
            assert_eq!(of.is_histogram, bucket.is_some(), "{name}: {query}");
            labels.extend(of.labels.clone());
            labels.extend(bucket.map(|_| "le".to_owned()));
            for label in selector[1].as_object().unwrap().keys() {
                assert!(
                    labels.contains(label),
                    "{name} has no label {label}: {query}"
                );
            }
        }
        for label in query["grouped"].as_array().unwrap() {
            assert!(labels.contains(label.as_str().unwrap()), "{label}: {query}");
        }
    }
}

/// The rest, which has labels, is told from its first value on.
#[tokio::test]
async fn a_server_that_has_just_started_tells_what_is_asked_for_and_has_no_labels() {
    let folder = tempfile::tempdir().unwrap();
    let server = server::Server::start(folder.path());
    let told = reqwest::get(format!("{}/metrics", server.url))
        .await
        .unwrap();
    let told = told.text().await.unwrap();
    let asked = queries().join(" ");
    let mut found = 0;
    for (name, documented) in documented() {
        if documented.labels.is_empty() && asked.contains(&name) {
            let line = format!("# TYPE {} ", name.trim_end_matches("_total"));
            assert!(told.contains(&line), "{name}: {told}");
            found += 1;
        }
    }
    assert!(found > 6, "{found}");
}

#[test]
fn seven_alerts_have_a_runbook_each_and_no_runbook_is_left_over() {
    let alerts = alerts();
    assert_eq!(alerts.len(), 7);
    let mut pages = BTreeSet::new();
    for alert in &alerts {
        let name = alert["alert"].as_str().unwrap();
        let page = format!("docs/runbooks/{name}.md");
        let url = alert["annotations"]["runbook_url"].as_str().unwrap();
        assert_eq!(url.split_once("/blob/main/").unwrap().1, page);
        let runbook = text(&page);
        assert!(runbook.starts_with(&format!("# {name}\n")), "{page}");
        for part in ["## What it means", "## What to do"] {
            assert!(runbook.contains(part), "{page} has no {part}");
        }
        let severity = alert["labels"]["severity"].as_str().unwrap();
        assert!(["warning", "critical"].contains(&severity));
        pages.insert(format!("{name}.md"));
    }
    let there = std::fs::read_dir(chart::path("docs/runbooks")).unwrap();
    let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(there.collect::<BTreeSet<_>>(), pages);
}

#[test]
fn what_is_rendered_is_what_was_checked() {
    let Some(helm) = chart::helm() else { return };
    let rendered = documents("everything", &chart::rendered(helm, "everything"));
    let of_kind = |kind| rendered.iter().find(|doc| doc["kind"] == kind).unwrap();
    let rules = of_kind("PrometheusRule")["spec"]["groups"][0]["rules"]
        .as_array()
        .unwrap();
    assert_eq!(rules.len(), alerts().len());
    for (rule, alert) in rules.iter().zip(alerts()) {
        for key in ["alert", "expr", "for", "annotations"] {
            assert_eq!(rule[key], alert[key], "{key}");
        }
        assert_eq!(rule["labels"]["team"], "platform");
        assert_eq!(rule["labels"]["severity"], alert["labels"]["severity"]);
    }
    let dashboard = rendered.iter().find(|doc| {
        doc["kind"] == "ConfigMap" && doc["metadata"]["labels"]["grafana_dashboard"] == "1"
    });
    let dashboard = dashboard.unwrap();
    assert_eq!(dashboard["data"]["dagtrail.json"], text(DASHBOARD));
}

#[test]
fn panels_have_numbers_of_their_own_and_do_not_overlap() {
    let dashboard: Value = serde_json::from_str(&text(DASHBOARD)).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels
        .iter()
        .map(|panel| panel["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24);
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{}", panel["title"]);
            }
        }
    }
}
