//! Opening a directory: its lock, its header, its log; and letting go of it. Does I/O.
//!
//! ```text
//! <directory>/lock          held as long as the store is open
//! <directory>/format.json   what it is written in, read before anything else
//! <directory>/acknowledged  the last acknowledged commit
//! <directory>/unsynced      only after the disk has failed: what is in the kernel's memory may not be on it
//! <directory>/db/           fjall's; made as db.new, and renamed once it is whole
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard, RwLock};
use tokio::sync::watch;
use uuid::Uuid;

use super::acknowledged::Acknowledged;
use super::disk::Disk;
use super::fold::Fold;
use super::format::Format;
use super::keys::{self, Header};
use super::room::Room;
use super::{intact, replay};
use crate::model::Seq;
use crate::store::versions::Versions;
use crate::store::{Error, Options};

const LOCK: &str = "lock";
const ACKNOWLEDGED: &str = "acknowledged";
pub(super) const DATABASE: &str = "db";
const UNFINISHED: &str = "db.new";
const UNSYNCED: &str = "unsynced";

/// The engine. Locks are taken in this order: `checkpointing`, `writer`, `fold`.
#[derive(Debug)]
pub(super) struct Inner {
    directory: PathBuf,
    pub(super) options: Options,
    id: String,
    secret: [u8; 32],
    /// Held by who writes blocks or removes them.
    pub(super) checkpointing: Mutex<()>,
    /// Held by who writes commits.
    pub(super) writer: Mutex<Writer>,
    /// Held for moments only: never while the disk is waited for.
    pub(super) fold: RwLock<Fold>,
    pub(super) announce: watch::Sender<Seq>,
    /// The same as in `fold`, to be read without its lock.
    pub(super) versions: Arc<Versions>,
    pub(super) room: Room,
    /// How often the database was opened again after a failure.
    pub(super) reopened: AtomicU64,
    /// Whether it is being opened again right now.
    reopening: AtomicBool,
}

/// What only who writes needs.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) acknowledged: Acknowledged,
    /// Why the database has to be opened again before anything is written.
    pub(super) broken: Option<String>,
    /// Dropped when the store is closed.
    lock: Option<File>,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
    move |error| Error::Read(format!("{}: {error}", path.display()))
}

impl Inner {
    pub(super) fn open(directory: &Path, options: Options) -> Result<Self, Error> {
        fs::create_dir_all(directory).map_err(failed(directory))?;
        let lock = lock(directory)?;
        if !exists(directory) {
            create(directory)?;
        }
        let Found {
            disk,
            header,
            acknowledged,
            last,
        } = find(directory)?;
        let fold = replay::restore(&disk, &options, last, None)?;
        let header = Header {
            epoch: header.epoch + 1,
            ..header
        };
        let mut batch = disk.batch();
        batch.insert(&disk.header, keys::HEADER, header.to_bytes());
        disk.commit(batch)?;
        let announce = watch::Sender::new(fold.seq);
        Ok(Self {
            directory: directory.to_owned(),
            options,
            id: Uuid::from_bytes(header.id).simple().to_string(),
            secret: header.secret,
            checkpointing: Mutex::default(),
            writer: Mutex::new(Writer {
                acknowledged,
                broken: None,
                lock: Some(lock),
            }),
            versions: fold.versions.clone(),
            fold: RwLock::new(fold),
            announce,
            room: Room::default(),
            reopened: AtomicU64::new(0),
            reopening: AtomicBool::new(false),
        })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> [u8; 32] {
        self.secret
    }

    pub(super) fn passed(&self) -> watch::Receiver<Seq> {
        self.announce.subscribe()
    }

    /// The right to write commits; opens the database again if it has failed.
    pub(super) fn writer(&self) -> Result<MutexGuard<'_, Writer>, Error> {
        let writer = self.writer.lock();
        if writer.broken.is_none() {
            self.refuse_if_full()?;
            return Ok(writer);
        }
        drop(writer);
        Ok(self.alone()?.1)
    }

    /// The right to write commits and blocks; opens the database again if it has failed.
    pub(super) fn alone(&self) -> Result<(MutexGuard<'_, ()>, MutexGuard<'_, Writer>), Error> {
        let checkpointing = self.checkpointing.lock();
        let mut writer = self.writer.lock();
        if writer.lock.is_none() {
            return Err(Error::Unavailable("it is closed".into()));
        }
        // A database that has failed is still read: it is let go of only where it can be opened again.
        self.refuse_if_full()?;
        if let Some(why) = &writer.broken {
            tracing::warn!(why, "opening the database again");
            self.reopen()?;
            writer.broken = None;
        }
        Ok((checkpointing, writer))
    }

    /// A database that has failed takes no more writes. So it is opened again, what was never acknowledged is
    /// cut off, and memory is made anew from what is there. Reads of what is in memory go on meanwhile.
    fn reopen(&self) -> Result<(), Error> {
        self.reopening.store(true, Ordering::SeqCst);
        let done = self.try_to_reopen();
        self.reopening.store(false, Ordering::SeqCst);
        done
    }

    /// Whether it is worth waiting for the database.
    pub(super) fn is_reopening(&self) -> bool {
        self.reopening.load(Ordering::SeqCst)
    }

