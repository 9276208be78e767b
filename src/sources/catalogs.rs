//! The ConfigMaps in which operators keep words of their own: watched, and handed on as they are. Does I/O with the API
//! server.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::Client;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::watch as channel;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::delivery::Stopped;
use super::watch::{Change, Pace, Sink, Watcher};
use crate::telemetry::{Labelled, Metrics};

/// The label of ConfigMaps that are read.
pub const CATALOG: &str = "dagtrail.dev/catalog=true";
const KIND: &str = "configmaps";

/// A ConfigMap with words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Its files by name.
    pub files: BTreeMap<String, String>,
}

/// All of them by namespace and name.
pub type Catalogs = BTreeMap<(String, String), Catalog>;

/// Watches the ConfigMaps with the label [`CATALOG`] in these namespaces, through the tracker and until the token ends
/// it. What is given is what there is; a namespace counts from its first list on.
#[must_use]
pub fn catalogs(
    client: &Client,
    namespaces: &[String],
    pace: &Pace,
    metrics: &Metrics,
    tracker: &TaskTracker,
    token: &CancellationToken,
) -> channel::Receiver<Catalogs> {
    let (known, receiver) = channel::channel(Catalogs::new());
    let known = Arc::new(known);
    for namespace in namespaces {
        let folder = Folder {
            namespace: namespace.clone(),
            known: known.clone(),
            metrics: metrics.clone(),
            listing: None,
        };
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        let watcher = Watcher::new(
            client.clone(),
            vec![path],
            KIND,
            pace.clone(),
            metrics.clone(),
            folder,
        );
        let watching = watcher.with_labels(CATALOG).run();
        tracker.spawn(token.clone().run_until_cancelled_owned(watching));
    }
    receiver
}

#[derive(Deserialize)]
struct ConfigMap {
    metadata: Named,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Those of one namespace.
struct Folder {
    namespace: String,
    known: Arc<channel::Sender<Catalogs>>,
    metrics: Metrics,
    /// What a list that is not complete yet has brought.
    listing: Option<Catalogs>,
}

impl Folder {
    fn read(&self, object: &RawValue) -> Option<((String, String), Catalog)> {
        match serde_json::from_str::<ConfigMap>(object.get()) {
            Ok(map) => {
                let files = map.data.unwrap_or_default();
                Some((
                    (self.namespace.clone(), map.metadata.name),
                    Catalog { files },
                ))
            }
            Err(error) => {
                let of = Labelled { of: KIND };
                self.metrics.unparsed.get_or_create(&of).inc();
                tracing::warn!(namespace = self.namespace, %error, "a ConfigMap cannot be read and is left out");
                None
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut Catalogs)) {
        self.known.send_if_modified(|known| {
            let before = known.clone();
            change(known);
            *known != before
        });
    }
}

impl Sink for Folder {
    async fn take(&mut self, changes: Vec<Change>) -> Result<(), Stopped> {
        for change in changes {
            match change {
                Change::Listing => self.listing = Some(Catalogs::new()),
                Change::Applied(object) => {
                    let Some((name, catalog)) = self.read(&object) else {
                        continue;
                    };
                    match &mut self.listing {
                        Some(listing) => drop(listing.insert(name, catalog)),
                        None => self.change(|known| drop(known.insert(name, catalog))),
                    }
                }
                Change::Deleted(object) => {
                    if let Some((name, _)) = self.read(&object) {
                        self.change(|known| drop(known.remove(&name)));
                    }
                }
                Change::Listed => {
                    if let Some(listed) = self.listing.take() {
                        self.change(|known| {
                            known.retain(|(namespace, _), _| *namespace != self.namespace);
                            known.extend(listed);
                        });
                    }
                }
                // What was read before stays in use.
                Change::Forbidden | Change::Watched => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (Folder, channel::Receiver<Catalogs>) {
        let (known, receiver) = channel::channel(Catalogs::new());
        let folder = Folder {
            namespace: "team".into(),
            known: Arc::new(known),
            metrics: Metrics::new(),
            listing: None,
        };
        (folder, receiver)
    }

    fn map(name: &str, text: &str) -> Box<RawValue> {
        let map = serde_json::json!({"metadata": {"name": name}, "data": {"en.ftl": text}});
        RawValue::from_string(map.to_string()).unwrap()
    }

    fn names(known: &channel::Receiver<Catalogs>) -> Vec<String> {
        let known = known.borrow();
        known.keys().map(|(_, name)| name.clone()).collect()
    }

    #[tokio::test]
    async fn what_is_there_is_what_was_listed_last_and_has_changed_since() {
        let (mut folder, mut known) = folder();
        let first = vec![Change::Listing, Change::Applied(map("a", "1"))];
        folder.take(first).await.unwrap();
        assert!(names(&known).is_empty(), "the list is not complete");
        let rest = vec![Change::Applied(map("b", "1")), Change::Listed];
        folder.take(rest).await.unwrap();
        assert_eq!(names(&known), ["a", "b"]);
        folder
            .take(vec![Change::Deleted(map("a", "1"))])
            .await
            .unwrap();
        folder
            .take(vec![Change::Applied(map("c", "1"))])
            .await
            .unwrap();
        assert_eq!(names(&known), ["b", "c"]);
        known.mark_unchanged();
        let again = vec![
            Change::Listing,
            Change::Applied(map("b", "1")),
            Change::Applied(map("c", "1")),
            Change::Listed,
        ];
        folder.take(again).await.unwrap();
        assert!(!known.has_changed().unwrap(), "nothing is new");
        let anew = vec![
            Change::Listing,
            Change::Applied(map("c", "2")),
            Change::Listed,
        ];
        folder.take(anew).await.unwrap();
        assert_eq!(names(&known), ["c"]);
        let garbage = RawValue::from_string("{}".into()).unwrap();
        folder.take(vec![Change::Applied(garbage)]).await.unwrap();
        assert_eq!(names(&known), ["c"], "what was read stays");
    }
}
