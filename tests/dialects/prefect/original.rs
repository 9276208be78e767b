//! One scenario, played against Prefect's own server and against dagtrail: they answer the same, but for what is marked.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::stage::{MOUNT, free_port, http, python, serve};

/// How long Prefect's server may take to start.
const PATIENCE: Duration = Duration::from_secs(90);

/// Prefect's own server; its processes end with the test.
struct Original(Child);

impl Original {
    async fn start(home: &Path, port: u16, api: &str) -> Self {
        let mut server = python("", home, api);
        let port = port.to_string();
        server
            .args([
                "-m",
                "prefect",
                "server",
                "start",
                "--no-ui",
                "--host",
                "127.0.0.1",
                "--port",
                &port,
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let original = Self(server.spawn().unwrap());
        let (client, begin) = (http(), Instant::now());
        while client.get(format!("{api}/health")).send().await.is_err() {
            assert!(
                begin.elapsed() < PATIENCE,
                "Prefect's server does not start"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        original
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        // It has started others: all of its group.
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}

fn play(home: &Path, api: &str, who: &str) -> String {
    let mut runner = python("", home, api);
    let output = runner.args(["scenario.py", api, who]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{told}");
    assert!(
        output.status.success(),
        "{who} differs where no difference is marked"
    );
    told.lines()
        .filter(|line| line.starts_with("marked"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dagtrail_and_the_original_answer_one_scenario_the_same_but_for_what_is_marked() {
    let (data, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = free_port();
    let api = format!("http://127.0.0.1:{port}/api");
    let original = Original::start(home.path(), port, &api).await;
    let theirs = play(home.path(), &api, "original");
    drop(original);
    let server = serve(data.path(), 0, &[]);
    let ours = play(home.path(), &format!("{}{MOUNT}", server.url), "dagtrail");
    assert_eq!(ours, theirs, "the same differences are marked");
}
