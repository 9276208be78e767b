//! Keys, tokens and kubeconfig files of a control plane for tests. Does I/O.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;

/// Makes the key pair that signs the tokens of ServiceAccounts: `sa.key` and `sa.pub` in `folder`.
pub(crate) fn service_account_keys(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let (private, public) = (folder.join("sa.key"), folder.join("sa.pub"));
    openssl(["genpkey", "-algorithm", "RSA", "-out", text(&private)?])?;
    openssl([
        "pkey",
        "-in",
        text(&private)?,
        "-pubout",
        "-out",
        text(&public)?,
    ])?;
    Ok((private, public))
}

/// Writes the token file of kube-apiserver with one line: a cluster administrator. Returns the
/// file and the token.
pub(crate) fn admin_token(folder: &Path) -> Result<(PathBuf, String)> {
    let token = uuid::Uuid::new_v4().to_string();
    let file = folder.join("tokens.csv");
    fs::write(&file, format!("{token},admin,admin,\"system:masters\"\n"))?;
    Ok((file, token))
}

/// Writes a kubeconfig for the bearer of `token`.
pub(crate) fn kubeconfig(file: &Path, server: &str, authority: &Path, token: &str) -> Result<()> {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {
            "server": server,
            "certificate-authority": authority,
        }}],
        "users": [{"name": "bearer", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "bearer"}}],
        "current-context": "test",
    });
    fs::write(file, serde_json::to_vec_pretty(&config)?)
        .with_context(|| format!("write {}", file.display()))
}

/// A path as text: every path here is made by us or by `tempfile`.
pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .with_context(|| format!("the path {} is not UTF-8", path.display()))
}

fn openssl<const N: usize>(args: [&str; N]) -> Result<()> {
    let output = Command::new("openssl")
        .args(args)
        .output()
        .context("run openssl")?;
    ensure!(
        output.status.success(),
        "openssl {} failed: {}",
        args[0],
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
