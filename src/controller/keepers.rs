//! Who keeps which Execution: a task for each that the API server tells of. Does I/O: starts and ends tasks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kube::ResourceExt;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::crd::Execution;

use super::reconcile::{self, Shared};

/// The tasks, by the uid of what they keep.
pub(super) struct Keepers {
    shared: Shared,
    tracker: TaskTracker,
    running: HashMap<String, Keeping>,
    /// What was told of since the list began; `None` outside a list.
    listed: Option<HashSet<String>>,
}

/// One task. A failure of it, even a panic, touches no other.
struct Keeping {
    newest: watch::Sender<Arc<Execution>>,
    cancelled: CancellationToken,
    task: JoinHandle<()>,
}

impl Keepers {
    pub(super) fn new(shared: Shared, tracker: TaskTracker) -> Self {
        Self {
            shared,
            tracker,
            running: HashMap::new(),
            listed: None,
        }
    }

    /// A list of all begins.
    pub(super) fn start(&mut self) {
        self.listed = Some(HashSet::new());
    }

    /// The list is complete: what it did not tell of is gone.
    pub(super) fn all(&mut self) {
        let Some(listed) = self.listed.take() else {
            return;
        };
        self.running.retain(|uid, keeping| {
            let stays = listed.contains(uid);
            if !stays {
                keeping.cancelled.cancel();
            }
            stays
        });
    }

    /// An Execution is there, so or anew.
    pub(super) fn there(&mut self, execution: Arc<Execution>) {
        let uid = execution.uid().unwrap_or_default();
        self.unread(uid.clone());
        if let Some(keeping) = self.running.get(&uid)
            && keeping.newest.send(execution.clone()).is_ok()
        {
            return;
        }
        let (newest, told) = watch::channel(execution);
        let cancelled = CancellationToken::new();
        let keep = reconcile::keep(self.shared.clone(), told, cancelled.clone());
        let keeping = Keeping {
            newest,
            cancelled,
            task: self.tracker.spawn(keep),
        };
        self.running.insert(uid, keeping);
    }

    /// An Execution is there in a form that cannot be read: what is known of it stands.
    pub(super) fn unread(&mut self, uid: String) {
        if let Some(listed) = &mut self.listed {
            listed.insert(uid);
        }
    }

    /// An Execution is gone.
    pub(super) fn gone(&mut self, uid: &str) {
        if let Some(keeping) = self.running.remove(uid) {
            keeping.cancelled.cancel();
        }
    }

    /// Ends all tasks and waits for them.
    pub(super) async fn end(self) {
        for keeping in self.running.values() {
            keeping.cancelled.cancel();
        }
        for keeping in self.running.into_values() {
            // One that had panicked has said so itself.
            let _ = keeping.task.await;
        }
    }
}
