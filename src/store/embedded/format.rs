//! What a directory says of its format, in a file beside the database: so a version that does not know the format
//! need not know the database either. Does I/O.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::keys::{self, Header};
use crate::store::Error;

/// The file; its three numbers can never change their names or their meaning.
const FILE: &str = "format.json";

/// What the data was written in, and who may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Format {
    format: u32,
    /// Older readers cannot read it.
    min_reader: u32,
    /// Older writers may not write it.
    min_writer: u32,
}

/// In what a directory was written, and what this version reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formats {
    /// The directory's.
    pub format: u32,
    /// Older readers cannot read it.
    pub reader: u32,
    /// Older writers may not write it.
    pub writer: u32,
    /// The format that this version writes.
    pub own_format: u32,
    /// The reader that this version is.
    pub own_reader: u32,
    /// The writer that this version is.
    pub own_writer: u32,
}

/// Looks at a directory, whoever has it open; `None` if there is no history in it.
///
/// # Errors
///
/// [`Error::Damaged`] and [`Error::Read`] as for opening it.
pub fn formats(directory: &Path) -> Result<Option<Formats>, Error> {
    let is_empty = fs::read_dir(directory).map_or(true, |mut found| found.next().is_none());
    if is_empty {
        return Ok(None);
    }
    let found = Format::read(directory)?;
    Ok(Some(Formats {
        format: found.format,
        reader: found.min_reader,
        writer: found.min_writer,
        own_format: keys::FORMAT,
        own_reader: keys::READER,
        own_writer: keys::WRITER,
    }))
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "format {}", self.format)
    }
}

impl Format {
    /// What this version writes.
    pub(super) const OWN: Self = Self {
        format: keys::FORMAT,
        min_reader: keys::READER,
        min_writer: keys::WRITER,
    };

    /// What the database itself says.
    pub(super) const fn of(header: &Header) -> Self {
        Self {
            format: header.format,
            min_reader: header.reader,
            min_writer: header.writer,
        }
    }

    /// Reads it from a directory that has a database.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] if there is none, or it cannot be understood.
    pub(super) fn read(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(FILE);
        let damaged = |why: &dyn fmt::Display| Error::Damaged(format!("{}: {why}", path.display()));
        let text = fs::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => damaged(&"it is gone"),
            _ => Error::Read(format!("{}: {error}", path.display())),
        })?;
        serde_json::from_slice(&text).map_err(|error| damaged(&error))
    }

    /// Writes it where nothing reads it yet. The caller syncs the directory.
    pub(super) fn write(self, directory: &Path) -> Result<(), Error> {
        let path = directory.join(FILE);
        let text = serde_json::json!(self).to_string() + "\n";
        File::create(&path)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .map_err(|error| Error::Read(format!("{}: {error}", path.display())))
    }

    /// Whether this version may read and write it.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if not.
    pub(super) fn accept(self) -> Result<(), Error> {
        let refused = |needed, own| Error::Format {
            found: self.format,
            needed,
            own,
        };
        if self.min_reader > keys::READER {
            return Err(refused(self.min_reader, keys::READER));
        }
        if self.min_writer > keys::WRITER {
            return Err(refused(self.min_writer, keys::WRITER));
        }
        Ok(())
    }
}
