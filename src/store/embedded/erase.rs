//! Removing from the blocks what a deletion or a sweep in the log has removed already. Doing it again is
//! harmless: replay does. Does I/O.

use std::sync::Arc;

use fjall::OwnedWriteBatch;

use super::disk::Disk;
use super::entry::Entry;
use super::fold::Fold;
use super::keys;
use super::log::Sweep;
use super::reader::tombstone;
use super::records::StateRecord;
use crate::model::ExecutionKey;
use crate::store::Error;
use crate::store::ledger::Tombstone;

/// Removes all that is on disk of a deleted execution, and leaves its tombstone; answers how many bytes of rows go.
pub(super) fn execution(
    batch: &mut OwnedWriteBatch,
    disk: &Arc<Disk>,
    key: &ExecutionKey,
    entry: Option<&Entry>,
    left: &Tombstone,
) -> Result<u64, Error> {
    batch.insert(&disk.tombstones, keys::execution(key), tombstone(key, left));
    let Some(entry) = entry.filter(|entry| entry.is_on_disk()) else {
        return Ok(0);
    };
    let (reader, number) = (disk.reader(), keys::number(entry.number));
    batch.remove(&disk.numbers, keys::execution(key));
    batch.remove(&disk.executions, number);
    for name in entry.names() {
        batch.remove(&disk.names, keys::name(name, entry.number));
    }
    for keyspace in [
        &disk.heads,
        &disk.texts,
        &disk.outside,
        &disk.ids,
        &disk.samples,
    ] {
        for key in reader.keys(keyspace, &number)? {
            batch.remove(keyspace, key);
        }
    }
    Ok(entry.stored())
}

/// Notes how many bytes of rows there are after a batch.
pub(super) fn put_stored(batch: &mut OwnedWriteBatch, disk: &Arc<Disk>, fold: &Fold, stored: u64) {
    let state = StateRecord {
        stored,
        ..fold.state()
    };
    disk.put_state(batch, state);
}

/// Removes from disk what has passed its window; `fold` has it still.
pub(super) fn swept(disk: &Arc<Disk>, fold: &Fold, sweep: Sweep) -> Result<OwnedWriteBatch, Error> {
    let (mut batch, reader) = (disk.batch(), disk.reader());
    for key in reader.expired(sweep.ids)? {
        if let Some(id) = keys::expired(&key) {
            batch.remove(&disk.ids, id);
        }
        batch.remove(&disk.expiry, key);
    }
    for (key, (_, found)) in &fold.tombstones {
        if found.last_told < sweep.tombstones {
            batch.remove(&disk.tombstones, keys::execution(key));
        }
    }
    for (uid, (_, told)) in &fold.correlations {
        // What was told last counts, though an earlier telling on disk may name a later time.
        if told.seen < sweep.correlations {
            batch.remove(&disk.correlations, keys::uid(uid));
        }
    }
    for found in reader.correlations() {
        let (key, correlation) = found?;
        if correlation.seen < sweep.correlations {
            batch.remove(&disk.correlations, key);
        }
    }
    Ok(batch)
}
