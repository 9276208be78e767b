//! The open database: how it is laid out, and how it is written to. Does I/O.

mod files;

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fjall::compaction::Leveled;
use fjall::config::CompressionPolicy;
use fjall::{
    CompressionType, Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode,
};

use super::keys;
use super::reader::Reader;
use super::records::StateRecord;
use super::{codec, intact, start};
use crate::store::Error;

/// Bytes of blocks that the database keeps in memory; the kernel keeps their files as well.
const CACHE: u64 = 8 << 20;
/// Bytes of a keyspace in memory at which they go into a file, and bytes of a file. While files are written anew the old
/// ones are there too: so what is needed for a while is a small part of the reserve.
const FILE: u64 = 8 << 20;
/// Bytes of journals at which keyspaces that hold one back are written into files.
const JOURNALS: u64 = 128 << 20;

/// The open database.
pub(super) struct Disk {
    db: Database,
    path: PathBuf,
    pub(super) header: Keyspace,
    pub(super) state: Keyspace,
    pub(super) log: Keyspace,
    pub(super) numbers: Keyspace,
    pub(super) executions: Keyspace,
    pub(super) names: Keyspace,
    pub(super) heads: Keyspace,
    pub(super) texts: Keyspace,
    pub(super) outside: Keyspace,
    pub(super) ids: Keyspace,
    pub(super) expiry: Keyspace,
    pub(super) tombstones: Keyspace,
    pub(super) correlations: Keyspace,
    pub(super) samples: Keyspace,
    /// The next commit is written and reported as failed.
    #[cfg(test)]
    pub(super) fails: std::sync::atomic::AtomicBool,
    /// After so many slices a checkpoint fails.
    #[cfg(test)]
    pub(super) slices: std::sync::atomic::AtomicUsize,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disk").finish_non_exhaustive()
    }
}

/// A failure while reading.
pub(super) fn read(error: &fjall::Error) -> Error {
    match error {
        fjall::Error::Io(cause) | fjall::Error::Storage(fjall::LsmError::Io(cause))
            if !is_damage(cause.kind()) =>
        {
            Error::Read(cause.to_string())
        }
        other => Error::Damaged(other.to_string()),
    }
}

/// Whether reading again would be of no use.
fn is_damage(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof | ErrorKind::NotFound | ErrorKind::InvalidData
    )
}

/// What is said of a write that was not begun: the database has failed before, at its own work.
pub(super) const FAILED_BEFORE: &str = "the database has failed while it wrote files";

/// A failure while writing.
fn unavailable(error: &fjall::Error) -> Error {
    Error::Unavailable(match error {
        fjall::Error::Poisoned => FAILED_BEFORE.into(),
        other => other.to_string(),
    })
}

/// How a keyspace is laid out, when it is made.
fn options() -> KeyspaceCreateOptions {
    let levels = Leveled::default().with_table_target_size(FILE);
    KeyspaceCreateOptions::default()
        .max_memtable_size(FILE)
        .compaction_strategy(Arc::new(levels))
}

fn opening(path: &Path, error: &fjall::Error) -> Error {
    let path = path.display();
    match (error, read(error)) {
        (fjall::Error::Locked, _) => Error::Locked(path.to_string()),
        (_, Error::Read(why)) => Error::Read(format!("{path}: {why}")),
        (_, Error::Damaged(why)) => Error::Damaged(format!("{path}: {why}")),
        (_, other) => other,
    }
}

