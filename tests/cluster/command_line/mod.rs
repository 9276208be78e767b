//! The commands through a cluster: by port-forward to the Pod, with a short token, also as kubectl's plugin. The Pod's
//! port leads to this machine, where the server is. Does I/O.

mod encrypted;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec};
use kube::Api;
use kube::api::PostParams;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::control_plane::ControlPlane;
use crate::server::{Server, dagtrail};

/// What a command said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn run(mut command: Command) -> Result<Said> {
    command
        .env_remove("LANG")
        .env_remove("LC_ALL")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    Ok(Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout)?,
        err: String::from_utf8(output.stderr)?,
    })
}

/// A command that finds the server in a namespace of the cluster.
fn through(plane: &ControlPlane, namespace: &str, args: &[&str]) -> Command {
    let mut command = dagtrail(args);
    command
        .arg("--kubeconfig")
        .arg(plane.kubeconfig_path())
        .args(["--server-namespace", namespace]);
    command
}

/// A Pod that looks like dagtrail's, so that the command line finds its way through it.
pub(crate) async fn pod(plane: &ControlPlane, namespace: &str) -> Result<()> {
    pod_that_is_probed(plane, namespace, "HTTP").await
}

/// The same, and the kubelet asks it in this way whether it is ready.
async fn pod_that_is_probed(plane: &ControlPlane, namespace: &str, scheme: &str) -> Result<()> {
    let pod = format!(
        r"
apiVersion: v1
kind: Pod
metadata: {{namespace: {namespace}, name: dagtrail-0, labels: {{app.kubernetes.io/name: dagtrail}}}}
spec:
  containers:
  - name: main
    image: example/main
    ports: [{{name: http, containerPort: 9080}}]
    readinessProbe: {{httpGet: {{path: /readyz, port: http, scheme: {scheme}}}}}
"
    );
    plane.apply(&pod).await?;
    let wait = [
        "wait",
        "--for=condition=Ready",
        "pod/dagtrail-0",
        "--timeout=60s",
        "-n",
        namespace,
    ];
    plane.kubectl(&wait).await?;
    Ok(())
}

/// Takes one request and refuses it; returns its `Authorization`.
async fn authorization(listener: &TcpListener) -> Result<Option<String>> {
    let (mut stream, _) = listener.accept().await?;
    let mut request = vec![0; 1 << 16];
    let mut read = 0;
    while !request[..read].windows(4).any(|end| end == b"\r\n\r\n") {
        let more = stream.read(&mut request[read..]).await?;
        ensure!(more > 0, "the request ends early");
        read += more;
    }
    let answer = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer.as_bytes()).await?;
    let request = String::from_utf8(request[..read].to_vec())?;
    let line = request
        .lines()
        .find_map(|line| line.strip_prefix("authorization: Bearer "));
    Ok(line.map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_reach_the_server_through_the_cluster() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("cli").await?;
    let get = ["get", "executions", "-A", "-o", "name"];
    let said = run(through(plane, &namespace, &get)).await?;
    ensure!(
        said.code == Some(1) && said.err.contains("no Pod with the label"),
        "{}",
        said.err
    );
    pod(plane, &namespace).await?;
    let said = run(through(plane, &namespace, &get)).await?;
    ensure!(
        said.code == Some(1) && said.err.contains("Pod dagtrail-0"),
        "nobody listens: {}",
        said.err
    );

    a_token_is_short_and_for_dagtrail_alone(plane, &namespace).await?;

    let data = tempfile::tempdir()?;
    let listen = format!("127.0.0.1:{}", plane.forwarded());
    let path = data.path().to_str().context("a path in UTF-8")?;
    let server = dagtrail(&[
        "serve",
        "--listen",
        &listen,
        "--kube",
        "off",
        "--data-dir",
        path,
    ]);
    let server = tokio::task::spawn_blocking(|| Server::spawn(server)).await?;
    for (reason, second) in [("ActionStart", "1"), ("SuccessfulFinish", "2")] {
        let first = format!("2026-01-01T00:00:0{second}Z");
        let emit = ["emit", "nightly", "--reason", reason, "--first", &first];
        let said = run(through(plane, &namespace, &emit)).await?;
        ensure!(
            said.code == Some(0) && said.out.starts_with("created "),
            "{}",
            said.err
        );
    }
    let said = run(through(plane, &namespace, &get)).await?;
    ensure!(
        (said.code, said.out.as_str()) == (Some(0), "nightly\n"),
        "{}",
        said.err
    );
    let tail = ["tail", "nightly", "-f", "--exit-status", "-o", "ndjson"];
    let said = run(through(plane, &namespace, &tail)).await?;
    ensure!(
        said.code == Some(0) && said.out.lines().count() == 2,
        "{}",
        said.err
    );
    ensure!(said.err.is_empty(), "{}", said.err);
    // The context's namespace is what is meant unless all are.
    let said = run(through(
        plane,
        &namespace,
        &["get", "executions", "-o", "name"],
    ))
    .await?;
    ensure!(
        said.out == "nightly\n",
        "the context is of default, where it was told: {}",
        said.err
    );
    let elsewhere = ["get", "executions", "-o", "name", "-n", &namespace];
    let said = run(through(plane, &namespace, &elsewhere)).await?;
    ensure!(said.out.is_empty(), "{}", said.out);

    kubectl_finds_the_plugin(plane, &namespace, data.path()).await?;
    drop(server);
    encrypted::a_server_that_speaks_tls_is_checked(plane, &namespace).await
}

