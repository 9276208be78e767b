//! A journal: batches one behind the other, each with its number and a checksum, then nothing, or zeros that were laid
//! out before. Does I/O.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3Default;

use super::{CHUNK, damaged, failed, open, written};
use crate::store::Error;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const TRAILER: &[u8] = b"FJL\x03";
/// Bytes between the tag of a start and the next tag.
const START_LENGTH: usize = 4 + 8;
/// Bytes between the tag of an item and its key: kind, compression, keyspace, three lengths.
const ITEM_LENGTH: usize = 1 + 1 + 8 + 2 + 4 + 4;

/// Reads a journal to its end. `last` is the number of the last batch so far.
pub(super) fn check(path: &Path, is_active: bool, last: &mut Option<u64>) -> Result<(), Error> {
    let failed = failed(path);
    let file = open(path)?;
    let length = file.metadata().map_err(&failed)?.len();
    let mut batches = Batches::new(BufReader::with_capacity(CHUNK, file), length);
    let mut whole = 0;
    while let Some(number) = batches.next().map_err(&failed)? {
        if last.is_some_and(|last| last >= number) {
            return Err(damaged(
                path,
                format_args!("batch {number} stands where a later one should"),
            ));
        }
        *last = Some(number);
        whole = batches.position();
    }
    let mut file = batches.source.into_inner();
    file.seek(SeekFrom::Start(whole)).map_err(&failed)?;
    let rest = beyond_zeros(&mut file).map_err(&failed)?;
    if rest.is_empty() {
        return Ok(());
    }
    if !is_active {
        return Err(damaged(
            path,
            format_args!("it cannot be read on at {whole}"),
        ));
    }
    // What was being written when the process ended may be torn. But nothing is written behind it.
    match later_batch(&rest) {
        Some(at) => Err(damaged(
            path,
            format_args!(
                "it cannot be read on at {whole}, and goes on at {}",
                whole + at as u64
            ),
        )),
        None => Ok(()),
    }
}

/// All that is left, without the zeros at its end.
fn beyond_zeros(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut rest, mut zeros) = (Vec::new(), 0);
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            return Ok(rest);
        }
        let chunk = &chunk[..read];
        match written(chunk) {
            0 => zeros += read,
            written => {
                rest.resize(rest.len() + zeros, 0);
                rest.extend(&chunk[..written]);
                zeros = read - written;
            }
        }
    }
}

/// Where a whole batch begins behind a broken one.
fn later_batch(rest: &[u8]) -> Option<usize> {
    let starts = (1..rest.len().saturating_sub(START_LENGTH + 1)).filter(|at| rest[*at] == START);
    starts
        .filter(|at| matches!(rest[at + 1 + START_LENGTH], ITEM | CLEAR))
        .find(|at| {
            let rest = &rest[*at..];
            let mut batches = Batches::new(rest, rest.len() as u64);
            // Reading from memory cannot fail.
            matches!(batches.next(), Ok(Some(_)))
        })
}

/// Reads batches as long as they are whole.
struct Batches<R> {
    source: R,
    length: u64,
    left: u64,
    entry: Vec<u8>,
}

impl<R: Read> Batches<R> {
    fn new(source: R, length: u64) -> Self {
        Self {
            source,
            length,
            left: length,
            entry: Vec::new(),
        }
    }

    fn position(&self) -> u64 {
        self.length - self.left
    }

    /// The next batch's number; `None` if what follows is no whole batch.
    fn next(&mut self) -> io::Result<Option<u64>> {
        let Some(START) = self.tag()? else {
            return Ok(None);
        };
        if !self.more(START_LENGTH as u64)? {
            return Ok(None);
        }
        let (items, number) = (number(&self.entry[1..5]), number(&self.entry[5..13]));
        let mut sum = Xxh3Default::new();
        for _ in 0..items {
            let is_whole = match self.tag()? {
                Some(ITEM) => {
                    self.more(ITEM_LENGTH as u64)? && {
                        let entry = &self.entry;
                        let (key, value) = (number_at(entry, 11, 2), number_at(entry, 17, 4));
                        self.more(key + value)?
                    }
                }
                Some(CLEAR) => self.more(8)?,
                _ => false,
            };
            if !is_whole {
                return Ok(None);
            }
            sum.update(&self.entry);
        }
        let Some(END) = self.tag()? else {
            return Ok(None);
        };
        if !self.more(8 + TRAILER.len() as u64)? {
            return Ok(None);
        }
        let is_whole = number_at(&self.entry, 1, 8) == sum.digest() && self.entry[9..] == *TRAILER;
        Ok(is_whole.then_some(number))
    }

    /// Begins an entry.
    fn tag(&mut self) -> io::Result<Option<u8>> {
        self.entry.clear();
        Ok(self.more(1)?.then(|| self.entry[0]))
    }

    /// Adds so many bytes to the entry; false if there are not so many.
    fn more(&mut self, bytes: u64) -> io::Result<bool> {
        if bytes > self.left {
            return Ok(false);
        }
        let read = (&mut self.source)
            .take(bytes)
            .read_to_end(&mut self.entry)?;
        self.left -= read as u64;
        Ok(read as u64 == bytes)
    }
}

fn number_at(entry: &[u8], at: usize, length: usize) -> u64 {
    number(&entry[at..at + length])
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    all[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(all)
}
