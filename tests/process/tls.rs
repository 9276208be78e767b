//! TLS: encrypted or not at all, by either version of HTTP, and with another certificate without a stream's end.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::server::{Server, dagtrail, output};

const PATIENCE: Duration = Duration::from_secs(20);

/// Writes a certificate for localhost and its key, as an operator or cert-manager would.
fn certificate(folder: &Path) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = signing_key.serialize_pem();
    fs::write(folder.join("tls.key"), key).unwrap();
    fs::write(folder.join("tls.crt"), cert.pem()).unwrap();
    cert.pem()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

fn serve(folder: &Path) -> Server {
    Server::spawn(dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
        "--tls-cert",
        &path(folder, "tls.crt"),
        "--tls-key",
        &path(folder, "tls.key"),
    ]))
}

/// A connection that trusts these certificates only.
async fn connect(
    server: &Server,
    trusted: &str,
    versions: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = versions
        .iter()
        .map(|version| version.as_bytes().to_vec())
        .collect();
    let stream = TcpStream::connect(server.url.trim_start_matches("https://")).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

async fn ask(stream: &mut TlsStream<TcpStream>, request: &str) {
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Reads until there is this.
async fn read_until(stream: &mut TlsStream<TcpStream>, wanted: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.contains(wanted) {
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).await.unwrap();
            assert!(read > 0, "it ends before {wanted}: {text}");
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    };
    let read = tokio::time::timeout(PATIENCE, read).await;
    assert!(read.is_ok(), "{wanted} does not come: {text}");
    text
}

async fn post(server: &Server, trusted: &str, reason: &str, second: u8) {
    let mut stream = connect(server, trusted, &["http/1.1"]).await.unwrap();
    let body =
        format!(r#"{{"reason": "{reason}", "firstTimestamp": "2030-01-01T00:00:0{second}Z"}}"#);
    let request = format!(
        "POST /v1/executions/run/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    ask(&mut stream, &request).await;
    read_until(&mut stream, "HTTP/1.1 200").await;
}

#[tokio::test]
async fn it_is_served_by_both_versions_of_http_and_not_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = certificate(folder.path());
    let server = serve(folder.path());
    assert!(server.url.starts_with("https://"), "{}", server.url);
    for (versions, spoken) in [
        (&["h2", "http/1.1"][..], Some(&b"h2"[..])),
        (&["http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let stream = connect(&server, &trusted, versions).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), spoken, "{versions:?}");
    }
    let mut stream = connect(&server, &trusted, &["http/1.1"]).await.unwrap();
    ask(
        &mut stream,
        "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n",
    )
    .await;
    read_until(&mut stream, "HTTP/1.1 200").await;

    let mut clear = TcpStream::connect(server.url.trim_start_matches("https://"))
        .await
        .unwrap();
    clear
        .write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut said = Vec::new();
    let read = tokio::time::timeout(PATIENCE, clear.read_to_end(&mut said)).await;
    assert!(read.is_ok(), "it is left open");
    assert!(
        !String::from_utf8_lossy(&said).contains("HTTP/"),
        "it answers in the clear"
    );

    let ca = path(folder.path(), "tls.crt");
    let url = server.url.replace("127.0.0.1", "localhost");
    let get = [
        "get",
        "executions",
        "--server",
        &url,
        "--certificate-authority",
        &ca,
    ];
    let (ok, _, said) = output(&get);
    assert!(ok, "{said}");
}

#[tokio::test]
async fn another_certificate_is_shown_without_a_restart_and_without_a_streams_end() {
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let server = serve(folder.path());
    post(&server, &first, "Started", 1).await;
    let mut follows = connect(&server, &first, &["http/1.1"]).await.unwrap();
    let request = "GET /v1/executions/run/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n";
    ask(&mut follows, request).await;
    read_until(&mut follows, "Started").await;

    // Half of a pair, which cannot be used: the old one stays.
    let key = fs::read(folder.path().join("tls.key")).unwrap();
    let second = certificate(folder.path());
    let good = fs::read(folder.path().join("tls.key")).unwrap();
    fs::write(folder.path().join("tls.key"), key).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(
        connect(&server, &first, &[]).await.is_ok(),
        "the old one stays"
    );
    fs::write(folder.path().join("tls.key"), good).unwrap();
    let begin = Instant::now();
    while connect(&server, &second, &[]).await.is_err() {
        assert!(
            begin.elapsed() < PATIENCE,
            "the new certificate is not shown"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(connect(&server, &first, &[]).await.is_err());
    post(&server, &second, "Pulled", 2).await;
    read_until(&mut follows, "Pulled").await;
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let (certificate, key) = (
        path(folder.path(), "tls.crt"),
        path(folder.path(), "tls.key"),
    );
    let none = path(folder.path(), "none");
    for (args, told) in [
        (vec!["--tls-cert", &certificate], "--tls-key"),
        (
            vec!["--tls-cert", &none, "--tls-key", &key],
            "none cannot be read",
        ),
        (
            vec!["--tls-cert", &key, "--tls-key", &key],
            "no certificate",
        ),
        (
            vec!["--tls-cert", &certificate, "--tls-key", &certificate],
            "the key",
        ),
    ] {
        let serve = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--kube",
            "off",
            "--in-memory",
        ];
        let (ok, _, said) = output(&[&serve[..], &args].concat());
        assert!(!ok && said.contains(told), "{args:?}: {said}");
    }
}
