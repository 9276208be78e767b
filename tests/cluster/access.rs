//! Who may read what, by the API server's own word: TokenReview and SubjectAccessReview. Does I/O.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use futures::future::join_all;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use reqwest::{Client, Response};

use crate::command_line;
use crate::control_plane::{ControlPlane, until};
use crate::server::{Server, dagtrail};

/// What roles of the chart give, in one namespace.
fn role(namespace: &str) -> String {
    format!(
        r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{namespace: {namespace}, name: histories}}
rules:
- {{apiGroups: [dagtrail.dev], resources: [executions/events], verbs: [get, list, watch, create, delete]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{namespace: {namespace}, name: histories}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: histories}}
subjects: [{{kind: ServiceAccount, namespace: {namespace}, name: default}}]
"#
    )
}

/// dagtrail's own account, which may ask who others are, and nothing else.
const DELEGATOR: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: dagtrail-reviews}
rules:
- {apiGroups: [authentication.k8s.io], resources: [tokenreviews], verbs: [create]}
- {apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: dagtrail-reviews}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: dagtrail-reviews}
subjects: [{kind: ServiceAccount, namespace: default, name: default}]
";

async fn token(
    plane: &ControlPlane,
    namespace: &str,
    name: &str,
    audience: &str,
) -> Result<String> {
    let audiences = if audience.is_empty() {
        Vec::new()
    } else {
        vec![audience.to_owned()]
    };
    let request = TokenRequest {
        spec: TokenRequestSpec {
            audiences,
            expiration_seconds: Some(3600),
            ..TokenRequestSpec::default()
        },
        ..TokenRequest::default()
    };
    let accounts = Api::<ServiceAccount>::namespaced(plane.client().await?, namespace);
    let given = accounts
        .create_token_request(name, &PostParams::default(), &request)
        .await?;
    Ok(given.status.context("a token")?.token)
}

async fn serve(plane: &ControlPlane) -> Result<Server> {
    plane.apply(DELEGATOR).await?;
    let kubeconfig = plane
        .kubeconfig_for_service_account("default", "default")
        .await?;
    let listen = format!("127.0.0.1:{}", plane.forwarded());
    let mut command = dagtrail(&[
        "serve",
        "--listen",
        &listen,
        "--kube",
        "off",
        "--in-memory",
        "--auth-kubernetes",
        "--reads-per-second",
        "0",
    ]);
    command.env("KUBECONFIG", kubeconfig);
    Ok(tokio::task::spawn_blocking(|| Server::spawn(command)).await?)
}

/// Asks as the holder of a token.
struct Asking<'a> {
    server: &'a Server,
    client: Client,
}

