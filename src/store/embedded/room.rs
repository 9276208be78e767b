//! The room on the disk: how much is free, and how much of that is kept back. Does I/O.
//!
//! What is taken in never fills the disk: it is refused while no more than the reserve is free. In the reserve work
//! those who make room: deletions, retention, and the files of the database, which grow for a while before they shrink.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::start::Inner;
use crate::store::{Error, Reserve, Size};

/// For how long the free space is believed to be what it was.
const BELIEVED: Duration = Duration::from_millis(50);
/// Of the reserve: with less than that nothing is tried at all, since a write that fails costs a database its life.
const FLOOR: u64 = 4;
/// How long who tells waits for what was told before to find its place.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes in memory that find a place anyhow.
const LITTLE: u64 = 4 << 20;
/// Bytes of the log that are kept at most, and which part of the disk.
const LOG: u64 = 512 << 20;
const LOG_PART: u64 = 16;

/// The free space as it was seen last.
#[derive(Debug, Default)]
pub(super) struct Room {
    seen: Mutex<Option<(Instant, Seen)>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    total: u64,
    free: u64,
    reserve: u64,
}

impl Seen {
    const fn error(self) -> Error {
        Error::Full {
            free: self.free,
            reserve: self.reserve,
        }
    }
}

impl Room {
    fn look(&self, directory: &Path, reserve: Reserve, now: bool) -> Option<Seen> {
        let mut seen = self.seen.lock();
        if let Some((at, seen)) = *seen
            && !now
            && at.elapsed() < BELIEVED
        {
            return Some(seen);
        }
        let disk = rustix::fs::statvfs(directory)
            .inspect_err(|error| tracing::warn!(%error, "the free space is not known"))
            .ok()?;
        let total = disk.f_blocks.saturating_mul(disk.f_frsize);
        let fresh = Seen {
            total,
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            reserve: (total / 100)
                .saturating_mul(reserve.percent)
                .max(reserve.bytes),
        };
        *seen = Some((Instant::now(), fresh));
        Some(fresh)
    }
}

impl Inner {
    fn room_now(&self, now: bool) -> Option<Seen> {
        self.room.look(self.directory(), self.options.reserve, now)
    }

    /// About how many bytes there are in memory that will want a place on disk: changed rows, and what the database has
    /// not written into files.
    fn unwritten(&self) -> u64 {
        let (disk, changed) = {
            let fold = self.fold.read();
            (fold.disk.clone(), fold.changed.1 + fold.writing)
        };
        changed as u64 + disk.map_or(0, |disk| disk.unwritten())
    }

    /// Refuses to take in what would go into the reserve.
    pub(super) fn refuse_if_short(&self) -> Result<(), Error> {
        match self.room_now(false) {
            Some(seen) if seen.free < seen.reserve => Err(seen.error()),
            _ => Ok(()),
        }
    }

    /// Waits while what is in memory would not find a place on disk but in the reserve; refuses to take in more when there
    /// is none. `hurry` is called as long as what is in memory should go to disk.
    pub(super) fn wait_for_room(&self, hurry: impl Fn()) -> Result<(), Error> {
        let begin = Instant::now();
        loop {
            let Some(seen) = self.room_now(false) else {
                return Ok(());
            };
            let (unwritten, above) = (self.unwritten(), seen.free.saturating_sub(seen.reserve));
            if seen.free < seen.reserve {
                hurry();
                return Err(seen.error());
            }
            if unwritten > above / 2 && unwritten > LITTLE {
                hurry();
            }
            if seen.reserve == 0 || unwritten <= above.max(LITTLE) {
                return Ok(());
            }
            if begin.elapsed() > PATIENCE {
                return Err(seen.error());
            }
            std::thread::sleep(BELIEVED / 2);
        }
    }

    /// Refuses to write at all where it would fail.
    pub(super) fn refuse_if_full(&self) -> Result<(), Error> {
        match self.room_now(false) {
            Some(seen) if seen.free < seen.reserve / FLOOR => Err(seen.error()),
            _ => Ok(()),
        }
    }

    /// Says of a failure that the disk is full, if it is.
    pub(super) fn explained(&self, error: Error) -> Error {
        match (error, self.room_now(true)) {
            (Error::Unavailable(_), Some(seen)) if seen.free < seen.reserve => seen.error(),
            (error, _) => error,
        }
    }

    /// Bytes of the log that are kept at most, however young they are.
    pub(super) fn most_of_log(&self) -> u64 {
        let least = self.options.log_bytes;
        match self.room_now(false) {
            _ if self.refuse_if_short().is_err() => least,
            Some(seen) => LOG.min(seen.total / LOG_PART).max(least),
            None => LOG.max(least),
        }
    }

    pub(super) fn size(&self) -> Result<Size, Error> {
        let disk = self.fold.read().disk.clone();
        let buffered = disk.map_or(0, |disk| disk.unwritten());
        let size = {
            let fold = self.fold.read();
            let (rows, bytes) = fold.size();
            Size {
                kept: fold.stored,
                log: fold.logged_bytes(),
                memory: (rows as u64, bytes as u64),
                tombstones: fold.tombstones.len() as u64,
                ..Size::default()
            }
        };
        let seen = self.room_now(true);
        Ok(Size {
            buffered,
            files: bytes_below(self.directory()).map_err(|error| Error::Read(error.to_string()))?,
            free: seen.map(|seen| seen.free),
            reserve: seen.map_or(0, |seen| seen.reserve),
            reopened: self.reopened.load(Ordering::Relaxed),
            ..size
        })
    }
}

/// Bytes that the files below a folder take on disk. Files that go away meanwhile count nothing.
fn bytes_below(folder: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(about) = entry.metadata() else {
            continue;
        };
        sum += if about.is_dir() {
            bytes_below(&entry.path()).unwrap_or(0)
        } else {
            about.blocks() * 512
        };
    }
    Ok(sum)
}
