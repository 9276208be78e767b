//! A server behind the Pod's port that speaks TLS: reached if its certificate is right, and not otherwise. Does I/O.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::{pod_that_is_probed, run, through};
use crate::control_plane::ControlPlane;
use crate::server::{Server, dagtrail};

/// A certificate for these names and its key, as files.
fn certificate(folder: &Path, name: &str, names: Vec<String>) -> Result<(String, String)> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names)?;
    let write = |end: &str, pem: String| -> Result<String> {
        let path = folder.join(format!("{name}.{end}"));
        fs::write(&path, pem)?;
        Ok(path.to_str().context("a path in UTF-8")?.to_owned())
    };
    Ok((
        write("crt", cert.pem())?,
        write("key", signing_key.serialize_pem())?,
    ))
}

/// `plain` has a Pod of which nothing says that it speaks TLS. Nobody else listens behind the Pods' ports.
pub(super) async fn a_server_that_speaks_tls_is_checked(
    plane: &ControlPlane,
    plain: &str,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let secure = plane.namespace("tls").await?;
    pod_that_is_probed(plane, &secure, "HTTPS").await?;
    let names = [plain, &secure].map(|namespace| format!("dagtrail.{namespace}.svc"));
    let (trusted, key) = certificate(folder.path(), "server", names.to_vec())?;
    let (foreign, _) = certificate(folder.path(), "foreign", names.to_vec())?;
    let listen = format!("127.0.0.1:{}", plane.forwarded());
    let tls = ["--tls-cert", &trusted, "--tls-key", &key];
    let serve = ["serve", "--listen", &listen, "--kube", "off", "--in-memory"];
    let server = dagtrail(&[&serve[..], &tls].concat());
    let server = tokio::task::spawn_blocking(|| Server::spawn(server)).await?;
    ensure!(server.url.starts_with("https://"), "{}", server.url);

    let get = |namespace: &str, more: &[&str]| -> Command {
        let mut command = through(plane, namespace, &["get", "executions", "-A", "-o", "name"]);
        command.args(more).env_remove("SSL_CERT_FILE");
        command
    };
    let ca = ["--certificate-authority", &trusted];
    let said = run(get(plain, &ca)).await?;
    ensure!(said.code == Some(0), "by its authority: {}", said.err);
    let mut of_system = get(&secure, &[]);
    of_system.env("SSL_CERT_FILE", &trusted);
    let said = run(of_system).await?;
    ensure!(said.code == Some(0), "by those of the system: {}", said.err);
    let named = ["--tls-server-name", &names[0]];
    let said = run(get(&secure, &[&ca[..], &named].concat())).await?;
    ensure!(
        said.code == Some(0),
        "by another of its names: {}",
        said.err
    );

    let other = ["--tls-server-name", "dagtrail.elsewhere.svc"];
    for (what, command, told) in [
        ("in the clear", get(plain, &[]), ""),
        ("by no authority", get(&secure, &[]), "certificate"),
        (
            "by another",
            get(&secure, &["--certificate-authority", &foreign]),
            "certificate",
        ),
        (
            "by another name",
            get(&secure, &[&ca[..], &other].concat()),
            "certificate",
        ),
        (
            "by no name",
            get(&secure, &[&ca[..], &["--tls-server-name", "a b"]].concat()),
            "a b",
        ),
    ] {
        let said = run(command).await?;
        ensure!(said.code == Some(1), "{what}: {:?} {}", said.code, said.out);
        ensure!(said.err.contains(told), "{what}: {}", said.err);
    }
    Ok(())
}
