//! A cluster, and what may be done there. Does I/O.

use std::time::Duration;

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::PostParams;
use kube::client::Body;
use kube::{Api, Client};

use super::finding::{Finding, Findings};
use super::server::clock;
use crate::cli::reach::Reach;
use crate::model::{Clock, SystemClock, Time};
use crate::sources;

/// Gives all the rights that are needed.
const RIGHTS: &str = "dagtrail manifests | kubectl apply -f -";
/// Who only reads events needs no more of the API server.
const PATIENCE: Duration = Duration::from_secs(10);
const LEASE: &str = "dagtrail";

pub(super) async fn check(reach: &Reach, findings: &mut Findings) {
    let (client, namespace) = match reach.cluster().await {
        Ok(found) => found,
        Err(error) => {
            let said = format!("{error:#}");
            findings.add(Finding::broken(
                "cluster",
                said,
                "kubectl config current-context",
            ));
            return;
        }
    };
    match tokio::time::timeout(PATIENCE, version(&client)).await {
        Ok(Ok((version, date))) => {
            findings.add(Finding::well(
                "cluster",
                format!("Kubernetes {version} answers"),
            ));
            findings.add(clock("cluster's clock", date.as_deref()));
        }
        Ok(Err(error)) => {
            findings.add(Finding::broken(
                "cluster",
                error.to_string(),
                "kubectl version",
            ));
            return;
        }
        Err(_) => {
            findings.add(Finding::broken(
                "cluster",
                "it does not answer",
                "kubectl version",
            ));
            return;
        }
    }
    findings.add(definition(&client).await);
    for (group, resource) in sources::resources() {
        findings.add(watch(&client, group, resource).await);
    }
    for (check, group, resource, verbs) in [
        (
            "status of executions",
            "dagtrail.dev",
            "executions/status",
            &["patch"][..],
        ),
        (
            "lease rights",
            "coordination.k8s.io",
            "leases",
            &["get", "create", "patch"],
        ),
    ] {
        let within = (group == "coordination.k8s.io").then_some(&*namespace);
        let missing = missing(&client, group, resource, within, verbs).await;
        findings.add(rights(check, missing, "broken"));
    }
    for (group, resource) in [
        ("authentication.k8s.io", "tokenreviews"),
        ("authorization.k8s.io", "subjectaccessreviews"),
    ] {
        let missing = missing(&client, group, resource, None, &["create"]).await;
        findings.add(rights(
            resource,
            missing,
            "only needed to let in who has a token of the cluster",
        ));
    }
    findings.add(lease(&client, &namespace).await);
}

/// The API server's version, and what time it is there.
async fn version(client: &Client) -> Result<(String, Option<String>), kube::Error> {
    let request = http_request("/version")?;
    let answer = client.send(request).await?;
    let date = answer
        .headers()
        .get("date")
        .and_then(|date| date.to_str().ok());
    let date = date.map(str::to_owned);
    Ok((client.apiserver_version().await?.git_version, date))
}

fn http_request(path: &str) -> Result<axum::http::Request<Body>, kube::Error> {
    axum::http::Request::get(path)
        .body(Body::empty())
        .map_err(kube::Error::HttpError)
}

/// Whether Executions are served, which they are once their definition is established.
async fn definition(client: &Client) -> Finding {
    let check = "definition";
    let fix = "dagtrail crd | kubectl apply -f -";
    match client
        .list_api_group_resources("dagtrail.dev/v1alpha1")
        .await
    {
        Ok(found) if found.resources.iter().any(|one| one.name == "executions") => {
            Finding::well(check, "executions.dagtrail.dev is established")
        }
        Ok(_) => Finding::broken(check, "dagtrail.dev/v1alpha1 has no executions", fix),
        Err(kube::Error::Api(status)) if status.code == 404 => {
            Finding::broken(check, "executions.dagtrail.dev is not established", fix)
        }
        Err(error) => Finding::broken(check, error.to_string(), fix),
    }
}

