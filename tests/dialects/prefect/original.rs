//! One scenario, played against Prefect's own server and against dagtrail: they answer the same, but for what is marked.

use std::path::Path;

use super::own_server::Original;
use super::stage::{MOUNT, free_port, python, serve};

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
