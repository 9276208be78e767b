//! A run that is recorded is replayed to the same history, byte for byte. Does I/O.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::player;
use super::stage::{folder, install};
use crate::control_plane::{ControlPlane, until};
use crate::recorder::{Recorder, printed};
use crate::server::dagtrail;
use crate::workloads;

/// A recording, the dump of the history that was kept meanwhile, and the dumps of replays.
struct Tape {
    kubeconfig: PathBuf,
    folder: TempDir,
}

impl Tape {
    fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.to_str().expect("a path in UTF-8").to_owned()
    }

    fn read(&self, name: &str) -> Result<String> {
        std::fs::read_to_string(self.path(name)).with_context(|| format!("read {name}"))
    }

    /// Records on, and dumps the history in the end.
    async fn record(&self, dump: &str, more: &[&str]) -> Result<Recorder> {
        let args = [&self.path("run"), "--dump", &self.path(dump)].map(String::from);
        let args: Vec<String> = args
            .into_iter()
            .chain(more.iter().map(|s| (*s).into()))
            .collect();
        let kubeconfig = self.kubeconfig.clone();
        let start = move || {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            Recorder::start(&args, &kubeconfig)
        };
        Ok(tokio::task::spawn_blocking(start).await?)
    }

    /// Waits until the recording has all of these.
    async fn has(&self, texts: &[&str]) -> Result<()> {
        until(&format!("{texts:?} in the recording"), async || {
            let text = self.read("run")?;
            Ok(texts.iter().all(|wanted| text.contains(wanted)))
        })
        .await
    }

    /// Waits until a replay has all of these: one may be replayed while it is made.
    async fn tells(&self, texts: &[&str]) -> Result<()> {
        until(&format!("{texts:?} in the history"), async || {
            let (dump, _) = printed(&["replay", &self.path("run")]);
            Ok(texts.iter().all(|wanted| dump.contains(wanted)))
        })
        .await
    }

    /// Replays twice, to memory, and to a folder, twice: always the same. Gives the dump.
    fn replays_to(&self, live: &str) -> Result<String> {
        let live = self.read(live)?;
        let (run, store) = (self.path("run"), self.path("store"));
        for round in 0..2 {
            ensure!(printed(&["replay", &run]).0 == live, "replay {round}");
            printed(&["replay", &run, "--store", &store]);
            let (kept, _) = printed(&["dump", "--data-dir", &store]);
            ensure!(kept == live, "replay {round} to a folder");
        }
        Ok(live)
    }
}

async fn play(plane: &ControlPlane, namespace: &str, script: &str) -> Result<()> {
    let file = folder().join(format!("scripts/{script}.yaml"));
    let script = std::fs::read_to_string(file)?;
    player::play(&plane.client().await?, namespace, &script).await?;
    Ok(())
}

async fn rights(plane: &ControlPlane) -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/dagtrail.yaml");
    plane
        .apply(manifest.to_str().context("a path in UTF-8")?)
        .await?;
    plane
        .kubeconfig_for_service_account("dagtrail-system", "dagtrail")
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_run_is_replayed_to_the_same_bytes() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let tape = Tape {
        kubeconfig: rights(&plane).await?,
        folder: tempfile::tempdir()?,
    };
    let namespace = plane.namespace("recorded").await?;
    install(&plane, "argo-workflows").await?;
    plane
        .apply(&workloads::job(&namespace, "before", "succeed", 0))
        .await?;

    let kept = tape.path("kept");
    let first = tape.record("first", &["--data-dir", &kept]).await?;
    play(&plane, &namespace, "argo-dag").await?;
    plane
        .apply(&workloads::job(&namespace, "meanwhile", "fail", 1))
        .await?;
    tape.tells(&[
        r#""elemType":"Argo"#,
        r#""code":"ErrorFinish""#,
        r#""code":"BackoffLimitExceeded""#,
        r#""reporter":"job-controller""#,
        r#""reporter":"dagtrail""#,
    ])
    .await?;
    // Watches break and are opened again; what they ask for is then compacted away, and all is listed anew.
    plane.restart_apiserver().await?;
    plane.stop_apiserver()?;
    plane.compact_etcd().await?;
    plane.start_apiserver().await?;
    plane
        .apply(&workloads::pod(&namespace, "after", "succeed"))
        .await?;
    tape.has(&[
        "\"name\":\"after.",
        "{\"kind\":\"events\",\"reason\":\"gone\"}",
    ])
    .await?;
    // Events of Pods that may still be shown wait for them; that is in the recording, too.
    tokio::time::sleep(Duration::from_secs(1)).await;
    tokio::task::spawn_blocking(move || first.end()).await?;
    let live = tape.replays_to("first")?;
    ensure!(printed(&["dump", "--data-dir", &kept]).0 == live);
    let text = tape.read("run")?;
    let lists = text.matches(r#""kind":"events","changes":["listing""#);
    ensure!(lists.count() > 1, "Events were listed once");

    // Another process goes on; meanwhile a kind is there that was not, and another one is gone.
    install(&plane, "tekton").await?;
    let second = tape.record("second", &[]).await?;
    play(&plane, &namespace, "tekton-pipeline").await?;
    let gone = ["delete", "crd", "workflows.argoproj.io"];
    plane.kubectl(&gone).await?;
    tape.has(&["{\"kind\":\"workflows\",\"reason\":\"absent\"}"])
        .await?;
    tape.tells(&[r#""elemType":"Tekton"#]).await?;
    tokio::task::spawn_blocking(move || second.end()).await?;
    let both = tape.replays_to("second")?;
    ensure!(both.len() > live.len());

    // One that is to end by itself has little time, and ends where it is.
    let (run, third) = (tape.path("run"), tape.path("third"));
    let mut command = dagtrail(&["record", &run, "--for", "1s", "--dump", &third]);
    command.env("KUBECONFIG", &tape.kubeconfig);
    let ended = tokio::task::spawn_blocking(move || command.status()).await??;
    ensure!(ended.success());
    let both = tape.replays_to("third")?;

    // The end of a recording that was cut off is left out, and said.
    let text = tape.read("run")?;
    std::fs::write(tape.path("run"), format!("{text}{}", &text[..99]))?;
    let (again, said) = printed(&["replay", &tape.path("run")]);
    ensure!(again == both && said.contains("was cut off"), "{said}");
    Ok(())
}
