//! A clock that jumps by a day, either way: order is by `Seq`, and no clock makes a `Seq`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dagtrail::model::{Clock, Digest, Observation, Origin, Outcome, Seq, Time};
use dagtrail::store::{Scope, Store};
use dagtrail::telemetry::Metrics;
use dagtrail::{ingest, store};

use crate::{ground, told};

const DAY: i64 = 24 * 3600;

/// Seconds since 1970, as the test says.
#[derive(Debug)]
struct Jumping(AtomicI64);

impl Clock for Jumping {
    fn now(&self) -> Time {
        told::at(self.0.load(Ordering::SeqCst))
    }
}

/// The `Seq`s that followers of all changes are given, from the beginning.
fn followed(store: &dyn Store) -> Vec<Seq> {
    let changes = store.changes(&Scope::All, Seq(0), usize::MAX).unwrap();
    changes.rows.iter().map(|row| row.seq).collect()
}

/// Tells 60 rows while the clock jumps; gives the `Seq` of each, in the order in which they were told.
async fn tell(store: &Arc<dyn Store>) -> Vec<Seq> {
    let start = 20_000 * DAY;
    let clock = Arc::new(Jumping(AtomicI64::new(start)));
    let (ingest, writer) = ingest::new(store.clone(), clock.clone(), Metrics::default());
    let writer = std::thread::spawn(move || writer.run());
    let mut seqs = Vec::new();
    for (number, jump) in (0..60_u64).zip([0, DAY, -DAY, -DAY, 2 * DAY, 1].into_iter().cycle()) {
        clock.0.fetch_add(jump, Ordering::SeqCst);
        let origin = Origin::Once(Digest(u128::from(number)));
        let row = told::telling("run", &format!("step-{number}"), origin, 1);
        let outcomes = ingest.submit(vec![Observation::Event(row)]).await.unwrap();
        let [Outcome::Created(_, seq)] = outcomes[..] else {
            panic!("{outcomes:?}");
        };
        seqs.push(seq);
        // The same once more, at another time, is nothing new.
        let origin = Origin::Once(Digest(u128::from(number)));
        let row = told::telling("run", &format!("step-{number}"), origin, 1);
        let outcomes = ingest.submit(vec![Observation::Event(row)]).await.unwrap();
        assert!(
            matches!(outcomes[..], [Outcome::Duplicate(_)]),
            "{outcomes:?}"
        );
    }
    drop(ingest);
    writer.join().unwrap();
    seqs
}

#[tokio::test]
async fn order_by_seq_is_the_order_of_telling_however_the_clock_jumps() {
    let folder = ground::folder();
    let options = store::Options {
        checkpoint_every: Some(Duration::from_millis(5)),
        ..told::options()
    };
    let kept = ground::open(folder.path(), &options).unwrap();
    for store in [store::open("memory:", &options).unwrap(), kept] {
        let seqs = tell(&store).await;
        assert!(seqs.is_sorted_by(|one, next| one < next), "{seqs:?}");
        assert_eq!(followed(&*store), seqs);
        store.close().unwrap();
    }
    let again = ground::open(folder.path(), &options).unwrap();
    assert_eq!(followed(&*again).len(), 60, "nothing was pruned");
    assert!(followed(&*again).is_sorted());
}