    fn try_to_reopen(&self) -> Result<(), Error> {
        let (disk, commit) = {
            let mut fold = self.fold.write();
            (fold.disk.take(), fold.commit)
        };
        if let Some(disk) = disk
            && let Err(held) = release(disk)
        {
            // It is still good for reading.
            self.fold.write().disk = Some(held);
            return Err(Error::Unavailable(
                "a reader holds on to the failed database".into(),
            ));
        }
        write_again(&self.directory).map_err(later)?;
        let disk = Arc::new(Disk::open(&self.directory.join(DATABASE)).map_err(later)?);
        let mut fold = replay::restore(&disk, &self.options, commit, Some(commit))?;
        fold.versions = self.versions.clone();
        let mut known = self.fold.write();
        self.versions.all_moved();
        *known = fold;
        self.reopened.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Writes out what can be written out and lets go of the directory.
    pub(super) fn close(&self) -> Result<(), Error> {
        let written = self.checkpoint();
        let disk = self.fold.write().disk.take();
        let mut writer = self.writer.lock();
        writer.broken = Some("it is closed".into());
        let released = disk.map_or(Ok(()), |disk| {
            release(disk)
                .map_err(|_| Error::Unavailable("a reader holds on to the database".into()))
        });
        writer.lock = None;
        written.and(released)
    }
}

/// What is in a directory, before the log is replayed.
pub(super) struct Found {
    pub(super) disk: Arc<Disk>,
    pub(super) header: Header,
    pub(super) acknowledged: Acknowledged,
    /// The last acknowledged commit.
    pub(super) last: u64,
}

/// Whether there is a database in a directory.
pub(super) fn exists(directory: &Path) -> bool {
    directory.join(DATABASE).exists()
}

/// Opens what is in a directory; the caller has its lock.
pub(super) fn find(directory: &Path) -> Result<Found, Error> {
    let format = Format::read(directory)?;
    format.accept()?;
    if directory.join(UNSYNCED).exists() {
        write_again(directory)?;
    }
    let disk = Arc::new(Disk::open(&directory.join(DATABASE))?);
    let header = disk.reader().header()?;
    let header = header.ok_or_else(|| Error::Damaged("the header is gone".into()))?;
    Format::of(&header).accept()?;
    if Format::of(&header) != format {
        return Err(Error::Damaged(
            "format.json says another format than the database".into(),
        ));
    }
    let noted = directory.join(ACKNOWLEDGED);
    let (acknowledged, last) = Acknowledged::open(&noted)
        .map_err(|error| Error::Damaged(format!("{}: {error}", noted.display())))?;
    let last = last.ok_or_else(|| Error::Damaged(format!("{} cannot be read", noted.display())))?;
    Ok(Found {
        disk,
        header,
        acknowledged,
        last,
    })
}

/// Not having got the database yet is no damage.
fn later(error: Error) -> Error {
    match error {
        Error::Locked(_) | Error::Read(_) => Error::Unavailable(error.to_string()),
        other => other,
    }
}

/// Notes that the disk has failed: whoever opens the directory next does not trust what is in the kernel's memory.
pub(super) fn distrust(directory: &Path) {
    // It need not be synced: it is worth as much as the memory that it is about.
    if let Err(error) = File::create(directory.join(UNSYNCED)) {
        tracing::warn!(%error, "it could not be noted that the disk has failed");
    }
}

/// Writes what may be in the kernel's memory only.
fn write_again(directory: &Path) -> Result<(), Error> {
    intact::write_again(&directory.join(DATABASE))?;
    match fs::remove_file(directory.join(UNSYNCED)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "the note that the disk has failed could not be removed");
        }
        _ => {}
    }
    Ok(())
}

/// Waits until the last reader is done, so that the database lets go of its files.
fn release(mut disk: Arc<Disk>) -> Result<(), Arc<Disk>> {
    for _ in 0..500 {
        match Arc::try_unwrap(disk) {
            Ok(disk) => {
                drop(disk);
                return Ok(());
            }
            Err(shared) => disk = shared,
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(disk)
}

/// Takes the lock of a directory; it is held as long as the file is.
pub(super) fn lock(directory: &Path) -> Result<File, Error> {
    let path = directory.join(LOCK);
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(failed(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(directory.display().to_string())),
        Err(TryLockError::Error(error)) => Err(failed(&path)(error)),
    }
}

/// Makes an empty database. It gets its name last: what was not finished was never used, and is made again.
fn create(directory: &Path) -> Result<(), Error> {
    let (path, noted) = (directory.join(UNFINISHED), directory.join(ACKNOWLEDGED));
    if Acknowledged::open(&noted).is_ok_and(|(_, last)| last > Some(0)) {
        return Err(Error::Damaged("the database is gone".into()));
    }
    if path.exists() {
        fs::remove_dir_all(&path).map_err(failed(&path))?;
    }
    let disk = Disk::open(&path)?;
    let mut batch = disk.batch();
    batch.insert(&disk.header, keys::HEADER, new_header().to_bytes());
    disk.commit(batch)?;
    drop(disk);
    Acknowledged::create(&noted).map_err(failed(&noted))?;
    Format::OWN.write(directory)?;
    sync_directory(directory)?;
    fs::rename(&path, directory.join(DATABASE)).map_err(failed(&path))?;
    sync_directory(directory)
}

fn sync_directory(path: &Path) -> Result<(), Error> {
    let synced = File::open(path).and_then(|directory| directory.sync_all());
    synced.map_err(failed(path))
}

fn new_header() -> Header {
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    secret[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    Header {
        format: keys::FORMAT,
        reader: keys::READER,
        writer: keys::WRITER,
        epoch: 0,
        id: Uuid::new_v4().into_bytes(),
        secret,
    }
}
