//! Each rendering of the chart is what Kubernetes knows, what the restricted profile allows, and what dagtrail takes.

use std::collections::BTreeSet;
use std::fs;

use dagtrail::retention;
use serde_json::{Value, json};

use crate::chart::{self, args, container, documents, rendered, sets};
use crate::{server, tools};

/// The oldest version that the chart is for, one between, and the newest that the checker has.
const VERSIONS: [&str; 3] = ["1.29", "1.33", "1.37"];
/// Of another project: their definitions are not part of Kubernetes.
const FOREIGN: [&str; 2] = ["PrometheusRule", "ServiceMonitor"];

fn each() -> Vec<(String, String)> {
    let Some(helm) = chart::helm() else {
        return Vec::new();
    };
    let sets = sets().into_iter();
    sets.map(|set| (set.clone(), rendered(helm, &set)))
        .collect()
}

fn of_kind<'a>(documents: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    documents.iter().filter(move |doc| doc["kind"] == kind)
}

#[test]
fn helm_finds_nothing_to_complain_of() {
    let Some(helm) = chart::helm() else { return };
    let folder = chart::path("charts/dagtrail");
    let values = sets()
        .into_iter()
        .map(|set| format!("tests/install/values/{set}.yaml"));
    for values in values {
        let values = chart::path(values);
        let args = ["lint", "--strict", "--kube-version", "1.37.0"];
        let (folder, values) = (folder.to_str().unwrap(), values.to_str().unwrap());
        let said = chart::run(helm, &[&args[..], &[folder, "--values", values]].concat());
        assert!(said.is_ok(), "{values}: {said:?}");
    }
}

#[test]
fn kubernetes_knows_every_field_of_every_rendering() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = each()
        .into_iter()
        .map(|(set, rendered)| {
            let file = folder.path().join(format!("{set}.yaml"));
            fs::write(&file, rendered).unwrap();
            file
        })
        .collect();
    if files.is_empty() {
        return;
    }
    let broken = folder.path().join("broken.yaml");
    let text = fs::read_to_string(&files[0]).unwrap();
    fs::write(&broken, text.replacen("replicas:", "replicaz:", 1)).unwrap();
    for version in VERSIONS {
        let check = |files: &[std::path::PathBuf]| {
            let mut command = tools::kubernetes_validate();
            command.args(["-k", version, "--strict"]).args(files);
            let done = command.output().unwrap();
            let said = [done.stdout, done.stderr].concat();
            (done.status.success(), String::from_utf8(said).unwrap())
        };
        let (well, said) = check(&files);
        assert!(well, "{version}: {said}");
        let unknown: BTreeSet<_> = said
            .lines()
            .filter(|line| !line.starts_with("INFO "))
            .map(|line| {
                let (_, rest) = line.split_once("Couldn't find schema for kind ").unwrap();
                rest.split(' ').next().unwrap()
            })
            .collect();
        assert_eq!(unknown, BTreeSet::from(FOREIGN), "{version}");
        assert!(!check(std::slice::from_ref(&broken)).0, "it can complain");
    }
}

#[test]
fn every_pod_fits_the_restricted_profile() {
    for (set, rendered) in each() {
        let documents = documents(&set, &rendered);
        let set = of_kind(&documents, "StatefulSet").next().unwrap();
        let pod = &set["spec"]["template"]["spec"]["securityContext"];
        assert_eq!(pod["runAsNonRoot"], true);
        assert_eq!(pod["seccompProfile"]["type"], "RuntimeDefault");
        let container = &container(set)["securityContext"];
        assert_eq!(container["allowPrivilegeEscalation"], false);
        assert_eq!(container["readOnlyRootFilesystem"], true);
        assert_eq!(container["capabilities"], json!({"drop": ["ALL"]}));
    }
}

#[test]
fn no_role_has_a_wildcard_or_reads_secrets() {
    for (set, rendered) in each() {
        let documents = documents(&set, &rendered);
        let roles = of_kind(&documents, "ClusterRole").chain(of_kind(&documents, "Role"));
        let mut rules = 0;
        for rule in roles.flat_map(|role| role["rules"].as_array().unwrap()) {
            for what in ["apiGroups", "resources", "verbs"] {
                let named = rule[what].as_array().unwrap();
                assert!(!named.is_empty(), "{set}: {rule}");
                for one in named {
                    let one = one.as_str().unwrap();
                    assert!(!one.contains('*'), "{set}: {rule}");
                    let refused = ["secrets", "pods/exec", "escalate", "bind", "impersonate"];
                    assert!(!refused.contains(&one), "{set}: {rule}");
                }
            }
            rules += 1;
        }
        assert!(rules >= 4, "{set}");
    }
}

