//! What an engine at rest still holds.

use std::time::{Duration, Instant};

use super::super::Embedded;
use super::open_with;
use crate::store::samples::{BOUNDS, counts, tell, told};
use crate::store::{Options, Store};

fn in_memory(store: &Embedded) -> usize {
    store.inner.fold.read().size().0
}

#[test]
fn an_engine_at_rest_holds_no_rows_and_knows_them_all() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        bounds: BOUNDS,
        checkpoint_every: Some(Duration::from_millis(10)),
        ..Options::default()
    };
    let store = open_with(dir.path(), options);
    for round in 1..=2 {
        tell(&store, 1, &[told("a", "hello", 1, round, 1, 1)]);
        assert_eq!(counts(&store, "a"), [round]);
        let begin = Instant::now();
        while in_memory(&store) > 0 {
            assert!(begin.elapsed() < Duration::from_secs(10), "it holds on");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(counts(&store, "a"), [round]);
    }
    store.close().unwrap();
}
