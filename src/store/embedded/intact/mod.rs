//! Whether the database's files are whole, looked at before the database opens them.
//!
//! The engine checks every block that it reads, but not all that it finds when it opens: where its journal cannot be
//! read on it cuts the rest off, and tables that its list of tables does not name it removes. A flipped bit is
//! enough for either. So both are checked here first, and nothing is opened that the engine would not read to its
//! end: a copy can be put in its place only as long as nothing was removed. Does I/O.

mod journal;
mod tables;

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::store::Error;

/// Bytes that are read and written at once.
const CHUNK: usize = 1 << 20;

/// What was laid out and never written to.
static ZEROS: [u8; CHUNK] = [0; CHUNK];

/// How many bytes are before the zeros at the end.
fn written(chunk: &[u8]) -> usize {
    // One comparison, since there may be many chunks of nothing else.
    if chunk == &ZEROS[..chunk.len()] {
        return 0;
    }
    let last = chunk.iter().rposition(|byte| *byte != 0);
    last.map_or(0, |last| last + 1)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
    move |error| Error::Read(format!("{}: {error}", path.display()))
}

fn damaged(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::Damaged(format!("{}: {why}", path.display()))
}

/// Looks at the database in a folder; one that is not there yet is whole.
///
/// # Errors
///
/// [`Error::Damaged`] if it is not what was written, [`Error::Read`] if it cannot be read.
pub(super) fn check(database: &Path) -> Result<(), Error> {
    if !database.is_dir() {
        return Ok(());
    }
    let journals = journals(database)?;
    let mut last = None;
    for (at, path) in journals.iter().enumerate() {
        let is_active = at + 1 == journals.len();
        journal::check(path, is_active, &mut last)?;
    }
    tables::check(&database.join("keyspaces"))
}

/// The journals, the oldest first; the last is the one that is written to.
fn journals(database: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(database).map_err(failed(database))? {
        let path = entry.map_err(failed(database))?.path();
        if path.extension() != Some(OsStr::new("jnl")) {
            continue;
        }
        let number = path.file_stem().and_then(OsStr::to_str);
        let number: u64 = number
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| damaged(&path, "a journal has no number"))?;
        found.push((number, path));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Writes the journals over themselves and syncs them, while the database is closed.
///
/// When the kernel could not write something back, it says so once, and takes for written then what is in its memory
/// only. What is read there would be gone after a power cut, and everything behind it with it.
///
/// # Errors
///
/// [`Error::Unavailable`] if the disk does not take it; the journals are as they were.
pub(super) fn write_again(database: &Path) -> Result<(), Error> {
    for path in journals(database)? {
        written_again(&path).map_err(|error| {
            Error::Unavailable(format!(
                "{} cannot be written again: {error}",
                path.display()
            ))
        })?;
    }
    Ok(())
}

fn written_again(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut chunk = vec![0; CHUNK];
    let mut at = 0;
    loop {
        let read = file.read_at(&mut chunk, at)?;
        if read == 0 {
            break;
        }
        // What was never written takes no room, and shall not: the disk may be full.
        let written = written(&chunk[..read]);
        if written > 0 {
            file.write_all_at(&chunk[..written], at)?;
        }
        at += read as u64;
    }
    file.sync_all()
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(failed(path))
}
