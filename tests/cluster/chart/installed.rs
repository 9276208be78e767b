//! From `helm install` to the verdict on a failed run, by the commands that the notes and the documentation tell. Does I/O.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::subject::Subject;
use super::{CHART, apply, helm, restricted, token};
use crate::control_plane::{ControlPlane, until};
use crate::server::dagtrail;
use crate::{programs, workloads};

const NAMESPACE: &str = "dagtrail-system";

/// What the claim of the chart finds: there is nobody here who would make a volume for it.
const VOLUME: &str = "apiVersion: v1
kind: PersistentVolume
metadata: {name: history}
spec:
  capacity: {storage: 8Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: /nowhere}
";

/// A control plane with the chart installed by Helm, and dagtrail as its Pod would run.
struct Installed {
    plane: ControlPlane,
    subject: Subject,
    /// What Helm said after the installation.
    notes: String,
}

/// Installs the chart with these arguments, and starts dagtrail with those of its container and the token of its
/// ServiceAccount. What is sent to a Pod arrives there.
async fn installed(plane: ControlPlane, more: &[&str]) -> Result<Installed> {
    restricted(&plane, NAMESPACE).await?;
    apply(&plane, VOLUME).await?;
    let install = [
        "upgrade",
        "--install",
        "dagtrail",
        CHART,
        "--namespace",
        NAMESPACE,
    ];
    let notes = helm(&plane, &[&install, more].concat()).await?;
    let set = [
        "get",
        "statefulset",
        "dagtrail",
        "-n",
        NAMESPACE,
        "-o",
        "json",
    ];
    let set = serde_json::from_str(&plane.kubectl(&set).await?)?;
    let listen = format!("127.0.0.1:{}", plane.forwarded());
    let subject = Subject::start(&plane, &set, NAMESPACE, &listen).await?;
    subject.url().await?;
    Ok(Installed {
        plane,
        subject,
        notes,
    })
}

impl Installed {
    /// The commands that the notes tell, in their order.
    fn told(&self) -> Vec<Vec<String>> {
        let lines = self
            .notes
            .lines()
            .filter_map(|line| line.strip_prefix("  "));
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        lines.map(words).collect()
    }

