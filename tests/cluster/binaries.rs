//! Where the control plane's binaries are. Does I/O.
//!
//! They are looked for one by one in `KUBEBUILDER_ASSETS` (the convention of envtest), then in the
//! cache folder that `tests/cluster/install.sh` fills.

use std::path::PathBuf;

/// Everything a control plane for tests consists of.
const NEEDED: [&str; 8] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
    "kwok",
    "emitter",
    "helm",
];

/// All binaries of a control plane, known to be there.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    folders: Vec<PathBuf>,
}

/// No control plane can be started on this machine.
#[derive(Debug, thiserror::Error)]
#[error("no {} in {}; `make control-plane` installs them", .names.join(", "), .folders.join(" or "))]
pub(crate) struct Missing {
    names: Vec<&'static str>,
    folders: Vec<String>,
}

impl Binaries {
    /// Finds all of them, or names those that are missing.
    pub(crate) fn find() -> Result<Self, Missing> {
        let folders: Vec<PathBuf> = std::env::var_os("KUBEBUILDER_ASSETS")
            .map(PathBuf::from)
            .into_iter()
            .chain(cache())
            .collect();
        let binaries = Self { folders };
        let names: Vec<_> = NEEDED
            .into_iter()
            .filter(|name| binaries.lookup(name).is_none())
            .collect();
        if names.is_empty() {
            return Ok(binaries);
        }
        let folders = binaries
            .folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        Err(Missing { names, folders })
    }

    /// The path of one of [`NEEDED`].
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.lookup(name).expect("find() saw every binary")
    }

    fn lookup(&self, name: &str) -> Option<PathBuf> {
        self.folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    }
}

/// `<cache>/dagtrail/controlplane/<version>`, the same folder as in `install.sh`.
fn cache() -> Option<PathBuf> {
    let version = include_str!("versions.env")
        .lines()
        .find_map(|line| line.strip_prefix("KUBERNETES_VERSION="))
        .expect("versions.env names the version");
    std::env::var_os("XDG_CACHE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .map(|cache| cache.join("dagtrail/controlplane").join(version))
}