/// Without the ServiceAccount there is none; with it, the API server itself says whose it is and for whom.
async fn a_token_is_short_and_for_dagtrail_alone(
    plane: &ControlPlane,
    namespace: &str,
) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", plane.forwarded())).await?;
    let get = ["get", "executions"];
    let (said, sent) = tokio::join!(
        run(through(plane, namespace, &get)),
        authorization(&listener)
    );
    ensure!(sent?.is_none(), "the user's own token stays here");
    ensure!(said?.err.contains("401"), "it is refused");
    plane
        .kubectl(&[
            "create",
            "serviceaccount",
            "dagtrail-reader",
            "-n",
            namespace,
        ])
        .await?;
    let (_, sent) = tokio::join!(
        run(through(plane, namespace, &get)),
        authorization(&listener)
    );
    let token = sent?.context("a token is sent")?;
    let review = async |audience: &str| -> Result<_> {
        let review = TokenReview {
            spec: TokenReviewSpec {
                token: Some(token.clone()),
                audiences: Some(vec![audience.to_owned()]),
            },
            ..TokenReview::default()
        };
        let reviews = Api::<TokenReview>::all(plane.client().await?);
        let reviewed = reviews.create(&PostParams::default(), &review).await?;
        reviewed.status.context("it is reviewed")
    };
    let found = review("dagtrail").await?;
    let user = found.user.and_then(|user| user.username);
    ensure!(found.authenticated == Some(true));
    ensure!(
        user == Some(format!("system:serviceaccount:{namespace}:dagtrail-reader")),
        "{user:?}"
    );
    let others = review("https://kubernetes.default.svc").await?;
    ensure!(others.authenticated != Some(true), "nobody else accepts it");
    let claims: Value = claims(&token)?;
    let life = claims["exp"].as_i64().zip(claims["iat"].as_i64());
    ensure!(
        life.map(|(end, begin)| end - begin) == Some(600),
        "{claims}"
    );
    Ok(())
}

/// What a JSON Web Token says.
fn claims(token: &str) -> Result<Value> {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let part = token.split('.').nth(1).context("a token has three parts")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}

async fn kubectl_finds_the_plugin(
    plane: &ControlPlane,
    namespace: &str,
    folder: &Path,
) -> Result<()> {
    let bin = folder.join("bin");
    fs::create_dir(&bin)?;
    symlink(
        env!("CARGO_BIN_EXE_dagtrail"),
        bin.join("kubectl-execution_events"),
    )?;
    let mut kubectl = Command::new(plane.binary("kubectl"));
    kubectl
        .args([
            "execution-events",
            "get",
            "executions",
            "-o",
            "name",
            "--server-namespace",
            namespace,
        ])
        .env("KUBECONFIG", plane.kubeconfig_path())
        .env("HOME", folder)
        .env_remove("DAGTRAIL_SERVER")
        .env("PATH", &bin);
    let said = run(kubectl).await?;
    ensure!(
        (said.code, said.out.as_str()) == (Some(0), "nightly\n"),
        "{}",
        said.err
    );
    Ok(())
}