    /// Runs a command of dagtrail through the cluster: its exit code, what it printed, and what it said.
    async fn dagtrail(&self, args: &[&str]) -> Result<(Option<i32>, String, String)> {
        let mut command: Command = dagtrail(args);
        command
            .arg("--kubeconfig")
            .arg(self.plane.kubeconfig_path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let done = tokio::task::spawn_blocking(move || command.output()).await??;
        let text = |bytes| String::from_utf8(bytes);
        Ok((done.status.code(), text(done.stdout)?, text(done.stderr)?))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_is_seen_by_who_has_just_installed() -> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let installed = installed(plane, &[]).await?;
    let plane = &installed.plane;

    // The Pod is admitted under the restricted profile, finds its volume, and gets ready.
    let told = installed.told();
    let [wait, forward, show] = &told[..] else {
        anyhow::bail!("{}", installed.notes);
    };
    ensure!(
        forward.contains(&"service/dagtrail".to_owned()),
        "{forward:?}"
    );
    let (kubectl, wait) = wait.split_first().context("a command")?;
    ensure!(kubectl == "kubectl");
    plane
        .kubectl(&wait.iter().map(String::as_str).collect::<Vec<_>>())
        .await?;

    let namespace = plane.namespace("team").await?;
    plane
        .apply(&workloads::job(&namespace, "nightly", "fail", 0))
        .await?;

    // The last words of the notes are the next command.
    ensure!(
        installed.notes.trim_end().ends_with(&show.join(" ")),
        "{}",
        installed.notes
    );
    let (program, show) = show.split_first().context("a command")?;
    ensure!(program == "dagtrail");
    let show: Vec<&str> = show.iter().map(String::as_str).collect();
    until("the Job is shown", async || {
        let (code, printed, said) = installed.dagtrail(&show).await?;
        ensure!(code == Some(0), "{said}");
        Ok(printed.contains("nightly"))
    })
    .await
    .with_context(|| installed.subject.log().unwrap_or_default())?;

    let name = format!("{namespace}/job/nightly");
    let tail = ["tail", &name, "-f", "--exit-status", "--port-forward"];
    let (code, printed, said) = installed.dagtrail(&tail).await?;
    ensure!(code == Some(1), "{code:?} {printed} {said}");
    ensure!(printed.contains("BackoffLimitExceeded"), "{printed}");

    who_may_view_another_namespace_sees_nothing(&installed, &namespace).await?;
    an_upgrade_changes_no_claim_and_a_removal_no_execution(&installed, &namespace).await
}

/// Both may view a namespace; the run is in one of them. Asked for by hand, and by a browser.
async fn who_may_view_another_namespace_sees_nothing(
    installed: &Installed,
    namespace: &str,
) -> Result<()> {
    let plane = &installed.plane;
    let other = plane.namespace("other").await?;
    let url = installed.subject.url().await?;
    let run = format!("{url}/v1/executions/{namespace}/job/nightly");
    let absent = format!("{url}/v1/executions/{namespace}/job/never");
    let get = async |url: &str, token: &str| -> Result<(u16, String)> {
        let asked = reqwest::Client::new().get(url).bearer_auth(token).send();
        let answer = asked.await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    };
    let viewer = async |of: &str| {
        let account = format!("--serviceaccount={of}:default");
        let view = [
            "create",
            "rolebinding",
            "view",
            "--clusterrole=view",
            &account,
            "-n",
            of,
        ];
        plane.kubectl(&view).await?;
        token(plane, of, "default").await
    };
    let (inside, outside) = (viewer(namespace).await?, viewer(&other).await?);
    // A right that is given holds after ten seconds at most.
    until("who may view the namespace sees the run", async || {
        Ok(get(&run, &inside).await?.0 == 200)
    })
    .await?;
    let (status, words) = get(&run, &outside).await?;
    ensure!(status == 404, "{status} {words}");
    let (status, of_none) = get(&absent, &outside).await?;
    ensure!(status == 404, "{status} {of_none}");
    ensure!(
        words == of_none.replace("never", "nightly"),
        "{words} {of_none}"
    );
    let (status, _) = get(&run, "nobody").await?;
    ensure!(status == 401, "{status}");

    let place = format!("/x/{namespace}/job/nightly");
    let page = move || {
        let told = [("RUN", &*place), ("VIEWER", &inside), ("OTHER", &outside)];
        programs::holds("installed", &url, &told);
    };
    Ok(tokio::task::spawn_blocking(page).await?)
}

async fn an_upgrade_changes_no_claim_and_a_removal_no_execution(
    installed: &Installed,
    namespace: &str,
) -> Result<()> {
    let plane = &installed.plane;
    let values = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/install/values/kubernetes-only.yaml"
    );
    let upgrade = ["upgrade", "dagtrail", CHART, "--namespace", NAMESPACE];
    let more = [
        "--values",
        values,
        "--set",
        "commonLabels.team=platform,replicaCount=1",
    ];
    helm(plane, &[&upgrade[..], &more].concat()).await?;

    let execution = format!(
        "apiVersion: dagtrail.dev/v1alpha1\nkind: Execution\nmetadata: {{namespace: {namespace}, name: declared}}\n\
         spec: {{engine: K8s}}\n"
    );
    apply(plane, &execution).await?;
    helm(plane, &["uninstall", "dagtrail", "--namespace", NAMESPACE]).await?;
    let left = [
        "get",
        "executions.dagtrail.dev",
        "-n",
        namespace,
        "-o",
        "name",
    ];
    ensure!(plane.kubectl(&left).await? == "execution.dagtrail.dev/declared\n");
    let left = ["get", "pvc", "-n", NAMESPACE, "-o", "name"];
    ensure!(plane.kubectl(&left).await? == "persistentvolumeclaim/data-dagtrail-0\n");
    let gone = [
        "get",
        "statefulset,service,role",
        "-n",
        NAMESPACE,
        "-o",
        "name",
    ];
    ensure!(plane.kubectl(&gone).await?.is_empty());
    Ok(())
}