impl Disk {
    /// Opens the database, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error: fjall::Error| opening(path, &error);
        intact::check(path)?;
        let open = || {
            Database::builder(path)
                .worker_threads(2)
                .cache_size(CACHE)
                .max_journaling_size(JOURNALS)
                // Who writes waits for it, and what is large is small already: a commit says nothing twice, and blocks
                // are packed.
                .journal_compression(CompressionType::None)
                .open()
        };
        // What it takes for impossible it panics at.
        let opened = catch_unwind(AssertUnwindSafe(open)).map_err(|_| {
            Error::Damaged(format!("{}: the engine cannot open it", path.display()))
        })?;
        let db = opened.map_err(failed)?;
        let keyspace = |name| db.keyspace(name, options).map_err(failed);
        // Blocks are compressed already.
        let plain = || options().data_block_compression_policy(CompressionPolicy::disabled());
        let packed = |name| db.keyspace(name, plain).map_err(failed);
        // What is kept of the log for followers is words as they came, and few read it.
        let log = || {
            let policy = CompressionPolicy::all(CompressionType::Lz4);
            options().data_block_compression_policy(policy)
        };
        Ok(Self {
            header: keyspace(keys::HEADER)?,
            state: keyspace(keys::STATE)?,
            log: db.keyspace(keys::LOG, log).map_err(failed)?,
            numbers: keyspace(keys::NUMBERS)?,
            executions: keyspace(keys::EXECUTIONS)?,
            names: keyspace(keys::NAMES)?,
            heads: packed(keys::HEADS)?,
            texts: packed(keys::TEXTS)?,
            outside: keyspace(keys::OUTSIDE)?,
            ids: keyspace(keys::IDS)?,
            expiry: keyspace(keys::EXPIRY)?,
            tombstones: keyspace(keys::TOMBSTONES)?,
            correlations: keyspace(keys::CORRELATIONS)?,
            samples: keyspace(keys::SAMPLES)?,
            db,
            path: path.to_owned(),
            #[cfg(test)]
            fails: std::sync::atomic::AtomicBool::new(false),
            #[cfg(test)]
            slices: std::sync::atomic::AtomicUsize::new(usize::MAX),
        })
    }

    /// A batch, to be committed or put.
    pub(super) fn batch(&self) -> OwnedWriteBatch {
        self.db.batch()
    }

    /// Puts into a batch how far the blocks and the log reach.
    pub(super) fn put_state(&self, batch: &mut OwnedWriteBatch, state: StateRecord) {
        batch.insert(&self.state, keys::STATE, codec::seal(&state));
        batch.insert(&self.state, keys::STORED, keys::number(state.stored));
    }

    /// Writes a batch and syncs it: the one fsync of the write path.
    pub(super) fn commit(&self, batch: OwnedWriteBatch) -> Result<(), Error> {
        let done = batch.durability(Some(PersistMode::SyncData)).commit();
        #[cfg(test)]
        if self.fails.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return Err(Error::Unavailable("a test said so".into()));
        }
        done.map_err(|error| self.failed(&error))
    }

    /// A failure while writing.
    fn failed(&self, error: &fjall::Error) -> Error {
        if let Some(directory) = self.path.parent() {
            start::distrust(directory);
        }
        unavailable(error)
    }

    /// Writes a batch of a checkpoint, and syncs it: so nothing is in the journal behind something that is not on disk,
    /// whatever the order in which the kernel writes.
    pub(super) fn put(&self, batch: OwnedWriteBatch) -> Result<(), Error> {
        let done = batch.durability(Some(PersistMode::SyncData)).commit();
        done.map_err(|error| self.failed(&error))?;
        #[cfg(test)]
        if self
            .slices
            .fetch_sub(1, std::sync::atomic::Ordering::SeqCst)
            == 0
        {
            return Err(Error::Unavailable("a test said so".into()));
        }
        Ok(())
    }

    /// Has what is not in files yet written into files, if it is more than so many bytes; true if that has begun. Otherwise
    /// each keyspace keeps up to 64 MiB in memory, for ever. What is called here is public, though hidden in the
    /// documentation: there is no other way.
    pub(super) fn flush_above(&self, bytes: u64) -> Result<bool, Error> {
        if self.db.write_buffer_size() <= bytes {
            return Ok(false);
        }
        for keyspace in self.keyspaces() {
            let rotated = keyspace.rotate_memtable();
            rotated.map_err(|error| unavailable(&error))?;
        }
        Ok(true)
    }

    /// Whether something is still being written into files.
    pub(super) fn is_flushing(&self) -> bool {
        let mut all = self.keyspaces().into_iter();
        all.any(|keyspace| keyspace.sealed_memtable_count() > 0)
    }

    /// Lets go of what was written into files: the database does so when the next keyspace is flushed, whichever.
    pub(super) fn let_go_of_flushed(&self) -> Result<(), Error> {
        let mut batch = self.batch();
        batch.insert(&self.state, keys::FLUSHED, b"");
        self.put(batch)?;
        let rotated = self.state.rotate_memtable();
        rotated.map_err(|error| unavailable(&error))?;
        Ok(())
    }

    /// All of them.
    pub(super) fn keyspaces(&self) -> [&Keyspace; 14] {
        [
            &self.header,
            &self.state,
            &self.log,
            &self.numbers,
            &self.executions,
            &self.names,
            &self.heads,
            &self.texts,
            &self.outside,
            &self.ids,
            &self.expiry,
            &self.tombstones,
            &self.correlations,
            &self.samples,
        ]
    }

    /// Syncs all that was written.
    pub(super) fn sync(&self) -> Result<(), Error> {
        let done = self.db.persist(PersistMode::SyncData);
        done.map_err(|error| self.failed(&error))
    }

    /// What is on disk now, and stays so for this reader.
    pub(super) fn reader(self: &Arc<Self>) -> Reader {
        Reader::new(self.clone(), self.db.snapshot())
    }
}
