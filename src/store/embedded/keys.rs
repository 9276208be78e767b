//! Every byte of a key, and the header: what changes here changes the format. Pure.
//!
//! ```text
//! keyspace      key                                   value
//! header        "header"                              see Header
//! state         "state"                               how far the blocks and the log reach
//! state         "kept"                                which stretches of the log are kept behind the checkpoint
//! state         "flushed"                             nothing: it is written after buffers went into files
//! log           first Seq, commit number              a commit
//! numbers       digest of (tenant, id)                the execution's own number, and behind which block it ends
//! executions    number                                the execution
//! names         digest of an id or alias, number      nothing
//! heads         number, block                         the numbers of up to 128 rows
//! texts         number, block                         the keys and bodies of the same rows
//! outside       number, origin                        row, share: an origin that is kept outside its row
//! ids           number, digest of an id               when it was told
//! expiry        when it was told, number, digest      nothing: finds the ids whose window is over
//! tombstones    digest of (tenant, id)                a tombstone
//! correlations  digest of a uid                       a correlation
//! samples       number, digest of element and name    a sample
//! ```
//!
//! Numbers are big-endian, so that byte order is their order. Texts that clients choose are digested, so that
//! no key is too long.

use crate::model::{Digest, Digester, ExecutionKey, Seq, Time};

/// The format that this version writes.
pub(super) const FORMAT: u32 = 1;
/// The reader that this version is.
pub(super) const READER: u32 = 1;
/// The writer that this version is.
pub(super) const WRITER: u32 = 1;

pub(super) const HEADER: &str = "header";
pub(super) const STATE: &str = "state";
pub(super) const KEPT: &str = "kept";
pub(super) const STORED: &str = "stored";
pub(super) const FLUSHED: &str = "flushed";
pub(super) const LOG: &str = "log";
pub(super) const NUMBERS: &str = "numbers";
pub(super) const EXECUTIONS: &str = "executions";
pub(super) const NAMES: &str = "names";
pub(super) const HEADS: &str = "heads";
pub(super) const TEXTS: &str = "texts";
pub(super) const OUTSIDE: &str = "outside";
pub(super) const IDS: &str = "ids";
pub(super) const EXPIRY: &str = "expiry";
pub(super) const TOMBSTONES: &str = "tombstones";
pub(super) const CORRELATIONS: &str = "correlations";
pub(super) const SAMPLES: &str = "samples";

/// What is read before anything else; its layout can never change, only grow at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What the data was written in.
    pub(super) format: u32,
    /// Older readers cannot read it.
    pub(super) reader: u32,
    /// Older writers may not write it.
    pub(super) writer: u32,
    /// The fencing epoch: counts the processes that have opened it, and is on disk before the first of their commits.
    /// Today the directory's lock keeps them apart; of a store that several can reach, the highest epoch may write.
    pub(super) epoch: u64,
    /// The store's id.
    pub(super) id: [u8; 16],
    /// The store's secret.
    pub(super) secret: [u8; 32],
}

impl Header {
    const LENGTH: usize = 4 + 4 + 4 + 8 + 16 + 32;

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::LENGTH);
        bytes.extend(self.format.to_be_bytes());
        bytes.extend(self.reader.to_be_bytes());
        bytes.extend(self.writer.to_be_bytes());
        bytes.extend(self.epoch.to_be_bytes());
        bytes.extend(self.id);
        bytes.extend(self.secret);
        bytes
    }

    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        Some(Self {
            format: u32::from_be_bytes(take(bytes)?),
            reader: u32::from_be_bytes(take(bytes)?),
            writer: u32::from_be_bytes(take(bytes)?),
            epoch: u64::from_be_bytes(take(bytes)?),
            id: take(bytes)?,
            secret: take(bytes)?,
        })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

/// A commit's: that of its first change, and its own number, since some commits change no row.
pub(super) fn log(first: Seq, number: u64) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&first.0.to_be_bytes());
    key[8..].copy_from_slice(&number.to_be_bytes());
    key
}

pub(super) fn parse_log(mut key: &[u8]) -> Option<(Seq, u64)> {
    let key = &mut key;
    let first = Seq(u64::from_be_bytes(take(key)?));
    Some((first, u64::from_be_bytes(take(key)?)))
}