/// Whether a kind may be watched, where there is such a kind.
async fn watch(client: &Client, group: &str, resource: &str) -> Finding {
    let check = match group {
        "" => format!("watch {resource}"),
        group => format!("watch {resource}.{group}"),
    };
    match is_served(client, group).await {
        Ok(true) => {}
        Ok(false) => return Finding::well(check, "not installed in this cluster"),
        Err(error) => return Finding::broken(check, error.to_string(), "kubectl api-versions"),
    }
    let missing = missing(client, group, resource, None, &["list", "watch"]).await;
    rights(&check, missing, "its history is not told")
}

async fn is_served(client: &Client, group: &str) -> Result<bool, kube::Error> {
    if group.is_empty() {
        return Ok(true);
    }
    let groups = client.list_api_groups().await?;
    Ok(groups.groups.iter().any(|one| one.name == group))
}

fn rights(check: &str, missing: Result<Vec<&str>, kube::Error>, without: &str) -> Finding {
    match missing {
        Ok(missing) if missing.is_empty() => Finding::well(check, "allowed"),
        Ok(missing) => {
            let said = format!("not allowed: {}", missing.join(", "));
            if without == "broken" {
                Finding::broken(check, said, RIGHTS)
            } else if check.starts_with("watch ") {
                Finding::broken(check, format!("{said}; {without}"), RIGHTS)
            } else {
                Finding::attention(check, format!("{said}; {without}"), RIGHTS)
            }
        }
        Err(error) => Finding::broken(check, error.to_string(), RIGHTS),
    }
}

/// Which verbs are not allowed to who asks.
async fn missing<'v>(
    client: &Client,
    group: &str,
    resource: &str,
    namespace: Option<&str>,
    verbs: &[&'v str],
) -> Result<Vec<&'v str>, kube::Error> {
    let reviews: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let (resource, subresource) = match resource.split_once('/') {
        Some((resource, subresource)) => (resource, Some(subresource.to_owned())),
        None => (resource, None),
    };
    let mut missing = Vec::new();
    for verb in verbs {
        let asked = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(ResourceAttributes {
                    group: Some(group.to_owned()),
                    resource: Some(resource.to_owned()),
                    subresource: subresource.clone(),
                    namespace: namespace.map(str::to_owned),
                    verb: Some((*verb).to_owned()),
                    // The role names the one Lease; what is to be created has no name yet.
                    name: (resource == "leases" && *verb != "create").then(|| LEASE.to_owned()),
                    ..ResourceAttributes::default()
                }),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let answer = reviews.create(&PostParams::default(), &asked).await?;
        if !answer.status.is_some_and(|status| status.allowed) {
            missing.push(*verb);
        }
    }
    Ok(missing)
}

/// Who watches now.
async fn lease(client: &Client, namespace: &str) -> Finding {
    let check = "lease";
    let fix = format!("kubectl -n {namespace} get pods -l app.kubernetes.io/name=dagtrail");
    let leases: Api<Lease> = Api::namespaced(client.clone(), namespace);
    let spec = match leases.get_opt(LEASE).await {
        Ok(found) => found.and_then(|found| found.spec),
        Err(error) => return Finding::attention(check, error.to_string(), fix),
    };
    let Some(spec) = spec else {
        let said = format!("nobody has ever held {namespace}/{LEASE}: nothing is watched");
        return Finding::attention(check, said, fix);
    };
    let Some(holder) = spec.holder_identity.filter(|holder| !holder.is_empty()) else {
        let said = format!("nobody holds {namespace}/{LEASE}: nothing is watched");
        return Finding::attention(check, said, fix);
    };
    let renewed = spec
        .renew_time
        .and_then(|renewed| Time::parse(&renewed.0.to_string()).ok());
    let age = renewed.map(|renewed| SystemClock.now().0.saturating_sub(renewed.0) / 1_000_000_000);
    let life = i64::from(spec.lease_duration_seconds.unwrap_or(15));
    match age {
        Some(age) if age <= life => Finding::well(check, format!("held by {holder}")),
        Some(age) => {
            let said = format!("{holder} has not renewed {namespace}/{LEASE} for {age} s");
            Finding::attention(check, said, fix)
        }
        None => Finding::attention(check, format!("held by {holder}, never renewed"), fix),
    }
}
