//! dagtrail uses every right that the chart gives it, and needs no other: with all of them nothing is refused, and
//! without any one the API server refuses exactly that. Does I/O.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::subject::Subject;
use super::{apply, documents, rendered, token};
use crate::control_plane::{ControlPlane, until};
use crate::engines;

/// Processes at a time: they wait more than they work, but for their start.
const AT_ONCE: usize = 8;

/// The roles that the chart gives to dagtrail itself.
#[derive(Clone)]
struct Roles {
    roles: Vec<Value>,
    stateful_set: Value,
}

/// One verb on one resource in one rule.
#[derive(Clone, Debug)]
struct Right {
    role: usize,
    rule: usize,
    group: String,
    resource: String,
    verb: String,
}

impl Right {
    /// In the API server's words when it is not there.
    fn refusal(&self) -> String {
        let Self {
            group,
            resource,
            verb,
            ..
        } = self;
        format!(r#"cannot {verb} resource "{resource}" in API group "{group}""#)
    }
}

impl Roles {
    /// Those of a rendering that are bound to the ServiceAccount.
    async fn of(plane: &ControlPlane, more: &[&str]) -> Result<Self> {
        let all = documents(&rendered(plane, "dagtrail-system", more).await?)?;
        let kind = |doc: &Value, kinds: &[&str]| kinds.iter().any(|kind| doc["kind"] == *kind);
        let bindings = all
            .iter()
            .filter(|doc| kind(doc, &["RoleBinding", "ClusterRoleBinding"]));
        let bound: BTreeSet<_> = bindings
            .filter(|binding| binding["subjects"][0]["name"] == "dagtrail")
            .map(|binding| {
                (
                    binding["roleRef"]["kind"].to_string(),
                    binding["roleRef"]["name"].to_string(),
                )
            })
            .collect();
        let name = |doc: &Value| (doc["kind"].to_string(), doc["metadata"]["name"].to_string());
        let roles = all
            .iter()
            .filter(|doc| bound.contains(&name(doc)))
            .cloned()
            .collect();
        let set = all.iter().find(|doc| doc["kind"] == "StatefulSet");
        Ok(Self {
            roles,
            stateful_set: set.context("there is a StatefulSet")?.clone(),
        })
    }

    fn rights(&self) -> Result<Vec<Right>> {
        let mut rights = Vec::new();
        for (role, document) in self.roles.iter().enumerate() {
            let rules = document["rules"].as_array().context("a role has rules")?;
            for (rule, given) in rules.iter().enumerate() {
                let list = |key: &str| serde_json::from_value::<Vec<String>>(given[key].clone());
                for group in list("apiGroups")? {
                    for resource in list("resources")? {
                        for verb in list("verbs")? {
                            let (group, resource) = (group.clone(), resource.clone());
                            rights.push(Right {
                                role,
                                rule,
                                group,
                                resource,
                                verb,
                            });
                        }
                    }
                }
            }
        }
        Ok(rights)
    }

    /// The same without one right: what its rule gives beside stays.
    fn without(mut self, right: &Right) -> Self {
        let rules = self.roles[right.role]["rules"]
            .as_array_mut()
            .expect("a role has rules");
        let rule = rules.remove(right.rule);
        let less = |key: &str, gone: &str| {
            let list = rule[key].as_array().into_iter().flatten();
            let rest: Vec<_> = list.filter(|one| *one != gone).cloned().collect();
            let mut rule = rule.clone();
            rule[key] = json!(rest);
            (!rest.is_empty()).then_some(rule)
        };
        rules.extend(less("resources", &right.resource));
        let mut same = rule.clone();
        same["resources"] = json!([right.resource]);
        let rest = rule["verbs"].as_array().into_iter().flatten();
        let rest: Vec<_> = rest.filter(|verb| **verb != right.verb).cloned().collect();
        if !rest.is_empty() {
            same["verbs"] = json!(rest);
            rules.push(same);
        }
        self
    }

    /// Gives them to the ServiceAccount `dagtrail` of a namespace that is made for it.
    async fn give(&self, plane: &ControlPlane, namespace: &str) -> Result<()> {
        let mut list = vec![
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "dagtrail", "namespace": namespace}}),
        ];
        for (number, role) in self.roles.iter().enumerate() {
            let mut role = role.clone();
            let name = format!("{namespace}-{number}");
            let mut metadata = json!({"name": name});
            if role["kind"] == "Role" {
                let of = &role["metadata"]["namespace"];
                let of = if of == "dagtrail-system" {
                    &json!(namespace)
                } else {
                    of
                };
                metadata["namespace"] = of.clone();
            }
            role["metadata"] = metadata.clone();
            list.push(json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": format!("{}Binding", role["kind"].as_str().unwrap_or_default()),
                "metadata": metadata,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"], "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": "dagtrail", "namespace": namespace}],
            }));
            list.push(role);
        }
        apply(
            plane,
            &json!({"apiVersion": "v1", "kind": "List", "items": list}).to_string(),
        )
        .await?;
        Ok(())
    }

    async fn start(&self, plane: &ControlPlane, namespace: &str) -> Result<Subject> {
        self.give(plane, namespace).await?;
        Subject::start(plane, &self.stateful_set, namespace, "127.0.0.1:0").await
    }
}

