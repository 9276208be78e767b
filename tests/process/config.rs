//! A file of settings that changes while the process runs, as Kubernetes changes what it mounts.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use super::server::dagtrail;

const PATIENCE: Duration = Duration::from_secs(60);

/// A folder as a mounted ConfigMap: the file is a link to a folder that is a link to the version.
struct Mounted(PathBuf);

impl Mounted {
    fn write(&self, version: u32, text: &str) {
        let folder = self.0.join(format!("..version-{version}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("dagtrail.yaml"), text).unwrap();
        let next = self.0.join("..next");
        symlink(&folder, &next).unwrap();
        fs::rename(&next, self.0.join("..data")).unwrap();
        let file = self.file();
        if !file.exists() {
            symlink("..data/dagtrail.yaml", &file).unwrap();
        }
    }

    fn file(&self) -> PathBuf {
        self.0.join("dagtrail.yaml")
    }
}

struct Process {
    child: Child,
    log: PathBuf,
    url: String,
}

impl Process {
    async fn start(config: &Path, log: PathBuf) -> Self {
        let config = config.to_str().unwrap();
        let flags = ["--listen", "127.0.0.1:0", "--kube", "off", "--in-memory"];
        let mut command = dagtrail(&[&["serve", "--config", config], &flags[..]].concat());
        let child = command
            .env_remove("RUST_LOG")
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut process = Self {
            child,
            log,
            url: String::new(),
        };
        let line = process.says("dagtrail listens on ").await;
        let (_, rest) = line.split_once("listens on ").unwrap();
        process.url = rest.split(',').next().unwrap().to_owned();
        process
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits for a line with these words.
    async fn says(&self, words: &str) -> String {
        let begin = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            assert!(begin.elapsed() < PATIENCE, "it never said {words:?}: {log}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        reqwest::get(format!("{}{path}", self.url)).await.unwrap()
    }

    async fn stream(&self) -> reqwest::Response {
        let url = format!("{}/v1/executions/run/events", self.url);
        let asked = reqwest::Client::new()
            .get(url)
            .header("accept", "text/event-stream");
        asked.send().await.unwrap()
    }

    async fn reloaded(&self) -> bool {
        let metrics = self.get("/metrics").await.text().await.unwrap();
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix("dagtrail_config_last_reload_successful "));
        line.unwrap() == "1"
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_can_change_does_what_cannot_is_named_and_a_mistake_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Mounted(folder.path().join("mounted"));
    fs::create_dir(&mounted.0).unwrap();
    mounted.write(1, "maxStreams: 1\nlogLevel: warn\n");
    let process = Process::start(&mounted.file(), folder.path().join("log")).await;
    let event = r#"{"reason": "Started", "firstTimestamp": "2030-01-01T00:00:00Z"}"#;
    let told = reqwest::Client::new()
        .post(format!("{}/v1/executions/run/events", process.url))
        .header("content-type", "application/json")
        .body(event);
    assert_eq!(told.send().await.unwrap().status(), 200);
    let first = process.stream().await;
    assert_eq!(first.status(), 200);
    assert_eq!(
        process.stream().await.status(),
        503,
        "one is all there may be"
    );
    assert!(process.reloaded().await);

    // A mistake: it is named, and what was read before stays.
    mounted.write(2, "maxStrems: 5\n");
    process
        .says("there is no setting maxStrems: did you mean maxStreams?")
        .await;
    assert!(!process.reloaded().await);
    assert_eq!(process.stream().await.status(), 503);
    mounted.write(3, "maxStreams: many\n");
    process.says("what was read before stays in use").await;
    mounted.write(4, "maxStreams: 5\ntlsCert: /nowhere\n");
    process
        .says("--tls-cert and --tls-key belong together")
        .await;
    assert_eq!(process.stream().await.status(), 503);

    // Some of it holds at once, and the flag wins over the rest.
    let log = "logLevel: debug\nkube: required\neventTtl: 2h\nhistoryCacheMib: 1\n";
    mounted.write(5, &format!("maxStreams: 2\n{log}"));
    let line = process.says("needs a restart to hold: ").await;
    assert!(line.ends_with("hold: eventTtl, historyCacheMib"), "{line}");
    assert!(process.reloaded().await);
    let second = process.stream().await;
    assert_eq!(second.status(), 200);
    assert_eq!(process.stream().await.status(), 503, "two are");
    process.says("answered").await;
    assert_eq!(first.status(), second.status(), "what was open stays open");
}

#[tokio::test]
async fn a_file_that_goes_away_is_told_and_what_it_said_holds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dagtrail.yaml");
    fs::write(&file, "logLevel: info\n").unwrap();
    let process = Process::start(&file, folder.path().join("log")).await;
    fs::remove_file(&file).unwrap();
    process.says("dagtrail.yaml cannot be read").await;
    assert_eq!(process.get("/livez").await.status(), 200);
    fs::write(&file, "logLevel: debug\n").unwrap();
    process.says("and this holds now: logLevel").await;
}
