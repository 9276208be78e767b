//! The manifest by which krew installs the kubectl plugin, made from the archives of a release. Does I/O.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::out;

/// Name of the plugin: `kubectl execution-events`.
pub(super) const PLUGIN: &str = "execution-events";
/// What krew links to the binary; a dash in a plugin's name is an underscore there.
pub(super) const BINARY: &str = "kubectl-execution_events";

/// System and processor, as krew calls them, and as the archives do.
const PLATFORMS: [(&str, &str, &str); 4] = [
    ("linux", "amd64", "x86_64-unknown-linux-musl"),
    ("linux", "arm64", "aarch64-unknown-linux-musl"),
    ("darwin", "amd64", "x86_64-apple-darwin"),
    ("darwin", "arm64", "aarch64-apple-darwin"),
];

/// `krew-manifest`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The release's tag, vMAJOR.MINOR.PATCH
    #[arg(long)]
    tag: String,
    /// Folder with dagtrail-<target>.tar.gz for every target
    #[arg(long, value_name = "FOLDER")]
    archives: PathBuf,
    /// Where the archives are downloaded from
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let numbers: Vec<&str> = args
        .tag
        .strip_prefix('v')
        .unwrap_or_default()
        .split('.')
        .collect();
    if numbers.len() != 3 || numbers.iter().any(|number| number.parse::<u32>().is_err()) {
        bail!("--tag is {:?}, and must be vMAJOR.MINOR.PATCH", args.tag);
    }
    let base = args.base_url.clone().unwrap_or_else(|| {
        format!(
            "{}/releases/download/{}",
            env!("CARGO_PKG_REPOSITORY"),
            args.tag
        )
    });
    let mut platforms = Vec::new();
    for (system, processor, target) in PLATFORMS {
        let archive = format!("dagtrail-{target}.tar.gz");
        platforms.push(Platform {
            selector: json!({"matchLabels": {"os": system, "arch": processor}}),
            sha256: sum(&args.archives.join(&archive))?,
            uri: format!("{}/{archive}", base.trim_end_matches('/')),
            files: json!([{"from": "dagtrail", "to": BINARY}, {"from": "LICENSE", "to": "."}]),
            bin: BINARY,
        });
    }
    let manifest = Manifest {
        api_version: "krew.googlecontainertools.github.com/v1alpha2",
        kind: "Plugin",
        metadata: json!({"name": PLUGIN}),
        spec: Spec {
            version: &args.tag,
            homepage: env!("CARGO_PKG_REPOSITORY"),
            short_description: "Show and follow what happened in DAG executions",
            description: "Shows the history of every DAG execution that dagtrail records on a cluster:\n\
                Argo, Tekton, KubeGene, Volcano, Kueue, Jobs. Repeats are folded into one row with a\n\
                count; words are Chinese, English or both.\n",
            platforms,
        },
    };
    Ok(out::write(&serde_saphyr::to_string(&manifest)?)?)
}

fn sum(path: &Path) -> anyhow::Result<String> {
    let mut file =
        File::open(path).with_context(|| format!("the archive {} is needed", path.display()))?;
    let mut sum = Sha256::new();
    io::copy(&mut file, &mut Summing(&mut sum))?;
    Ok(sum
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

struct Summing<'a>(&'a mut Sha256);

impl io::Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Value,
    spec: Spec<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    version: &'a str,
    homepage: &'static str,
    short_description: &'static str,
    description: &'static str,
    platforms: Vec<Platform>,
}

#[derive(Serialize)]
struct Platform {
    selector: Value,
    uri: String,
    sha256: String,
    files: Value,
    bin: &'static str,
}
