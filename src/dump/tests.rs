//! The same history is the same dump.

use std::sync::Arc;

use crate::model::{Observation, Sample, Time};
use crate::store::memory::Memory;
use crate::store::samples::{BOUNDS, execution, told};
use crate::store::{self, Batch, Bounds, Store};

fn dump(store: &dyn Store) -> String {
    let mut bytes = Vec::new();
    super::write(store, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn observations() -> Vec<Observation> {
    let tellings = [
        told("b", "m", 1, 1, 5, 5),
        told("b", "m", 1, 4, 5, 9),
        told("b", "m", 2, 2, 4, 6),
        told("a", "other", 3, 7, 1, 2),
        told("b", "(combined from similar events): x", 4, 3, 2, 3),
    ];
    let mut observations: Vec<_> = tellings.into_iter().map(Observation::Event).collect();
    observations.push(Observation::Sample(Sample {
        execution: execution("b"),
        element: "element".into(),
        name: "cpu".into(),
        at: Time(7),
        value: "{\"cores\":1.0}".into(),
    }));
    observations
}

#[test]
fn order_repetition_engine_and_clock_do_not_show() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let stores: [Arc<dyn Store>; 3] = [
        Arc::new(Memory::new(Bounds::default())),
        // With bounds at which origins are kept outside of their rows.
        Arc::new(Memory::new(BOUNDS)),
        store::open(path.to_str().unwrap(), &store::Options::default()).unwrap(),
    ];
    let mut dumps = Vec::new();
    for (at, store) in stores.iter().enumerate() {
        for round in 0..=at {
            let mut observations = observations();
            observations.rotate_left(at + round);
            let now = Time(1_000_000 * (round as i64 + 1));
            for one in observations {
                let observations = vec![one];
                store.append(&Batch { observations, now }).unwrap();
            }
        }
        dumps.push(dump(&**store));
    }
    assert_eq!(dumps[0], dumps[1]);
    assert_eq!(dumps[0], dumps[2]);
    assert_eq!(dumps[0].lines().count(), 2 + 3 + 1);
    stores[2].close().unwrap();
}

#[test]
fn every_fact_of_a_row_is_in_its_line() {
    let store = Memory::new(Bounds::default());
    let (observations, now) = (observations(), Time(0));
    store.append(&Batch { observations, now }).unwrap();
    insta::assert_snapshot!(dump(&store));
}
