//! A disk without room, a real one.

use std::io::Write;
use std::ops::Not;
use std::process::Command;

use tempfile::TempDir;

use super::super::Embedded;
use super::forgetful;
use crate::model::Observation;
use crate::store::samples::{at, counts, tell, told};
use crate::store::{Batch, Error, Options, Store};

/// An empty file system of 100 MB, as long as it is held. Only root can mount one: `None` for others, who are told
/// so, and a failure if `CI` is `true`.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=100m", "tmpfs"])
            .arg(folder.path())
            .output();
        if mount.is_ok_and(|done| done.status.success()) {
            return Some(Self(folder));
        }
        assert!(
            std::env::var("CI").is_ok_and(|ci| ci == "true").not(),
            "no file system can be mounted, and CI=true"
        );
        // Not eprintln: the test harness would keep it to itself.
        let _ = std::io::stderr()
            .write_all(b"NOT RUN: the test of a full disk mounts one, which needs root\n");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_refuses_writes_until_there_is_room_again_and_reads_go_on() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let (ballast, directory) = (disk.0.path().join("ballast"), disk.0.path().join("data"));
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
    for _ in 0..5 {
        // A smaller rest may fit; what does not is refused again, and nothing of it is kept.
        acknowledged += u64::from(store.append(&batch(acknowledged)).is_ok());
    }
    assert_eq!(counts(&store, "a").len() as u64, acknowledged * 50);
    std::fs::remove_file(&ballast).unwrap();
    tell(&store, 1, &[told("b", "there is room", 1, 1, 1, 1)]);
    assert_eq!(counts(&store, "a").len() as u64, acknowledged * 50);
    drop(store);
    let store = Embedded::open(&directory, options).unwrap();
    assert_eq!(counts(&store, "a").len() as u64, acknowledged * 50);
    assert_eq!(counts(&store, "b"), [1]);
    drop(store);
}