/// In `numbers` and `tombstones`.
pub(super) fn execution(key: &ExecutionKey) -> [u8; 16] {
    let digest = Digester::new("execution key").text(&key.tenant);
    digest.text(&key.id).finish().to_bytes()
}

/// In `correlations`.
pub(super) fn uid(uid: &str) -> [u8; 16] {
    Digester::new("uid").text(uid).finish().to_bytes()
}

/// The prefix of everything in `names` that has this name.
pub(super) fn named(name: &str) -> [u8; 16] {
    Digester::new("name").text(name).finish().to_bytes()
}

pub(super) fn name(name: &str, number: u64) -> [u8; 24] {
    let mut key = [0; 24];
    key[..16].copy_from_slice(&named(name));
    key[16..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The number at the end of a key of `names`.
pub(super) fn parse_name(key: &[u8]) -> Option<u64> {
    parse_number(key.get(16..)?)
}

/// In `executions`; also the prefix of all that belongs to an execution in other keyspaces.
pub(super) fn number(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// What `numbers` says of an execution: its number, and the first block that it surely has not.
pub(super) fn placed(number: u64, blocks: u32) -> [u8; 12] {
    block(number, blocks)
}

pub(super) fn parse_placed(key: &[u8]) -> Option<(u64, u32)> {
    Some((parse_number(key)?, parse_block(key)?))
}

pub(super) fn parse_number(mut bytes: &[u8]) -> Option<u64> {
    take(&mut bytes).map(u64::from_be_bytes)
}

/// In `heads` and `texts`.
pub(super) fn block(number: u64, block: u32) -> [u8; 12] {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&number.to_be_bytes());
    key[8..].copy_from_slice(&block.to_be_bytes());
    key
}

pub(super) fn parse_block(mut key: &[u8]) -> Option<u32> {
    let key = &mut key;
    take::<8>(key)?;
    take(key).map(u32::from_be_bytes)
}

/// In `outside`, `ids` and `samples`.
pub(super) fn owned(number: u64, digest: Digest) -> [u8; 24] {
    let mut key = [0; 24];
    key[..8].copy_from_slice(&number.to_be_bytes());
    key[8..].copy_from_slice(&digest.to_bytes());
    key
}

/// The digest at the end of a key of `outside`, `ids` and `samples`.
pub(super) fn parse_owned(key: &[u8]) -> Option<Digest> {
    let digest = key.get(8..)?.try_into().ok()?;
    Some(Digest::from_bytes(digest))
}

/// In `expiry`; a prefix of eight bytes sorts by time.
pub(super) fn expiry(told: Time, number: u64, id: Digest) -> [u8; 32] {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&expiry_from(told));
    key[8..].copy_from_slice(&owned(number, id));
    key
}

/// Where the ids that were told at this time or later begin in `expiry`.
pub(super) fn expiry_from(told: Time) -> [u8; 8] {
    // The sign bit is turned round, so that times before 1970 sort first.
    (told.0.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The key in `ids` that a key of `expiry` is about.
pub(super) fn expired(key: &[u8]) -> Option<&[u8]> {
    key.get(8..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_their_numbers() {
        assert!(log(Seq(255), 9) < log(Seq(256), 1));
        assert!(expiry(Time(-1), 9, Digest(9)) < expiry(Time(0), 0, Digest(0)));
        assert!(block(1, 300) < block(2, 0));
    }

    #[test]
    fn keys_are_read_as_they_were_written() {
        assert_eq!(parse_log(&log(Seq(7), 8)), Some((Seq(7), 8)));
        assert_eq!(
            expired(&expiry(Time(1), 3, Digest(4))),
            Some(&owned(3, Digest(4))[..])
        );
        assert_eq!(parse_owned(&owned(3, Digest(4))), Some(Digest(4)));
        assert_eq!(parse_block(&block(3, 4)), Some(4));
        assert_eq!(parse_name(&name("a", 5)), Some(5));
        let header = Header {
            format: 1,
            reader: 2,
            writer: 3,
            epoch: 4,
            id: [5; 16],
            secret: [6; 32],
        };
        assert_eq!(Header::from_bytes(&header.to_bytes()), Some(header));
    }
}
