//! A dagtrail process at an address that stays, and what tests ask of it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::clients;
use crate::server::{Server, dagtrail};

/// Below which clients find the API.
pub(crate) const MOUNT: &str = "/prefect/api";

/// A port that nobody listens on, so that a server can come back to it.
pub(crate) fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// Serves a folder at a port.
pub(crate) fn serve(data: &Path, port: u16, more: &[&str]) -> Server {
    let listen = format!("127.0.0.1:{port}");
    let data = data.to_str().unwrap();
    let args = [
        "serve",
        "--listen",
        &listen,
        "--kube",
        "off",
        "--data-dir",
        data,
    ];
    Server::spawn(dagtrail(&[&args[..], more].concat()))
}

/// A Python with a Prefect whose API is at this URL; it keeps to a folder of its own.
pub(crate) fn python(which: &str, home: &Path, api: &str) -> Command {
    let mut python = clients::python("prefect", which);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PREFECT_")) {
        python.env_remove(name);
    }
    python
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects/prefect"))
        .env("PREFECT_HOME", home)
        .env("PREFECT_API_URL", api)
        .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
        .env("PREFECT_LOGGING_LEVEL", "WARNING")
        .env("DO_NOT_TRACK", "1")
        .env("PYTHONUNBUFFERED", "1")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    python
}

/// What a program says, one JSON value a line; stops the test if it fails.
pub(crate) fn said(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {text}", output.status);
    let lines = text.lines().filter(|line| line.starts_with(['{', '[']));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A client for HTTP that no proxy stands before.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Posts, and reads the answer.
pub(crate) async fn post(
    server: &Server,
    path: &str,
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    let request = http().post(format!("{}{MOUNT}{path}", server.url));
    let request = request
        .header("content-type", "application/json")
        .body(body);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// All events of a resource, the earliest first.
pub(crate) async fn events(server: &Server, resource: &str) -> Vec<Value> {
    let filter = json!({ "resource": { "id_prefix": [resource] }, "order": "ASC" });
    let asked = json!({ "filter": filter, "limit": 200 });
    let (_, mut page) = post(server, "/events/filter", asked.to_string()).await;
    let mut all = Vec::new();
    loop {
        all.append(page["events"].as_array_mut().unwrap());
        let Some(next) = page["next_page"].as_str() else {
            return all;
        };
        page = http().get(next).send().await.unwrap().json().await.unwrap();
    }
}

/// The time that is now, and seconds before.
pub(crate) fn ago(seconds: u64) -> String {
    use dagtrail::model::{Clock, SystemClock};
    let time = SystemClock
        .now()
        .before(std::time::Duration::from_secs(seconds));
    time.to_exact()
}
