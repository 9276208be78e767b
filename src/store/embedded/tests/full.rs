//! A disk without room, a real one.

use std::path::Path;

use super::super::Embedded;
use super::forgetful;
use crate::model::Observation;
use crate::store::samples::{at, counts, tell, told};
use crate::store::{Batch, Error, Options, Store};

/// Run it with an empty file system of about 100 MB, which it may fill.
#[test]
#[ignore = "fills the file system that DAGTRAIL_TEST_SMALL_DISK names"]
fn a_full_disk_refuses_writes_until_there_is_room_again_and_reads_go_on() {
    let Ok(disk) = std::env::var("DAGTRAIL_TEST_SMALL_DISK") else {
        return;
    };
    let (ballast, directory) = (
        Path::new(&disk).join("ballast"),
        Path::new(&disk).join("data"),
    );
    let options = Options {
        fold_rows: 2000,
        checkpoint_every: Some(std::time::Duration::from_millis(200)),
        ..forgetful()
    };
    std::fs::write(&ballast, vec![7; 24 << 20]).unwrap();
    let store = Embedded::open(&directory, options.clone()).unwrap();
    let mut acknowledged = 0;
    let noise = |count: u64| {
        let mut text = blake3::hash(&count.to_le_bytes()).to_string();
        while text.len() < 3000 {
            text += &blake3::hash(text.as_bytes()).to_string();
        }
        text
    };
    let batch = |count: u64| Batch {
        observations: (0..50_u64)
            .map(|row| {
                let text = noise(count * 50 + row);
                Observation::Event(told("a", &text, u128::from(count * 50 + row), 1, 1, 1))
            })
            .collect(),
        now: at(1),
    };
    let error = loop {
        match store.append(&batch(acknowledged)) {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    eprintln!("refused after {acknowledged} batches: {error}");
    for _ in 0..5 {
        if let Err(error) = store.append(&batch(acknowledged)) {
            eprintln!("again: {error}");
        } else {
            acknowledged += 1;
        }
    }
    match store.list(
        &[crate::store::samples::execution("a")],
        &Default::default(),
        &Default::default(),
    ) {
        Ok(listed) => assert_eq!(listed.rows.len() as u64, acknowledged * 50),
        Err(error) => eprintln!("read: {error}"),
    }
    std::fs::remove_file(&ballast).unwrap();
    tell(&store, 1, &[told("b", "there is room", 1, 1, 1, 1)]);
    assert_eq!(counts(&store, "a").len() as u64, acknowledged * 50);
    drop(store);
    let store = Embedded::open(&directory, options).unwrap();
    assert_eq!(counts(&store, "a").len() as u64, acknowledged * 50);
    assert_eq!(counts(&store, "b"), [1]);
}
