//! `dagtrail doctor`, of a folder and of a server.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::server::{Server, dagtrail};

/// Exit code and standard output.
fn doctor(args: &[&str]) -> (i32, String) {
    let mut command = dagtrail(&["doctor"]);
    command.args(args).stdout(std::process::Stdio::piped());
    let done = command.output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    (done.status.code().unwrap(), said)
}

fn checks(said: &str) -> Vec<(String, String)> {
    let said: Value = serde_json::from_str(said).unwrap();
    let checks = said["checks"].as_array().unwrap().iter().map(|check| {
        let text = |name: &str| check[name].as_str().unwrap().to_owned();
        (text("check"), text("outcome"))
    });
    checks.collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = expected
        .iter()
        .map(|(one, other)| ((*one).into(), (*other).into()));
    pairs.collect()
}

/// A folder with a history that nobody has open.
async fn filled(folder: &Path) {
    let server = Server::start(folder);
    let url = server.events("5b3f9a40-0000-4000-8000-000000000003");
    let event = json!({
        "id": "1",
        "reason": "BackOff",
        "message": "back-off restarting failed container",
        "elemId": "step",
        "elemType": "K8s.Pod",
        "type": "Warning",
        "firstTimestamp": "2026-01-01T00:00:00Z",
    });
    let answer = reqwest::Client::new().post(url).json(&json!([event]));
    let answer = answer.send().await.unwrap();
    assert!(
        answer.status().is_success(),
        "{}",
        answer.text().await.unwrap()
    );
    assert!(server.terminate());
}

fn journal(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder.join("db")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    files
        .find(|path| path.extension().is_some_and(|name| name == "jnl"))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_read_to_its_end_and_a_flipped_bit_is_told() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let data = folder.path().to_str().unwrap();
    let (code, said) = doctor(&["--data-dir", data]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.lines().all(|line| line.starts_with("+ok   ")),
        "{said}"
    );
    assert!(said.contains("records  "), "{said}");
    let (_, said) = doctor(&["--data-dir", data, "-o", "json"]);
    let expected = [
        "catalogue",
        "format",
        "lock",
        "files",
        "log",
        "records",
        "disk",
    ];
    assert_eq!(checks(&said), pairs(&expected.map(|check| (check, "ok"))));

    let path = journal(folder.path());
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 4;
    fs::write(&path, bytes).unwrap();
    let (code, said) = doctor(&["--data-dir", data]);
    assert_eq!(code, 2, "{said}");
    let line = said
        .lines()
        .find(|line| line.starts_with("-fail files"))
        .unwrap();
    assert!(
        line.contains("damaged") && line.contains("| fix: mv "),
        "{said}"
    );
    let serve = [
        "serve",
        "--kube",
        "off",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data,
    ];
    let (well, _, said) = crate::server::output(&serve);
    assert!(
        !well && said.contains("the data directory is damaged"),
        "{said}"
    );
}

#[test]
fn a_folder_that_is_not_there_or_of_a_newer_format_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (code, said) = doctor(&["--data-dir", data]);
    assert!(
        code == 2 && said.contains("there is no history here"),
        "{said}"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is made"
    );
    fs::create_dir(folder.path().join("db")).unwrap();
    let text = r#"{"format": 9, "minReader": 8, "minWriter": 8}"#;
    fs::write(folder.path().join("format.json"), text).unwrap();
    let (code, said) = doctor(&["--data-dir", data]);
    assert!(
        code == 2 && said.contains("start a newer dagtrail"),
        "{said}"
    );
}

#[test]
fn a_folder_in_use_is_told_and_its_server_asked() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let data = folder.path().to_str().unwrap();
    let (code, said) = doctor(&["--data-dir", data]);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("!warn lock") && said.contains("dagtrail doctor --server"),
        "{said}"
    );
    let (code, said) = doctor(&["--server", &server.url, "-o", "json"]);
    let expected = ["catalogue", "server", "ready", "history", "server's clock"];
    assert_eq!(checks(&said), pairs(&expected.map(|check| (check, "ok"))));
    assert_eq!(code, 0, "{said}");
    let gone = server.url.clone();
    server.kill();
    let (code, said) = doctor(&["--server", &gone]);
    assert!(code == 2 && said.contains("-fail server"), "{said}");
}