/// An Execution, so that there is a status to write. Nobody has written it yet.
async fn execution(plane: &ControlPlane, name: &str) -> Result<()> {
    let execution = format!(
        "apiVersion: dagtrail.dev/v1alpha1\nkind: Execution\nmetadata: {{namespace: team-a, name: {name}}}\n\
         spec: {{engine: K8s}}\n"
    );
    apply(plane, &execution).await?;
    Ok(())
}

/// With all of its rights it lists and watches every kind, leads, and writes status; and nothing is refused.
async fn nothing_is_refused(plane: &ControlPlane, roles: &Roles, namespace: &str) -> Result<()> {
    execution(plane, namespace).await?;
    let subject = roles.start(plane, namespace).await?;
    let url = subject.url().await?;
    if subject.asks_who_it_is() {
        let token = token(plane, "team-a", "reader").await?;
        ensure!(subject.asked(&token).await? == 200, "{}", subject.log()?);
    }
    until("it is ready", async || {
        Ok(reqwest::get(format!("{url}/readyz"))
            .await?
            .status()
            .is_success())
    })
    .await
    .with_context(|| subject.log().unwrap_or_default())?;
    until("all kinds are watched and status is written", async || {
        let metrics = reqwest::get(format!("{url}/metrics")).await?.text().await?;
        let watched = metrics
            .lines()
            .filter(|line| line.starts_with("dagtrail_watch_opens_total{"));
        let written = r#"dagtrail_status_writes_total{of="written"}"#;
        Ok(watched.count() == 13 && metrics.contains(written))
    })
    .await
    .with_context(|| subject.log().unwrap_or_default())?;
    let log = subject.log()?;
    ensure!(
        !log.contains("cannot ") && !log.contains("forbidden"),
        "{log}"
    );
    Ok(())
}

/// One right is taken away, and dagtrail says what the API server then refuses.
async fn is_needed(
    plane: &ControlPlane,
    roles: &Roles,
    right: Right,
    namespace: String,
) -> Result<()> {
    let subject = roles
        .clone()
        .without(&right)
        .start(plane, &namespace)
        .await?;
    // What it asks for only when it is asked itself.
    if right.resource.ends_with("reviews") {
        let token = token(plane, "team-a", "reader").await?;
        let status = subject.asked(&token).await?;
        ensure!(
            status == 503,
            "{right:?}: {status}, who cannot be known is refused"
        );
    }
    subject
        .says(&right.refusal())
        .await
        .with_context(|| format!("without {right:?}"))?;
    // Exactly that: what the others are refused is another matter.
    let log = subject.log()?;
    let refused: BTreeSet<_> = log
        .split("cannot ")
        .skip(1)
        .filter(|rest| rest.contains(" resource "))
        .map(|rest| rest.split(" at the ").next().unwrap_or_default())
        .map(|rest| rest.split(" in the ").next().unwrap_or_default())
        .collect();
    let expected = right.refusal();
    ensure!(
        refused.iter().all(|one| expected.ends_with(one)),
        "{right:?}: {refused:?}"
    );
    Ok(())
}

/// Each right of some roles is taken away in turn: how many those are.
async fn each_is_needed(plane: &ControlPlane, all: &[(&str, &Roles)]) -> Result<Vec<usize>> {
    let (mut tried, mut others) = (Vec::new(), Vec::new());
    for (prefix, roles) in all {
        let mut rights = roles.rights()?;
        tried.push(rights.len());
        // Whoever may write a status writes the same, and then there is nothing left to refuse: that one comes first.
        let status = rights
            .iter()
            .position(|right| right.resource == "executions/status");
        let status = rights.remove(status.context("status is written")?);
        execution(plane, prefix).await?;
        is_needed(plane, roles, status, format!("{prefix}-0")).await?;
        let numbered = rights.into_iter().zip(1..);
        others.extend(numbered.map(|(right, number)| {
            let namespace = format!("{prefix}-{number}");
            is_needed(plane, roles, right, namespace)
        }));
    }
    stream::iter(others)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(tried)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_right_of_the_chart_is_used_and_no_other_is_missing() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    for engine in ["argo-workflows", "tekton", "kubegene", "volcano", "kueue"] {
        engines::install(&plane, engine).await?;
    }
    let definition = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/crds/executions.dagtrail.dev.yaml"
    );
    plane.apply(definition).await?;
    let wait = [
        "wait",
        "--for=condition=Established",
        "--timeout=60s",
        "crd",
        "--all",
    ];
    plane.kubectl(&wait).await?;
    plane.kubectl(&["create", "namespace", "team-a"]).await?;
    let reader = ["create", "serviceaccount", "reader", "-n", "team-a"];
    plane.kubectl(&reader).await?;
    let reads = [
        "create",
        "clusterrolebinding",
        "reader",
        "--clusterrole=cluster-admin",
        "--serviceaccount=team-a:reader",
    ];
    plane.kubectl(&reads).await?;

    let catalog = ["--set", "catalog.namespaces={team-a}"];
    let cluster = Roles::of(&plane, &catalog).await?;
    let values = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/install/values/namespaced.yaml"
    );
    let team = Roles::of(&plane, &[&["--values", values], &catalog[..]].concat()).await?;
    let tried = each_is_needed(&plane, &[("cluster", &cluster), ("team", &team)]).await?;
    ensure!(tried == [33, 30], "{tried:?}");
    nothing_is_refused(&plane, &cluster, "cluster-all").await?;
    nothing_is_refused(&plane, &team, "team-all").await
}
