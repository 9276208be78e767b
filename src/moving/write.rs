//! Parts become lines. Does I/O to what it is given.

use std::io::{self, Write};

use super::FORMAT;
use super::convert;
use super::error::Error;
use super::line::{End, EndLine, HeaderLine, Line, NAME};
use super::sum::{Counts, Sum};
use crate::model::{Extent, OriginShare, Part, Saved};

/// Ids in a line.
const IDS: usize = 512;
/// Origins in a line.
const ORIGINS: usize = 1024;
/// About how many bytes of texts in a line; one text may be larger.
const TEXTS: usize = 1 << 20;

/// Writes a file: nothing of it is valid before [`Writer::finish`].
pub struct Writer<W> {
    to: W,
    sum: Sum,
    counts: Counts,
    line: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    ///
    /// # Errors
    ///
    /// If the bytes are not taken.
    pub fn new(to: W, extent: &Extent) -> Result<Self, Error> {
        let mut writer = Self {
            to,
            sum: Sum::default(),
            counts: Counts::default(),
            line: Vec::new(),
        };
        let header = HeaderLine {
            export: NAME.into(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            of: convert::of(extent),
        };
        writer.put(&header)?;
        Ok(writer)
    }

    /// What it writes to.
    pub const fn written(&mut self) -> &mut W {
        &mut self.to
    }

    /// Adds a part.
    ///
    /// # Errors
    ///
    /// If the bytes are not taken.
    pub fn part(&mut self, part: &Part) -> Result<(), Error> {
        match part {
            Part::Execution(saved) => self.execution(saved),
            Part::Grave(grave) => self.add(&Line::Tombstone(convert::tombstone(grave))),
            Part::Correlation(told) => self.add(&Line::Correlation(convert::correlation(told))),
        }
    }

    fn execution(&mut self, saved: &Saved) -> Result<(), Error> {
        self.add(&Line::Execution(convert::execution(&saved.execution)))?;
        for row in &saved.rows {
            let mut rest = row.origins.as_slice();
            while !rest.is_empty() {
                let (some, others) = rest.split_at(of_one_line(rest));
                self.add(&Line::Row(Box::new(convert::row(row, some))))?;
                rest = others;
            }
        }
        for some in saved.ids.chunks(IDS) {
            let pairs = some
                .iter()
                .map(|(id, told)| (id.to_string(), told.to_exact()));
            self.add(&Line::Ids(pairs.collect()))?;
        }
        for sample in &saved.samples {
            self.add(&Line::Sample(convert::sample(sample)))?;
        }
        Ok(())
    }

    /// Ends with counts and checksum; gives them, and what was written to.
    ///
    /// # Errors
    ///
    /// If the bytes are not taken.
    pub fn finish(mut self) -> Result<(Counts, W), Error> {
        let end = End {
            counts: self.counts,
            sha256: self.sum.text(),
        };
        self.put(&EndLine { end })?;
        self.to.flush()?;
        Ok((self.counts, self.to))
    }

    fn add(&mut self, line: &Line<'_>) -> Result<(), Error> {
        self.counts.count(line);
        self.put(line)
    }

    fn put<T: serde::Serialize>(&mut self, line: &T) -> Result<(), Error> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(io::Error::from)?;
        self.line.push(b'\n');
        self.sum.add(&self.line);
        self.to.write_all(&self.line)?;
        Ok(())
    }
}

/// How many of a row's origins make a line.
fn of_one_line(origins: &[OriginShare]) -> usize {
    let mut texts = 0;
    let full = origins.iter().take(ORIGINS).position(|known| {
        let (body, before) = (&known.share.body, texts);
        let payload = body.payload.as_deref().map_or(0, str::len);
        let wire = body.wire.as_ref().map_or(0, |wire| wire.item.len());
        texts += body.message.len() + payload + wire;
        before > 0 && texts > TEXTS
    });
    full.unwrap_or(origins.len().min(ORIGINS))
}
