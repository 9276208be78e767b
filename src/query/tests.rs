//! Catching up and following are one walk: nothing is lost or doubled where the one becomes the other.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::*;
use crate::model::{ExecutionFact, ExecutionKey, Observation, RowId, Tenants};
use crate::store::memory::Memory;
use crate::store::samples::{append, counts, execution, tell, told};

const PATIENCE: Duration = Duration::from_secs(30);

struct Followed {
    store: Arc<Memory>,
    reader: Reader,
    tracker: TaskTracker,
    stop: CancellationToken,
}

fn followed() -> Followed {
    let store = Arc::new(Memory::default());
    let (live, tracker, stop) = (
        live::Handle::default(),
        TaskTracker::new(),
        CancellationToken::new(),
    );
    tracker.spawn(live.clone().follow(store.clone(), stop.clone()));
    Followed {
        reader: Reader::new(store.clone(), live),
        store,
        tracker,
        stop,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_gives_each_change_once_while_others_write() {
    const WRITES: u64 = 500;
    let Followed {
        store,
        reader,
        tracker,
        stop,
    } = followed();
    let writing = {
        let store = store.clone();
        tracker.spawn_blocking(move || {
            for count in 1..=WRITES {
                tell(
                    &*store,
                    1,
                    &[told("a", "m", u128::from(count % 7), count, 1, 1)],
                );
                tell(&*store, 1, &[told("other", "m", 1, count, 1, 1)]);
            }
        })
    };
    let mut tail = reader.tail(vec![execution("a")], Seq::ZERO);
    let mut seen: BTreeMap<RowId, u64> = BTreeMap::new();
    let mut last = Seq::ZERO;
    let expected = (WRITES - 6..=WRITES).sum::<u64>();
    while seen.values().sum::<u64>() < expected {
        let rows = tail.read().await.unwrap();
        for row in &rows {
            assert!(row.seq > last, "ascending, none twice");
            last = row.seq;
            seen.insert(row.id, row.count());
        }
        if rows.is_empty() {
            tokio::time::timeout(PATIENCE, tail.changed())
                .await
                .expect("it is woken");
        }
    }
    writing.await.unwrap();
    assert_eq!(seen.into_values().collect::<Vec<_>>(), counts(&*store, "a"));
    stop.cancel();
    tracker.close();
    tracker.wait().await;
}

#[tokio::test]
async fn a_change_between_reading_and_waiting_leaves_a_wake_up_behind() {
    let Followed { store, reader, .. } = followed();
    let mut tail = reader.tail(vec![execution("a")], Seq::ZERO);
    assert!(tail.read().await.unwrap().is_empty());
    tell(&*store, 1, &[told("a", "m", 1, 1, 1, 1)]);
    tokio::time::timeout(PATIENCE, tail.changed())
        .await
        .expect("it is woken");
    assert_eq!(tail.read().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_id_that_nobody_told_of_is_named() {
    let Followed { reader, .. } = followed();
    let error = reader.get("nobody").await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert!(error.to_string().contains("nobody"));
}

#[tokio::test]
async fn what_only_an_alias_of_another_connects_is_not_one_history() {
    let Followed { store, reader, .. } = followed();
    let alias = |tenant: &str, id: &str, alias: &str| {
        Observation::Execution(ExecutionFact {
            key: ExecutionKey::new(tenant, id),
            identity: None,
            created: None,
            aliases: vec![alias.into()],
        })
    };
    let both = vec![alias("mine", "a", "middle"), alias("other", "b", "middle")];
    append(&*store, 1, both);
    let keys = async |reader: &Reader, id| {
        let found = reader.get(id).await;
        found.map_or_else(|_| Vec::new(), |united| united.keys())
    };
    assert_eq!(
        keys(&reader, "b").await.len(),
        2,
        "who sees both sees one run"
    );
    let sees = Tenants::Only(["mine".into()].into());
    let within = reader.within(Arc::new(sees));
    assert_eq!(keys(&within, "b").await, []);
    let own = vec![ExecutionKey::new("mine", "a")];
    assert_eq!(keys(&within, "middle").await, own);
    append(&*store, 2, vec![alias("mine", "a", "b")]);
    assert_eq!(keys(&within, "b").await, own, "its own alias names it");
}
