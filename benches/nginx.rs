//! nginx with files, the limit of what a server can do with bytes that are there. Does I/O.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Debian's, unpacked by benches/nginx.sh; `None`, with a sentence on stderr, if it could not be had.
fn binary() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/nginx.sh");
    let done = Command::new(script)
        .stderr(Stdio::inherit())
        .output()
        .expect("the script runs");
    let said = String::from_utf8_lossy(&done.stdout);
    let path = said.lines().last().unwrap_or_default();
    if done.status.success() {
        Some(path.into())
    } else {
        eprintln!("{path}");
        None
    }
}

/// Runs until it is dropped.
pub(crate) struct Nginx {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Nginx {
    /// Serves the files below `<folder>/files` with as many workers as dagtrail has threads that answer.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        let binary = binary()?;
        let address = free();
        let root = folder.display();
        let conf = format!(
            "daemon off; worker_processes 2; pid {root}/pid; error_log {root}/error.log warn;
             events {{ worker_connections 4096; }}
             http {{
               access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
               keepalive_timeout 600; keepalive_requests 1000000000;
               open_file_cache max=30000 inactive=600s; open_file_cache_valid 600s;
               default_type application/json;
               client_body_temp_path {root}/body; proxy_temp_path {root}/proxy;
               fastcgi_temp_path {root}/fastcgi; uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
               server {{ listen {address} backlog=1024; root {root}/files; }}
             }}"
        );
        let path = folder.join("nginx.conf");
        fs::write(&path, conf).expect("a file can be written");
        let child = Command::new(binary)
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(&path)
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts");
        // From here on it ends with this, whatever comes.
        let nginx = Self { child, address };
        for _ in 0..100 {
            if TcpStream::connect(address).is_ok() {
                return Some(nginx);
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("nginx does not listen, see {root}/error.log");
    }

    /// Where the file for a path is to be.
    pub(crate) fn file(folder: &Path, path: &str) -> PathBuf {
        folder.join("files").join(path.trim_start_matches('/'))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It ends its workers itself, if it is asked.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address")
}
