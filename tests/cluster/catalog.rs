//! Reasons of operators in ConfigMaps: read with the right to list and watch them in the namespaces that are named, and
//! used as soon as they change. Does I/O.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::control_plane::{ControlPlane, until};
use crate::server::{Server, dagtrail};

/// What the ServiceAccount may do in each namespace that is named, and nothing else.
fn rights(namespace: &str, home: &str) -> String {
    format!(
        "---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{namespace: {namespace}, name: catalog}}
rules: [{{apiGroups: [''], resources: [configmaps], verbs: [list, watch]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{namespace: {namespace}, name: catalog}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: catalog}}
subjects: [{{kind: ServiceAccount, name: default, namespace: {home}}}]
"
    )
}

/// A ConfigMap with one word for each code; without the label nobody reads it.
fn words(namespace: &str, is_labelled: bool, entries: &[(&str, &str)]) -> String {
    let lines = |of: &dyn Fn(&(&str, &str)) -> String| entries.iter().map(of).collect::<String>();
    let zh = lines(&|(code, word)| format!("reason-{code} = {word}\n"));
    let en = lines(&|(code, _)| format!("reason-{code} = {code}\n"));
    let labels = json!({"dagtrail.dev/catalog": if is_labelled { "true" } else { "false" }});
    let map = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": "words", "labels": labels},
        "data": {"zh.ftl": zh, "en.ftl": en},
    });
    format!("{map:#}")
}

/// Serves as the account of a namespace, which is its own then.
async fn serve(plane: &ControlPlane, home: &str, namespaces: &str) -> Result<Server> {
    let given = plane
        .kubeconfig_for_service_account(home, "default")
        .await?;
    let mut kubeconfig: Value = serde_json::from_slice(&fs::read(&given)?)?;
    kubeconfig["contexts"][0]["context"]["namespace"] = home.into();
    let file = given.with_extension("home");
    fs::write(&file, kubeconfig.to_string())?;
    let listen = ["--listen", "127.0.0.1:0", "--kube", "required"];
    let rest = ["--in-memory", "--catalog-namespaces", namespaces];
    let mut command = dagtrail(&[&["serve"], &listen[..], &rest].concat());
    command.env("KUBECONFIG", file);
    Ok(tokio::task::spawn_blocking(|| Server::spawn(command)).await?)
}

async fn tell(server: &Server, namespace: &str, code: &str) -> Result<()> {
    let event = json!({
        "metadata": {"namespace": namespace},
        "reason": code,
        "firstTimestamp": "2030-01-01T00:00:00Z",
    });
    let url = server.events(&format!("{namespace}-{code}"));
    let answer = reqwest::Client::new().post(url).json(&event).send().await?;
    ensure!(answer.status() == 200, "{}", answer.text().await?);
    Ok(())
}

async fn reason(server: &Server, namespace: &str, code: &str) -> Result<String> {
    let url = server.events(&format!("{namespace}-{code}"));
    let rows: Value = reqwest::get(url).await?.json().await?;
    Ok(rows[0]["reason"].as_str().context("a row")?.to_owned())
}

/// Waits until a reason is told so.
async fn told(server: &Server, namespace: &str, code: &str, wanted: &str) -> Result<()> {
    let mut last = String::new();
    let waited = until("the reason is told so", async || {
        last = reason(server, namespace, code).await?;
        Ok(last == wanted)
    })
    .await;
    waited.with_context(|| format!("{namespace} {code}: {last} and not {wanted}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn words_in_config_maps_are_used_as_they_change_each_namespaces_for_its_own_events()
-> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let home = plane.namespace("home").await?;
    let team = plane.namespace("team").await?;
    let other = plane.namespace("other").await?;
    for namespace in [&home, &team] {
        plane.apply(&rights(namespace, &home)).await?;
    }
    let first = [("CaskLow", "桶浅")];
    plane.apply(&words(&team, true, &first)).await?;
    let server = serve(plane, &home, &format!("{home},{team}")).await?;
    for (namespace, code) in [
        (&team, "CaskLow"),
        (&team, "CaskFull"),
        (&other, "CaskLow"),
        (&other, "CaskFull"),
    ] {
        tell(&server, namespace, code).await?;
    }
    // What was there, what came while it was watched, and for whom.
    told(&server, &team, "CaskLow", "桶浅##CaskLow").await?;
    ensure!(reason(&server, &other, "CaskLow").await? == "CaskLow##CaskLow");
    plane
        .apply(&words(&home, true, &[("CaskFull", "桶满")]))
        .await?;
    told(&server, &other, "CaskFull", "桶满##CaskFull").await?;
    told(&server, &team, "CaskFull", "桶满##CaskFull").await?;

    // A bad entry costs itself alone, and another namespace is not read.
    let second = [("CaskLow", "桶空"), ("BackOff", "坏"), ("Bad", "")];
    plane.apply(&words(&team, true, &second)).await?;
    plane.apply(&words(&other, true, &first)).await?;
    told(&server, &team, "CaskLow", "桶空##CaskLow").await?;
    ensure!(reason(&server, &other, "CaskLow").await? == "CaskLow##CaskLow");
    let metrics = reqwest::get(format!("{}/metrics", server.url))
        .await?
        .text()
        .await?;
    for line in [
        "dagtrail_catalog_entries 2",
        "dagtrail_catalog_refused_entries 3",
    ] {
        ensure!(
            metrics.lines().any(|told| told == line),
            "{line}: {metrics}"
        );
    }

    // Without the label, or without the map, there are no words.
    plane.apply(&words(&team, false, &second)).await?;
    told(&server, &team, "CaskLow", "CaskLow##CaskLow").await?;
    plane
        .kubectl(&["delete", "configmap", "words", "-n", &home])
        .await?;
    told(&server, &other, "CaskFull", "CaskFull##CaskFull").await
}