#[test]
fn one_namespace_needs_no_right_to_the_cluster() {
    let Some(helm) = chart::helm() else { return };
    let documents = documents("namespaced", &rendered(helm, "namespaced"));
    assert_eq!(of_kind(&documents, "ClusterRole").count(), 0);
    assert_eq!(of_kind(&documents, "ClusterRoleBinding").count(), 0);
    let namespaces: Vec<_> = of_kind(&documents, "Role")
        .map(|role| &role["metadata"]["namespace"])
        .collect();
    assert_eq!(namespaces, [chart::NAMESPACE, "team-a"]);
}

#[test]
fn the_right_to_a_kind_is_there_when_its_engine_is_on() {
    let Some(helm) = chart::helm() else { return };
    let groups = |set| {
        let documents = documents(set, &rendered(helm, set));
        let role =
            of_kind(&documents, "ClusterRole").find(|role| role["metadata"]["name"] == "dagtrail");
        let rules = role.unwrap()["rules"].as_array().unwrap().clone();
        let groups = rules
            .iter()
            .map(|rule| rule["apiGroups"][0].as_str().unwrap().to_owned());
        groups.collect::<BTreeSet<_>>()
    };
    let own = [
        "",
        "batch",
        "dagtrail.dev",
        "authentication.k8s.io",
        "authorization.k8s.io",
    ]
    .map(String::from);
    assert_eq!(groups("kubernetes-only"), BTreeSet::from(own.clone()));
    let some = ["argoproj.io", "batch.volcano.sh", "flow.volcano.sh"].map(String::from);
    assert_eq!(
        groups("existing-claim"),
        own.into_iter().chain(some).collect()
    );
}

#[test]
fn every_argument_is_a_flag_of_this_version() {
    let (well, help, _) = server::output(&["serve", "--help"]);
    assert!(well);
    let known: BTreeSet<_> = help
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| word.starts_with("--"))
        .collect();
    for (set, rendered) in each() {
        let documents = documents(&set, &rendered);
        let args = args(of_kind(&documents, "StatefulSet").next().unwrap());
        assert_eq!(args[0], "serve");
        for arg in &args[1..] {
            let flag = arg.split('=').next().unwrap();
            assert!(known.contains(flag), "{set}: {arg} is no flag of serve");
        }
        assert_eq!(
            args.iter().any(|arg| arg == "--insecure-no-auth"),
            !args
                .iter()
                .any(|arg| arg.starts_with("--token-file=") || arg == "--auth-kubernetes"),
            "{set}: {args:?}"
        );
    }
}

#[test]
fn the_data_has_exactly_one_place() {
    for (set, rendered) in each() {
        let documents = documents(&set, &rendered);
        let stateful = of_kind(&documents, "StatefulSet").next().unwrap();
        let named = |list: &Value| {
            let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
            list.iter()
                .filter(|one| one["name"] == "data" || one["metadata"]["name"] == "data")
                .count()
        };
        let spec = &stateful["spec"];
        let places =
            named(&spec["volumeClaimTemplates"]) + named(&spec["template"]["spec"]["volumes"]);
        assert_eq!(places, 1, "{set}");
    }
}

/// What the program reads of the rules is what the values say, and without values there are none.
#[test]
fn rules_of_retention_are_read_as_they_were_written() {
    let Some(helm) = chart::helm() else { return };
    let everything = documents("everything", &rendered(helm, "everything"));
    let maps = of_kind(&everything, "ConfigMap");
    let texts: Vec<&str> = maps
        .filter_map(|map| map["data"]["retention.yaml"].as_str())
        .collect();
    assert_eq!(texts.len(), 1);
    let rules = retention::parse(texts[0]).unwrap();
    let policies = &rules.policies;
    assert_eq!(policies.len(), 2);
    assert_eq!(&*policies[0].name, "failures");
    assert!(policies[0].namespaces[0].matches("team-a"));
    assert_eq!(policies[0].labels.len(), 1);
    assert_eq!(policies[0].age.unwrap().unwrap().as_secs(), 90 * 24 * 3600);
    assert_eq!(
        (policies[1].age, policies[1].rows),
        (Some(None), Some(Some(3_000_000)))
    );
    let stateful_set = |documents: &[Value]| {
        let found = of_kind(documents, "StatefulSet").next();
        args(found.unwrap()).join(" ")
    };
    let said = stateful_set(&everything);
    for flag in [
        "--retention=30d",
        "--retention-max-bytes=10Gi",
        "--retention-max-rows=2000000",
        "--retention-file=/etc/dagtrail/retention/retention.yaml",
    ] {
        assert!(said.split(' ').any(|arg| arg == flag), "{flag}: {said}");
    }
    let usual = stateful_set(&documents("default", &rendered(helm, "default")));
    assert!(!usual.contains("--retention"), "{usual}");
}
