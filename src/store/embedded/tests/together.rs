//! Writers, readers and checkpoints at the same time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::Embedded;
use super::options;
use crate::model::{RowId, Seq};
use crate::store::samples::{execution, rows, tell, told};
use crate::store::{Options, Scope, Store};

const IDS: [&str; 3] = ["a", "b", "c"];

/// Follows until the writer is done; gives the rows as they were told of last.
fn follow(store: &Embedded, scope: &Scope, done: &AtomicBool) -> HashMap<RowId, (u64, u64)> {
    let (mut after, mut seen) = (Seq::ZERO, HashMap::new());
    loop {
        let last = done.load(Ordering::SeqCst);
        let changes = store.changes(scope, after, 7).unwrap();
        assert!(changes.rows.is_sorted_by_key(|row| row.seq));
        for row in &changes.rows {
            assert!(
                row.seq > after && row.seq <= changes.upto,
                "{} {:?}",
                row.seq,
                changes.upto
            );
            seen.insert(row.id, (row.seq.0, row.count()));
        }
        after = changes.upto;
        if last && !changes.more {
            return seen;
        }
    }
}

#[test]
fn followers_see_every_row_while_others_write_and_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        fold_rows: 20,
        checkpoint_every: Some(Duration::from_millis(5)),
        ..options()
    };
    let store = Embedded::open(dir.path(), options).unwrap();
    let done = AtomicBool::new(false);
    let scopes = [Scope::All, Scope::Executions(IDS.map(execution).into())];
    std::thread::scope(|threads| {
        let followers = scopes.each_ref().map(|scope| {
            let (store, done) = (&store, &done);
            threads.spawn(move || follow(store, scope, done))
        });
        for count in 1..=200_u64 {
            let tellings = (0..5_u128).map(|row| {
                let row = row + u128::from(count / 3 % 30);
                told(IDS[row as usize % 3], &format!("m{row}"), row, count, 1, 1)
            });
            tell(&store, 1, &tellings.collect::<Vec<_>>());
        }
        done.store(true, Ordering::SeqCst);
        let all = IDS.iter().flat_map(|id| rows(&store, id));
        let all: HashMap<_, _> = all.map(|row| (row.id, (row.seq.0, row.count()))).collect();
        for follower in followers {
            assert_eq!(follower.join().unwrap(), all);
        }
    });
}
