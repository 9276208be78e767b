//! Lines become parts. What a file says is true only when its end has been read: read it once to see that it is whole,
//! then again to do something with it. Does I/O from what it is given.

use std::collections::VecDeque;
use std::io::{BufRead, ErrorKind, Read};
use std::sync::Arc;

use super::convert;
use super::error::Error;
use super::line::{END, EndLine, HeaderLine, Line, NAME};
use super::sum::{Counts, Sum};
use super::{FORMAT, MAX_LINE};
use crate::model::{Execution, Part, Saved};

/// Rows at which a part of an execution is given.
const ROWS: usize = 512;
/// Bytes of lines at which a part of an execution is given.
const BYTES: usize = 1 << 20;

/// Reads a file: its parts in order. An execution with many rows comes in several parts.
pub struct Reader<R> {
    from: R,
    number: u64,
    line: Vec<u8>,
    sum: Sum,
    counts: Counts,
    /// The execution that the lines are about, and the bytes of those that are not given yet.
    pending: Option<Saved>,
    bytes: usize,
    ready: VecDeque<Part>,
    is_over: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// If there is none, or a newer version has written it.
    pub fn open(from: R) -> Result<Self, Error> {
        let mut reader = Self {
            from,
            number: 0,
            line: Vec::new(),
            sum: Sum::default(),
            counts: Counts::default(),
            pending: None,
            bytes: 0,
            ready: VecDeque::new(),
            is_over: false,
        };
        if !reader.next_line()? {
            return Err(Error::Foreign("it is empty".into()));
        }
        let header: HeaderLine = serde_json::from_slice(&reader.line)
            .map_err(|error| Error::Foreign(error.to_string()))?;
        if header.export != NAME {
            return Err(Error::Foreign(format!("it is one of {:?}", header.export)));
        }
        if header.format != FORMAT {
            return Err(Error::Newer(header.format));
        }
        reader.sum.add(&reader.line);
        Ok(reader)
    }

    /// Reads to the end, and says how much there was.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the file.
    pub fn verify(mut self) -> Result<Counts, Error> {
        while self.next_part()?.is_some() {}
        Ok(self.counts)
    }

    /// The next part; `None` behind the end, whose counts and checksum were right.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the file up to there.
    pub fn next_part(&mut self) -> Result<Option<Part>, Error> {
        loop {
            if let Some(part) = self.ready.pop_front() {
                return Ok(Some(part));
            }
            if self.is_over {
                return Ok(None);
            }
            if !self.next_line()? {
                return Err(Error::CutOff(self.number));
            }
            if self.line.starts_with(END) {
                self.end()?;
                self.is_over = true;
                self.give();
            } else {
                self.sum.add(&self.line);
                self.take()?;
            }
        }
    }

    /// The execution that the lines were about is complete.
    fn give(&mut self) {
        self.bytes = 0;
        self.ready.extend(self.pending.take().map(Part::Execution));
    }

    /// Takes the line in.
    fn take(&mut self) -> Result<(), Error> {
        let number = self.number;
        let wrong = |problem: String| Error::Line { number, problem };
        let line: Line<'_> = serde_json::from_slice(&self.line)
            .map_err(|error| wrong(format!("it cannot be read ({error})")))?;
        self.counts.count(&line);
        match &line {
            Line::Execution(line) => {
                let execution = convert::to_execution(line).map_err(wrong)?;
                self.give();
                self.pending = Some(alone(execution));
            }
            Line::Tombstone(line) => {
                let grave = convert::to_grave(line).map_err(wrong)?;
                self.give();
                self.ready.push_back(Part::Grave(grave));
            }
            Line::Correlation(line) => {
                let told = convert::to_correlation(line).map_err(wrong)?;
                self.give();
                self.ready.push_back(Part::Correlation(told));
            }
            Line::Row(_) | Line::Ids(_) | Line::Sample(_) => {
                let saved = self.pending.as_mut();
                let saved = saved.ok_or_else(|| wrong("no execution is before it".into()))?;
                belong(saved, &line).map_err(wrong)?;
                self.bytes += self.line.len();
                if saved.rows.len() >= ROWS || self.bytes >= BYTES {
                    let execution = saved.execution.clone();
                    self.give();
                    self.pending = Some(alone(execution));
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        let number = self.number;
        let end: EndLine = serde_json::from_slice(&self.line).map_err(|error| Error::Line {
            number,
            problem: format!("it cannot be read ({error})"),
        })?;
        let end = end.end;
        let found = self.sum.text();
        if found != end.sha256 {
            return Err(Error::Sum {
                found,
                told: end.sha256,
            });
        }
        for ((what, found), (_, told)) in self.counts.named().into_iter().zip(end.counts.named()) {
            if found != told {
                return Err(Error::Count { what, told, found });
            }
        }
        if self.next_line()? {
            return Err(Error::GoesOn(number));
        }
        Ok(())
    }

    /// Reads a line with its break; false if there is none.
    fn next_line(&mut self) -> Result<bool, Error> {
        self.line.clear();
        let mut limited = (&mut self.from).take(MAX_LINE as u64 + 1);
        let read = limited.read_until(b'\n', &mut self.line);
        let read = read.map_err(|problem| match problem.kind() {
            ErrorKind::UnexpectedEof => Error::CutOff(self.number),
            _ => Error::Unreadable {
                after: self.number,
                problem,
            },
        })?;
        if read == 0 {
            return Ok(false);
        }
        if self.line.len() > MAX_LINE {
            return Err(Error::Line {
                number: self.number + 1,
                problem: format!("it is longer than {MAX_LINE} bytes"),
            });
        }
        self.number += 1;
        if self.line.last() != Some(&b'\n') {
            return Err(Error::CutOff(self.number));
        }
        Ok(true)
    }
}

/// An execution without what belongs to it.
const fn alone(execution: Execution) -> Saved {
    Saved {
        execution,
        rows: Vec::new(),
        ids: Vec::new(),
        samples: Vec::new(),
    }
}

/// Puts what a line says to the execution that it belongs to.
fn belong(to: &mut Saved, line: &Line<'_>) -> Result<(), String> {
    let key = &to.execution.key;
    match line {
        Line::Row(row) => to.rows.push(convert::to_row(key, row)?),
        Line::Sample(sample) => {
            let sample = convert::to_sample(key, sample)?;
            to.samples.push(Arc::new(sample));
        }
        Line::Ids(ids) => {
            let ids = ids.iter().map(convert::to_id);
            to.ids.extend(ids.collect::<Result<Vec<_>, _>>()?);
        }
        Line::Execution(_) | Line::Tombstone(_) | Line::Correlation(_) => {}
    }
    Ok(())
}