impl Asking<'_> {
    async fn get(&self, path: &str, token: &str) -> Result<Response> {
        let asked = self.client.get(format!("{}{path}", self.server.url));
        Ok(asked.bearer_auth(token).send().await?)
    }

    async fn said(&self, path: &str, token: &str) -> Result<(u16, String)> {
        let answer = self.get(path, token).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    async fn tell(&self, id: &str, token: &str) -> Result<u16> {
        let event = r#"{"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"}"#;
        let asked = self.client.post(self.server.events(id)).bearer_auth(token);
        let asked = asked.header("content-type", "application/json").body(event);
        Ok(asked.send().await?.status().as_u16())
    }

    /// A number of the server's metrics.
    async fn number(&self, name: &str) -> Result<u64> {
        let text = self.said("/metrics", "").await?.1;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.map_or(Ok(0), |rest| rest.trim().parse())?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_is_what_kubernetes_says() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let (team, other) = (
        plane.namespace("team").await?,
        plane.namespace("other").await?,
    );
    for namespace in [&team, &other] {
        plane.apply(&role(namespace)).await?;
    }
    plane
        .kubectl(&["create", "serviceaccount", "nobody", "-n", &team])
        .await?;
    let server = serve(&plane).await?;
    let client = Client::builder().no_proxy().build()?;
    let asking = Asking {
        server: &server,
        client,
    };
    let of_team = token(&plane, &team, "default", "dagtrail").await?;
    let of_other = token(&plane, &other, "default", "dagtrail").await?;

    each_sees_their_own_namespace(&asking, &plane, &team, &of_team, &of_other).await?;
    a_thousand_at_once_are_one_question(
        &asking,
        &token(&plane, &team, "default", "dagtrail").await?,
    )
    .await?;
    the_command_line_asks_for_a_token_that_is_good_here(&plane, &team, &other).await?;
    a_stream_ends_with_its_right(&asking, &plane, &team, &of_team).await?;

    // A user of the other namespace still may, and nobody can say so.
    ensure!(asking.tell("of-other", &of_other).await? == 200);
    plane.stop_apiserver()?;
    until("what was answered is forgotten", async || {
        let answer = asking.get("/v1/executions", &of_other).await?;
        let (status, after) = (
            answer.status(),
            answer.headers().contains_key("retry-after"),
        );
        ensure!(status == 200 || (status == 503 && after), "{status}");
        Ok(status == 503)
    })
    .await?;
    plane.start_apiserver().await?;
    until("the API server is asked again", async || {
        Ok(asking.get("/v1/executions", &of_other).await?.status() == 200)
    })
    .await
}

async fn each_sees_their_own_namespace(
    asking: &Asking<'_>,
    plane: &ControlPlane,
    team: &str,
    of_team: &str,
    of_other: &str,
) -> Result<()> {
    // Roles reach the API server's authorizer a moment after they are made.
    until("the role holds", async || {
        Ok(asking.tell("nightly", of_team).await? == 200)
    })
    .await?;
    let events = "/v1/executions/nightly/events";
    ensure!(asking.said(events, of_team).await?.0 == 200);
    let (status, listed) = asking.said("/v1/executions", of_team).await?;
    ensure!(status == 200 && listed.contains(team), "{listed}");

    let forbidden = asking.said(events, of_other).await?;
    let absent = asking.said("/v1/executions/gone/events", of_other).await?;
    ensure!(forbidden.0 == 404, "{forbidden:?}");
    ensure!(
        forbidden.1.replace("nightly", "gone") == absent.1 && absent.0 == 404,
        "{forbidden:?} {absent:?}"
    );
    let (status, listed) = asking.said("/v1/executions", of_other).await?;
    ensure!(status == 200 && !listed.contains("nightly"), "{listed}");
    let named = format!("/v1/executions?limit=1&offset=0&project_id={team}");
    let (status, told) = asking.said(&named, of_other).await?;
    ensure!(status == 403, "{status} {told}");

    let nobody = token(plane, team, "nobody", "dagtrail").await?;
    ensure!(asking.said(events, &nobody).await?.0 == 404);
    ensure!(asking.said("/v1/executions", &nobody).await?.0 == 403);
    ensure!(asking.tell("mine", &nobody).await? == 403);
    for (why, wrong) in [
        (
            "for the API server",
            token(plane, team, "default", "").await?,
        ),
        ("for others", token(plane, team, "default", "vault").await?),
        ("made up", "guess".into()),
    ] {
        ensure!(asking.said(events, &wrong).await?.0 == 401, "{why}");
    }
    Ok(())
}

async fn a_thousand_at_once_are_one_question(asking: &Asking<'_>, fresh: &str) -> Result<()> {
    const TOKENS: &str = r#"dagtrail_access_reviews_total{of="token"}"#;
    let before = asking.number(TOKENS).await?;
    let asked = (0..1000).map(|_| asking.get("/v1/executions/nightly", fresh));
    let begin = Instant::now();
    let mut known = 0;
    for answer in join_all(asked).await {
        match answer?.status().as_u16() {
            200 => known += 1,
            503 => {}
            other => anyhow::bail!("{other}"),
        }
    }
    ensure!(known > 500, "{known}");
    // What is answered holds for ten seconds.
    let most = 1 + begin.elapsed().as_secs() / 10;
    let reviews = asking.number(TOKENS).await? - before;
    ensure!(
        (1..=most).contains(&reviews),
        "{reviews} reviews, {most} at most"
    );
    Ok(())
}

/// Through the cluster, as the account that is named: one namespace's sees it, the other's does not.
async fn the_command_line_asks_for_a_token_that_is_good_here(
    plane: &ControlPlane,
    team: &str,
    other: &str,
) -> Result<()> {
    command_line::pod(plane, team).await?;
    for (account, code, told) in [
        (format!("{team}/default"), 0, "Started"),
        ("default".to_owned(), 0, "Started"),
        (format!("{other}/default"), 1, "not known"),
    ] {
        let mut command: Command = dagtrail(&["get", "events", "nightly", "-A", "--lang", "en"]);
        command
            .arg("--kubeconfig")
            .arg(plane.kubeconfig_path())
            .args(["--server-namespace", team, "--service-account", &account])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let done = tokio::task::spawn_blocking(move || command.output()).await??;
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8(said)?;
        ensure!(
            done.status.code() == Some(code) && said.contains(told),
            "{account}: {said}"
        );
    }
    Ok(())
}

async fn a_stream_ends_with_its_right(
    asking: &Asking<'_>,
    plane: &ControlPlane,
    team: &str,
    of_team: &str,
) -> Result<()> {
    let follow = asking.client.get(asking.server.events("nightly"));
    let follow = follow
        .bearer_auth(of_team)
        .header("accept", "text/event-stream");
    let answer = follow.send().await?;
    ensure!(answer.status() == 200);
    let mut parts = answer.bytes_stream();
    let first = parts.next().await.context("it begins")??;
    ensure!(!first.is_empty());
    plane
        .kubectl(&["delete", "rolebinding", "histories", "-n", team])
        .await?;
    let begin = Instant::now();
    let rest = async { while let Some(Ok(_)) = parts.next().await {} };
    let ended = tokio::time::timeout(Duration::from_secs(40), rest).await;
    ensure!(ended.is_ok(), "the stream goes on");
    // Looked at every fifteen seconds, with answers that hold for ten.
    ensure!(
        begin.elapsed() < Duration::from_secs(32),
        "{:?}",
        begin.elapsed()
    );
    until("it is not there", async || {
        Ok(asking
            .get("/v1/executions/nightly", of_team)
            .await?
            .status()
            == 404)
    })
    .await
}
