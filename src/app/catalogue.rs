//! The words that operators have added: read from a folder and from ConfigMaps, and used as soon as they change. Does I/O.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::sources::{self, Catalogs};
use crate::telemetry::Metrics;
use crate::text::{self, Addition, Fault, Own};

/// How often the folder is read.
const EVERY: Duration = Duration::from_secs(2);
/// The two files that belong together.
const FILES: [&str; 2] = ["zh.ftl", "en.ftl"];

/// Where words come from.
pub(super) struct Catalogue {
    folder: Option<PathBuf>,
    /// What is in the folder.
    found: Vec<Addition>,
    maps: Option<watch::Receiver<Catalogs>>,
    /// The namespace whose ConfigMaps are for the events of all.
    home: String,
    metrics: Metrics,
    complained: Vec<Fault>,
}

/// The ConfigMaps that are to be used.
pub(super) struct ConfigMaps<'a> {
    pub(super) client: Option<&'a kube::Client>,
    pub(super) namespaces: &'a [String],
    pub(super) tracker: &'a TaskTracker,
    pub(super) stopping: &'a CancellationToken,
}

impl Catalogue {
    /// Reads the folder, if there is one, and uses what it has.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn open(folder: Option<PathBuf>, metrics: Metrics) -> anyhow::Result<Self> {
        let found = match &folder {
            None => Vec::new(),
            Some(path) => read(path)
                .with_context(|| format!("the catalogue {} cannot be read", path.display()))?,
        };
        let mut catalogue = Self {
            folder,
            found,
            maps: None,
            home: String::new(),
            metrics,
            complained: Vec::new(),
        };
        catalogue.apply();
        Ok(catalogue)
    }

    /// The same, and with ConfigMaps, if any are to be used. They are watched by who answers, whoever leads.
    ///
    /// # Errors
    ///
    /// If there is no cluster.
    pub(super) fn with(self, maps: &ConfigMaps<'_>) -> anyhow::Result<Self> {
        if maps.namespaces.is_empty() {
            return Ok(self);
        }
        let Some(client) = maps.client else {
            bail!("--catalog-namespaces, and no cluster is watched");
        };
        let found = sources::catalogs(
            client,
            maps.namespaces,
            &sources::Pace::default(),
            &self.metrics,
            maps.tracker,
            maps.stopping,
        );
        Ok(self.with_maps(found, client.default_namespace()))
    }

    /// The same, and with these ConfigMaps.
    fn with_maps(self, maps: watch::Receiver<Catalogs>, home: &str) -> Self {
        Self {
            maps: Some(maps),
            home: home.to_owned(),
            ..self
        }
    }

    /// Uses what changes, until the process stops.
    pub(super) async fn follow(mut self, stopping: CancellationToken) {
        let mut is_readable = true;
        loop {
            let changed = async {
                // Nobody tells any more when the process stops.
                let changed = match &mut self.maps {
                    Some(maps) => maps.changed().await.is_ok(),
                    None => false,
                };
                if !changed {
                    std::future::pending::<()>().await;
                }
            };
            let tick = async {
                match self.folder {
                    Some(_) => tokio::time::sleep(EVERY).await,
                    None => std::future::pending().await,
                }
            };
            let is_map = tokio::select! {
                () = changed => true,
                () = tick => false,
                () = stopping.cancelled() => return,
            };
            if let Some(folder) = self.folder.clone() {
                match tokio::task::spawn_blocking(move || read(&folder)).await {
                    Ok(Ok(found)) => {
                        is_readable = true;
                        if found == self.found && !is_map {
                            continue;
                        }
                        self.found = found;
                    }
                    Ok(Err(error)) => {
                        if is_readable {
                            tracing::error!(%error, "the folder of the catalogue cannot be read; what was read before stays in use");
                        }
                        is_readable = false;
                    }
                    Err(_) => {}
                }
            }
            self.apply();
        }
    }

    fn apply(&mut self) {
        let (own, faults) = Own::of(&self.additions());
        let entries = own.entries();
        self.metrics.catalog_entries.set(as_gauge(entries));
        self.metrics.catalog_refused.set(as_gauge(faults.len()));
        if text::adopt(own) {
            tracing::info!(
                entries,
                refused = faults.len(),
                "the catalogue has other words of operators"
            );
        }
        for Fault { from, key, problem } in
            faults.iter().filter(|one| !self.complained.contains(one))
        {
            tracing::warn!(from, key, problem, "an entry of a catalogue is not taken");
        }
        self.complained = faults;
    }

    /// What there is, the strongest first: the folder, the ConfigMaps for all, those of a namespace.
    fn additions(&self) -> Vec<Addition> {
        let mut all = self.found.clone();
        let Some(maps) = &self.maps else {
            return all;
        };
        for ((namespace, name), catalog) in &*maps.borrow() {
            let [zh, en] = FILES.map(|file| catalog.files.get(file).cloned().unwrap_or_default());
            all.push(Addition {
                from: format!("ConfigMap {namespace}/{name}"),
                namespace: (*namespace != self.home).then(|| namespace.clone()),
                zh,
                en,
            });
        }
        all
    }
}

fn as_gauge(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The files of a folder, and those of the folders in it, by their names. What begins with a dot is left out: so
/// Kubernetes calls what is behind the links of a folder that it mounts.
fn read(folder: &Path) -> anyhow::Result<Vec<Addition>> {
    let mut folders = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.path().is_dir() {
            folders.insert(entry.path());
        }
    }
    let mut found = Vec::new();
    for folder in std::iter::once(folder).chain(folders.iter().map(PathBuf::as_path)) {
        let [zh, en] = FILES.map(|file| read_file(&folder.join(file)));
        let (zh, en) = (zh?, en?);
        if zh.is_some() || en.is_some() {
            found.push(Addition {
                from: folder.display().to_string(),
                namespace: None,
                zh: zh.unwrap_or_default(),
                en: en.unwrap_or_default(),
            });
        }
    }
    Ok(found)
}

fn read_file(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Catalog;

    #[test]
    fn a_folder_and_those_in_it_have_files_and_what_kubernetes_hides_is_not_read_twice() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "b", "a", "..data", "empty"] {
            let inner = folder.path().join(name);
            fs::create_dir_all(&inner).unwrap();
            if name != "empty" {
                fs::write(inner.join("en.ftl"), name).unwrap();
            }
        }
        let found = read(folder.path()).unwrap();
        let texts: Vec<_> = found.iter().map(|one| (&*one.en, &*one.zh)).collect();
        assert_eq!(texts, [("", ""), ("a", ""), ("b", "")]);
        assert!(read(&folder.path().join("none")).is_err());
    }

    #[test]
    fn the_maps_of_the_servers_own_namespace_are_for_all_and_others_for_their_own() {
        let map = |namespace: &str| {
            let files = [("zh.ftl".to_owned(), "甲".to_owned())].into();
            (
                (namespace.to_owned(), "words".to_owned()),
                Catalog { files },
            )
        };
        let (_sender, maps) = watch::channel(Catalogs::from([map("home"), map("team")]));
        let catalogue = Catalogue::open(None, Metrics::new()).unwrap();
        let additions = catalogue.with_maps(maps, "home").additions();
        let shown: Vec<_> = additions
            .iter()
            .map(|one| (&*one.from, one.namespace.as_deref(), &*one.zh))
            .collect();
        assert_eq!(
            shown,
            [
                ("ConfigMap home/words", None, "甲"),
                ("ConfigMap team/words", Some("team"), "甲")
            ]
        );
    }
}
