//! The list of tables of each keyspace. `current` says which one is valid, and its checksum; the engine does not
//! compare it. Does I/O.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::{damaged, failed};
use crate::store::Error;

/// Bytes of `current`: the list's number, its checksum, and the kind of checksum.
const LENGTH: usize = 8 + 16 + 1;

/// Compares the lists of all keyspaces in a folder.
pub(super) fn check(keyspaces: &Path) -> Result<(), Error> {
    let found = match fs::read_dir(keyspaces) {
        // It was not finished when it was made.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found.map_err(failed(keyspaces))?,
    };
    for keyspace in found {
        let keyspace = keyspace.map_err(failed(keyspaces))?.path();
        let path = keyspace.join("current");
        let current = match fs::read(&path) {
            // Nor was this one.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            current => current.map_err(failed(&path))?,
        };
        let (number, sum) = parse(&current).ok_or_else(|| damaged(&path, "it names no list"))?;
        let path = keyspace.join(format!("v{number}"));
        let list = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(damaged(&path, "the list of tables is gone"));
            }
            list => list.map_err(failed(&path))?,
        };
        if xxh3_128(&list) != sum {
            return Err(damaged(&path, "its checksum does not match"));
        }
    }
    Ok(())
}

fn parse(current: &[u8]) -> Option<(u64, u128)> {
    let current: &[u8; LENGTH] = current.try_into().ok()?;
    let (number, rest) = current.split_first_chunk()?;
    let (sum, kind) = rest.split_first_chunk()?;
    (kind == [0]).then(|| (u64::from_le_bytes(*number), u128::from_le_bytes(*sum)))
}
