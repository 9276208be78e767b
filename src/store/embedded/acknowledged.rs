//! The last acknowledged commit, kept outside the engine: it truncates its journal silently where it cannot read
//! on, and then only this file knows that something is missing. Does I/O.
//!
//! Two slots are written in turn, so that a torn write leaves the other. It costs no fsync of its own: after a
//! power cut it may say less than there is, never more.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

const SLOT: usize = 4096;
const MAGIC: [u8; 8] = *b"dagtrail";
const LENGTH: usize = 20;

/// The open file.
#[derive(Debug)]
pub(super) struct Acknowledged {
    file: File,
}

impl Acknowledged {
    /// Makes the file, with commit 0.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        file.write_all(&[0; 2 * SLOT])?;
        let this = Self { file };
        this.write(0)?;
        this.sync()?;
        Ok(this)
    }

    /// Opens the file and reads it; `None` if neither slot is whole.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Option<u64>)> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut bytes = Vec::with_capacity(2 * SLOT);
        file.read_to_end(&mut bytes)?;
        let slots = bytes.chunks(SLOT).filter_map(parse);
        Ok((Self { file }, slots.max()))
    }

    /// Notes a commit that is on disk.
    pub(super) fn write(&self, commit: u64) -> io::Result<()> {
        let mut bytes = [0; LENGTH];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&commit.to_be_bytes());
        let sum = crc32fast::hash(&bytes[..16]);
        bytes[16..].copy_from_slice(&sum.to_be_bytes());
        self.file.write_all_at(&bytes, commit % 2 * SLOT as u64)
    }

    /// Makes sure that a power cut does not undo it.
    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// The file, to sync it while others write to it.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

fn parse(slot: &[u8]) -> Option<u64> {
    let bytes = slot.get(..LENGTH)?;
    let sum = u32::from_be_bytes(bytes[16..].try_into().ok()?);
    let whole = bytes[..8] == MAGIC && crc32fast::hash(&bytes[..16]) == sum;
    whole.then(|| u64::from_be_bytes(bytes[8..16].try_into().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_slot_leaves_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acknowledged");
        let file = Acknowledged::create(&path).unwrap();
        file.write(6).unwrap();
        file.write(7).unwrap();
        assert_eq!(Acknowledged::open(&path).unwrap().1, Some(7));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[SLOT + 12] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(Acknowledged::open(&path).unwrap().1, Some(6));
    }
}
