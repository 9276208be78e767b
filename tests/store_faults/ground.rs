//! Directories, as a killed process leaves them.

use std::fs;
use std::path::{Path, PathBuf};

use dagtrail::store::{self, Options, Store};
use tempfile::TempDir;

use crate::told;

/// A folder that lies in memory where there is one that does: nothing here is about the speed of a disk.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

pub(crate) fn open(
    directory: &Path,
    options: &Options,
) -> Result<std::sync::Arc<dyn Store>, store::Error> {
    store::open(directory.to_str().unwrap(), options)
}

/// Copies what is in a folder. What is only ever replaced as a whole is linked.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        let is_table = path
            .components()
            .any(|part| part.as_os_str() == "keyspaces");
        if path.is_dir() {
            copy(&path, &copied);
        } else if is_table {
            fs::hard_link(&path, &copied).unwrap();
        } else {
            fs::copy(&path, &copied).unwrap();
        }
    }
}

/// All files in a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The journal that is written to.
pub(crate) fn journal(directory: &Path) -> PathBuf {
    let mut all = files(&directory.join("db"));
    all.retain(|path| path.extension().is_some_and(|name| name == "jnl"));
    assert_eq!(all.len(), 1, "one journal is enough for so little");
    all.remove(0)
}

/// Fills a directory: tables, blocks and a log; closed, so that its journal is as long as what is in it.
pub(crate) fn filled(directory: &Path, rounds: u64) {
    let store = open(directory, &told::restless()).unwrap();
    for round in 0..rounds {
        store.append(&told::batch(round)).unwrap();
        if round % 100 == 99 {
            // It comes to rest, and writes its tables.
            std::thread::sleep(std::time::Duration::from_millis(150));
        }
    }
    store
        .delete(&told::execution("run-6"), told::at(5000))
        .unwrap();
    store.close().unwrap();
    drop(store);
    // Opening cuts off what was laid out for the journal.
    open(directory, &told::options()).unwrap().close().unwrap();
}
