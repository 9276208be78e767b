//! Reads a recording, line by line. Does I/O: the file.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::Error;
use super::line::{self, Header, NoHeader, What};
use crate::model::Time;

/// A recording that is read.
#[derive(Debug)]
pub struct Recording {
    file: String,
    from: BufReader<File>,
    header: Header,
    /// Whole lines that were read, and their bytes.
    lines: u64,
    bytes: u64,
    torn: bool,
}

impl Recording {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is no recording of a format that is known here.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = path.display().to_string();
        let failed = |error| failed(&file, error);
        let mut from = BufReader::new(File::open(path).map_err(failed)?);
        let mut first = Vec::new();
        let bytes = from.read_until(b'\n', &mut first).map_err(failed)?;
        let text = String::from_utf8_lossy(&first);
        let header = line::header(&text).map_err(|problem| match problem {
            NoHeader::Foreign(problem) => Error::Foreign {
                file: file.clone(),
                problem,
            },
            NoHeader::Format(found) => Error::Format {
                file: file.clone(),
                found,
            },
        })?;
        if !first.ends_with(b"\n") {
            let problem = "its first line is not whole".into();
            return Err(Error::Foreign { file, problem });
        }
        Ok(Self {
            torn: false,
            file,
            from,
            header,
            lines: 1,
            bytes: bytes as u64,
        })
    }

    /// What it is of.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the last line was cut off, by a crash for instance: it is left out.
    #[must_use]
    pub const fn torn(&self) -> bool {
        self.torn
    }

    /// How many bytes the lines have that were read and are whole.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Time, What)>, Error> {
        let mut read = Vec::new();
        let bytes = self
            .from
            .read_until(b'\n', &mut read)
            .map_err(|error| failed(&self.file, error))?;
        if bytes == 0 {
            return Ok(None);
        }
        if !read.ends_with(b"\n") {
            self.torn = true;
            return Ok(None);
        }
        self.lines += 1;
        self.bytes += bytes as u64;
        let text = std::str::from_utf8(&read).map_err(|error| error.to_string());
        let item = text.and_then(line::read);
        item.map(Some).map_err(|problem| self.damaged(problem))
    }

    /// What is wrong with the line that was read last.
    pub(super) fn damaged(&self, problem: impl Into<String>) -> Error {
        Error::Damaged {
            file: self.file.clone(),
            line: self.lines,
            problem: problem.into(),
        }
    }
}

fn failed(file: &str, error: io::Error) -> Error {
    Error::File {
        file: file.to_owned(),
        what: "read",
        error,
    }
}
