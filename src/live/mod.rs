//! One follower of the store for the process: it wakes who waits for an execution, and carries no data.
//!
//! A subscriber reads before it waits, and reads again when it is woken, always from its own `Seq`: so nothing
//! depends on a wake-up being told once, and catching up and following are one walk. Does I/O through the store.

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::model::{ExecutionKey, Seq};
use crate::store::{self, Scope, Store};

/// Changes that are looked at in one go.
const STRETCH: usize = 4096;

/// Who waits for which execution; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Handle {
    topics: Arc<DashMap<ExecutionKey, Vec<Arc<Notify>>>>,
}

/// Waits for changes of some executions; ends by being dropped.
#[derive(Debug)]
pub struct Subscription {
    topics: Handle,
    executions: Vec<ExecutionKey>,
    notify: Arc<Notify>,
}

impl Handle {
    /// Wakes for changes of these executions from now on.
    #[must_use]
    pub fn subscribe(&self, executions: Vec<ExecutionKey>) -> Subscription {
        let notify = Arc::new(Notify::new());
        for execution in &executions {
            self.topics
                .entry(execution.clone())
                .or_default()
                .push(notify.clone());
        }
        Subscription {
            topics: self.clone(),
            executions,
            notify,
        }
    }

    /// Wakes everybody who waits for this execution.
    fn wake(&self, execution: &ExecutionKey) {
        if let Some(waiting) = self.topics.get(execution) {
            waiting.iter().for_each(|notify| notify.notify_one());
        }
    }

    fn wake_all(&self) {
        for waiting in self.topics.iter() {
            waiting.iter().for_each(|notify| notify.notify_one());
        }
    }

    /// Follows the store until cancelled: from this call on, not only from when its future first runs.
    pub fn follow(
        self,
        store: Arc<dyn Store>,
        cancelled: CancellationToken,
    ) -> impl Future<Output = ()> + Send {
        let mut passed = store.passed();
        let mut after = *passed.borrow_and_update();
        async move {
            loop {
                tokio::select! {
                    changed = passed.changed() => if changed.is_err() { return },
                    () = cancelled.cancelled() => return,
                }
                let now = *passed.borrow_and_update();
                if self.topics.is_empty() {
                    after = now;
                } else {
                    after = self.pass_on(&store, after, now).await;
                }
            }
        }
    }

    async fn pass_on(&self, store: &Arc<dyn Store>, mut after: Seq, now: Seq) -> Seq {
        while after < now {
            let reader = store.clone();
            let read = move || reader.changes(&Scope::All, after, STRETCH);
            let changes = match tokio::task::spawn_blocking(read).await {
                Ok(Ok(changes)) => changes,
                Ok(Err(store::Error::TooOld { .. })) => {
                    self.wake_all();
                    return now;
                }
                failed => {
                    tracing::warn!(
                        "the change feed could not be read, everybody is woken: {failed:?}"
                    );
                    self.wake_all();
                    return now;
                }
            };
            let mut last = None;
            for execution in changes
                .rows
                .iter()
                .map(|row| &row.execution)
                .chain(&changes.removed)
            {
                if last != Some(execution) {
                    self.wake(execution);
                }
                last = Some(execution);
            }
            after = changes.upto;
        }
        after
    }
}

impl Subscription {
    /// Returns when something has changed since this was last asked, or may have.
    pub async fn changed(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for execution in &self.executions {
            self.topics.topics.remove_if_mut(execution, |_, waiting| {
                waiting.retain(|notify| !Arc::ptr_eq(notify, &self.notify));
                waiting.is_empty()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio_util::task::TaskTracker;

    use super::*;
    use crate::store::memory::Memory;
    use crate::store::samples::{execution, tell, told};

    #[tokio::test]
    async fn what_changes_before_the_follower_first_runs_wakes_too() {
        let (store, live) = (Arc::new(Memory::default()), Handle::default());
        let subscription = live.subscribe(vec![execution("a")]);
        // On the one thread of this test it runs at the first wait.
        TaskTracker::new().spawn(live.follow(store.clone(), CancellationToken::new()));
        tell(&*store, 1, &[told("a", "m", 1, 1, 1, 1)]);
        let woken = tokio::time::timeout(Duration::from_secs(30), subscription.changed());
        woken.await.expect("it is woken");
    }
}
