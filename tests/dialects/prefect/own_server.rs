//! Prefect's own server, as a process.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::stage::{http, python};

/// How long Prefect's server may take to start.
const PATIENCE: Duration = Duration::from_secs(90);

/// Prefect's own server with its default database; its processes end when it is dropped.
pub(crate) struct Original(Child);

impl Original {
    /// Starts it at a port, with a folder of its own; returns when it answers at `api`.
    pub(crate) async fn start(home: &Path, port: u16, api: &str) -> Self {
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
