//! Who asks, and whom one asks.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::asked::event;
use crate::server::{Server, dagtrail};

// echo -n secret | sha256sum
const SECRET: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

#[test]
fn a_token_proves_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let known = format!(
        "tokens:\n- name: ci\n  sha256: {SECRET}\n  namespaces: [team]\n  verbs: [read, write]\n"
    );
    fs::write(path("tokens.yaml"), known).unwrap();
    fs::write(path("token"), "secret\n").unwrap();
    fs::write(path("wrong"), "guess").unwrap();
    fs::write(path("empty"), "\n").unwrap();
    let server = Server::spawn(dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
        "--token-file",
        &path("tokens.yaml"),
    ]));
    let said = server.ask(&["get", "executions"]);
    assert!(
        said.code == 1
            && said.err.contains("credentials are missing")
            && said.err.contains("--token-file names"),
        "{}",
        said.err
    );
    let said = server.ask(&["get", "executions", "--token-file", &path("wrong")]);
    assert!(
        said.code == 1 && said.err.contains("not known"),
        "{}",
        said.err
    );
    assert!(
        !said.err.contains("guess"),
        "a token is not said: {}",
        said.err
    );
    let said = server.ask(&["get", "executions", "--token-file", &path("empty")]);
    assert!(
        said.code == 1 && said.err.contains("is empty"),
        "{}",
        said.err
    );
    let token = ["--token-file", &path("token")];
    server.get(&[&["emit", "run", "--reason", "ActionStart"], &token[..]].concat());
    let names = server.get(
        &[
            &["get", "executions", "-n", "team", "-o", "name"],
            &token[..],
        ]
        .concat(),
    );
    assert_eq!(names, "run\n");
    let said = server.ask(&[&["delete", "run"], &token[..]].concat());
    assert_eq!(said.code, 1, "it may not delete");
    let mut by_environment = server.command(&["get", "executions", "-o", "name"]);
    let done = by_environment
        .env("DAGTRAIL_TOKEN", "secret")
        .output()
        .unwrap();
    assert_eq!(done.stdout, b"run\n");
}

/// Takes TLS off what comes in, and hands it on.
fn tls(config: Arc<ServerConfig>, to: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut outside = StreamOwned::new(connection, stream);
            let mut inside = TcpStream::connect(&to).unwrap();
            exchange(&mut outside, &mut inside);
        }
    });
    port
}

/// One request of up to 64 KiB, and its answer to the end.
fn exchange(outside: &mut StreamOwned<ServerConnection, TcpStream>, inside: &mut TcpStream) {
    use std::io::{Read, Write};
    let mut request = vec![0; 1 << 16];
    // A client that does not trust the certificate says nothing.
    let Ok(read) = outside.read(&mut request) else {
        return;
    };
    let request = String::from_utf8(request[..read].to_vec()).unwrap();
    let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    // The server on loopback answers to loopback names only, as localhost is.
    inside.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    inside.read_to_end(&mut answer).unwrap();
    let _ = outside.write_all(&answer);
    outside.conn.send_close_notify();
    let _ = outside.flush();
}

#[test]
fn an_https_server_must_have_a_certificate_of_who_is_trusted() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(data.path());
    server.emit("run", &[event("Pulled", "a", 1)]);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["good", "other"] {
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ])
            .args([
                "-addext",
                "subjectAltName=DNS:localhost",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ])
            .args([
                "-keyout",
                &path(&format!("{name}.key")),
                "-out",
                &path(&format!("{name}.crt")),
            ])
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
    fs::write(path("none.crt"), "no certificate").unwrap();
    let certificate = CertificateDer::from_pem_file(path("good.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_file(path("good.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let to = server.url.strip_prefix("http://").unwrap().to_owned();
    let url = format!("https://localhost:{}", tls(Arc::new(config), to));
    let asked = |authority: &str| {
        let args = ["get", "executions", "-o", "name", "--server", &url];
        server.ask(&[&args[..], &["--certificate-authority", &path(authority)]].concat())
    };
    let said = asked("good.crt");
    assert_eq!((said.code, said.out.as_str()), (0, "run\n"), "{}", said.err);
    for wrong in ["other.crt", "none.crt", "missing.crt"] {
        let said = asked(wrong);
        assert_eq!(
            (said.code, said.out.as_str()),
            (1, ""),
            "{wrong}: {}",
            said.err
        );
    }
    let said = server.ask(&["get", "executions", "--server", &url]);
    assert!(
        said.code == 1 && said.err.contains("certificate"),
        "{}",
        said.err
    );
}
