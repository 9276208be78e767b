//! How fast it is: run by hand.

use std::time::Instant;

use super::super::Embedded;
use crate::model::Observation;
use crate::store::samples::{at, told};
use crate::store::{Batch, Options, Store};

#[test]
#[ignore = "a measurement: cargo test --release speed -- --ignored --nocapture"]
fn appends_per_second() {
    for size in [100_u64, 1000] {
        let dir = tempfile::tempdir().unwrap();
        let store = Embedded::open(dir.path(), Options::default()).unwrap();
        let events = 1000 * size.min(200);
        let batches: Vec<Batch> = (0..events / size)
            .map(|batch| {
                let observations = (0..size).map(|at| {
                    let event = batch * size + at;
                    // 100 rows an execution, five tellings a row.
                    let (row, repeat) = (event / 500 * 100 + event % 100, event % 500 / 100);
                    let time = i64::try_from(repeat).unwrap();
                    Observation::Event(told(
                        &format!("execution-{}", row / 100),
                        &format!("Back-off restarting failed container main in pod-{row} of a job"),
                        u128::from(row),
                        repeat + 1,
                        0,
                        time,
                    ))
                });
                Batch {
                    observations: observations.collect(),
                    now: at(1),
                }
            })
            .collect();
        let start = Instant::now();
        for batch in &batches {
            store.append(batch).unwrap();
        }
        let taken = start.elapsed();
        store.checkpoint().unwrap();
        let rate = events as f64 / taken.as_secs_f64();
        eprintln!(
            "batch {size}: {rate:.0} events/s, then a checkpoint took {:?}",
            start.elapsed() - taken
        );
        store.close().unwrap();
        let start = Instant::now();
        Embedded::open(dir.path(), Options::default()).unwrap();
        eprintln!("reopened in {:?}", start.elapsed());
    }
}
