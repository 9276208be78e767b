//! The files of the database: how much there is, and what of it goes. Does I/O.

use fjall::{AbstractTree, Keyspace};

use super::{Disk, keys, unavailable};
use crate::store::Error;

impl Disk {
    /// Bytes that are in memory, not in files yet.
    pub(in crate::store::embedded) fn unwritten(&self) -> u64 {
        self.db.write_buffer_size()
    }

    /// The keyspaces whose keys begin with an execution's number.
    fn numbered(&self) -> [&Keyspace; 5] {
        [
            &self.heads,
            &self.texts,
            &self.outside,
            &self.ids,
            &self.samples,
        ]
    }

    /// Bytes that files of rows take, with all that is of no use in them.
    pub(in crate::store::embedded) fn rows_on_disk(&self) -> u64 {
        self.heads.disk_space() + self.texts.disk_space()
    }

    /// Drops files of the log that hold nothing but what is before a key; true if there were any. Below it nothing is ever
    /// read.
    pub(in crate::store::embedded) fn drop_log_before(&self, key: &[u8]) -> Result<bool, Error> {
        drop_files(&self.log, |_, last| last < key)
    }

    /// Drops files of rows that hold nothing of the executions of these numbers, sorted, which are all that live.
    pub(in crate::store::embedded) fn drop_dead(&self, live: &[u64]) -> Result<(), Error> {
        let lives = |first: &[u8], last: &[u8]| {
            let number = |key: &[u8]| key.get(..8).and_then(keys::parse_number);
            match (number(first), number(last)) {
                (Some(first), Some(last)) => {
                    let next = live.partition_point(|number| *number < first);
                    live.get(next).is_some_and(|number| *number <= last)
                }
                _ => true,
            }
        };
        for keyspace in self.numbered() {
            drop_files(keyspace, |first, last| !lives(first, last))?;
        }
        Ok(())
    }

    /// Writes all files anew, without what is of no use in them.
    pub(in crate::store::embedded) fn write_anew(&self) -> Result<(), Error> {
        for keyspace in self.keyspaces() {
            let done = keyspace.major_compact();
            done.map_err(|error| unavailable(&error))?;
        }
        Ok(())
    }
}

/// Drops the files of a keyspace of which all keys, from the first to the last, are dead. One with marks of removal stays
/// as long as another file of that range lives: that may hold what the marks say is removed. True if any went.
fn drop_files(keyspace: &Keyspace, is_dead: impl Fn(&[u8], &[u8]) -> bool) -> Result<bool, Error> {
    let mut any = false;
    let version = keyspace.tree.current_version();
    let about = version.iter_tables().map(|table| &table.metadata);
    let (dead, alive): (Vec<_>, Vec<_>) =
        about.partition(|table| is_dead(table.key_range.min(), table.key_range.max()));
    for table in dead {
        let range = &table.key_range;
        let covers = |other: &[u8], last: &[u8]| other <= &**range.max() && last >= &**range.min();
        let hides = table.tombstone_count > 0
            && alive
                .iter()
                .any(|other| covers(other.key_range.min(), other.key_range.max()));
        if !hides {
            let done = keyspace.tree.drop_range(&**range.min()..=&**range.max());
            done.map_err(|error| Error::Unavailable(error.to_string()))?;
            any = true;
        }
    }
    Ok(any)
}
