//! The commands, as typed.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::{Server, dagtrail, output};

#[test]
fn crd_prints_the_file_that_is_checked_in() {
    let (fine, printed, _) = output(&["crd"]);
    assert!(fine);
    assert_eq!(
        printed,
        include_str!("../../crds/executions.dagtrail.dev.yaml")
    );
}

#[test]
fn openapi_prints_the_file_that_is_checked_in() {
    let (fine, printed, _) = output(&["openapi"]);
    assert!(fine);
    assert_eq!(printed, include_str!("../../docs/openapi.json"));
}

#[test]
fn a_second_process_on_one_folder_refuses_with_a_sentence() {
    let data = tempfile::tempdir().unwrap();
    let _first = Server::start(data.path());
    let path = data.path().to_str().unwrap();
    let (fine, _, said) = output(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--data-dir",
        path,
    ]);
    assert!(!fine);
    assert!(said.contains("in use by another process"), "{said}");
}

#[test]
fn an_address_that_others_reach_is_refused_without_authentication() {
    let (fine, _, said) = output(&[
        "serve",
        "--listen",
        "0.0.0.0:0",
        "--kube",
        "off",
        "--in-memory",
    ]);
    assert!(!fine);
    assert!(said.contains("--insecure-no-auth"), "{said}");
}

#[test]
fn a_cluster_that_is_required_and_not_there_is_an_error() {
    let mut command = dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "required",
        "--in-memory",
    ]);
    let nowhere = tempfile::tempdir().unwrap();
    command
        .env("HOME", nowhere.path())
        .env("KUBECONFIG", nowhere.path().join("none"));
    command.env_remove("KUBERNETES_SERVICE_HOST");
    let done = command.stderr(Stdio::piped()).output().unwrap();
    assert!(!done.status.success());
    assert!(
        String::from_utf8(done.stderr)
            .unwrap()
            .contains("--kube required")
    );
}

#[test]
fn it_logs_without_the_engines_files_and_without_colours_for_nobody() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_str().unwrap();
    let mut command = dagtrail(&["serve", "--listen", &address, "--data-dir", path]);
    command.args(["--kube", "auto"]).env_remove("RUST_LOG");
    command
        .env("HOME", path)
        .env("KUBECONFIG", data.path().join("none"));
    command.env_remove("KUBERNETES_SERVICE_HOST");
    let done = command.stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("no cluster is watched"), "{said}");
    assert!(!said.contains("lsm_tree"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
}

#[test]
fn it_ends_in_order_when_it_is_asked_to() {
    let data = tempfile::tempdir().unwrap();
    assert!(Server::start(data.path()).terminate());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_host_or_origin_is_refused_on_loopback() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    let client = reqwest::Client::new();
    for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example")] {
        let answer = client
            .get(format!("{}/v1/executions", server.url))
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(
            body["error_msg"].as_str().unwrap().contains("evil.example"),
            "{body}"
        );
        assert!(body["error_code"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_plays_a_success_a_failure_with_a_fold_and_one_that_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().to_str().unwrap();
    let server = Server::spawn(dagtrail(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        path,
    ]));
    let start = Instant::now();
    let get = async |path: String| -> Value {
        serde_json::from_str(&reqwest::get(path).await.unwrap().text().await.unwrap()).unwrap()
    };
    let (mut first_event, mut states) = (None, Vec::new());
    for _ in 0..300 {
        let list = get(format!("{}/v1/executions", server.url)).await;
        let executions = list["executions"].as_array().unwrap();
        states = executions
            .iter()
            .map(|one| one["execution"]["status"].as_str().unwrap().to_owned())
            .collect();
        if !executions.is_empty() && first_event.is_none() {
            first_event = Some(start.elapsed());
        }
        states.sort();
        if states == ["Failed", "Running", "Succeeded"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let first_event = first_event.expect("an event is visible");
    assert!(first_event < Duration::from_secs(2), "{first_event:?}");
    assert_eq!(states, ["Failed", "Running", "Succeeded"]);
    let list = get(format!(
        "{}/v1/executions?status=Failed&limit=1&offset=0",
        server.url
    ))
    .await;
    let id = list["executions"][0]["execution"]["guid"]
        .as_str()
        .unwrap()
        .to_owned();
    let rows = get(server.events(&id)).await;
    let folded = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["reason"].as_str().unwrap().ends_with("##BackOff"));
    assert_eq!(folded.unwrap()["count"], 12);
}

#[test]
fn the_demo_at_once_shows_the_run_that_failed_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let shown = |args: &[&str]| {
        let mut command = dagtrail(args);
        let done = command
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    let table = shown(&["demo", "--once", "--lang", "zh", "--tz", "UTC"]);
    assert!(table.contains("回退等待"), "{table}");
    let rows = shown(&["demo", "--once", "-o", "json", "--lang", "both"]);
    let rows: Value = serde_json::from_str(&rows).unwrap();
    let rows = rows.as_array().unwrap();
    let back_off = rows
        .iter()
        .find(|row| row["reason"] == "回退等待##BackOff")
        .unwrap();
    assert_eq!(back_off["count"], 12);
    assert_eq!(rows.last().unwrap()["reason"], "执行失败##FailedFinish");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_file_of_settings_is_checked_and_the_nearest_name_is_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    std::fs::write(&file, "kube: off\nlogFormat: json\n").unwrap();
    let (fine, printed, said) = output(&["config", "check", path]);
    assert!(fine, "{said}");
    assert_eq!(printed, format!("{path} is well\n"));
    for (wrong, why) in [
        ("logFormt: json\n", "did you mean logFormat?"),
        ("logFormat: xml\n", "logFormat"),
        ("replicas: 3\n", "there is no setting replicas"),
    ] {
        std::fs::write(&file, wrong).unwrap();
        let (fine, _, said) = output(&["config", "check", path]);
        assert!(!fine && said.contains(why), "{wrong}: {said}");
    }
}

#[tokio::test]
async fn the_parts_that_are_ready_are_told_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let told = reqwest::get(format!("{}/readyz?verbose", server.url))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(told, "[+]store ok\nit is ready\n");
}
