//! The events of a history in shapes that others read. They are for reading: what they leave out does not come
//! back. Does I/O to what it is given.

mod cloudevents;
mod kubernetes;
mod seed;

use std::io::{self, Write};

use serde::Serialize;

use super::error::Error;
use crate::model::{ExecutionKey, Part, SavedRow, Share};
use crate::text::{self, Facts, Lang, Words};

/// What the events look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One array of the native dialect's eleven keys.
    Seed,
    /// CloudEvents 1.0, as a batch: one array.
    CloudEvents,
    /// CloudEvents 1.0, one a line.
    CloudEventLines,
    /// core/v1 EventList.
    Kubernetes,
}

impl Shape {
    const fn frame(self) -> [&'static str; 3] {
        match self {
            Self::Seed | Self::CloudEvents => ["[", ",\n", "]\n"],
            Self::CloudEventLines => ["", "\n", "\n"],
            Self::Kubernetes => [
                "{\"apiVersion\":\"v1\",\"kind\":\"EventList\",\"metadata\":{},\"items\":[",
                ",\n",
                "]}\n",
            ],
        }
    }
}

/// A row with all that it shows.
struct Seen<'a> {
    execution: &'a ExecutionKey,
    row: &'a SavedRow,
    total: &'a Share,
    words: Words<'a>,
}

/// Writes the events of parts, execution after execution, each in the order of its history.
pub struct Viewer<W> {
    to: W,
    shape: Shape,
    lang: Lang,
    written: u64,
    /// A row may come in several pieces.
    pending: Option<(ExecutionKey, SavedRow)>,
}

impl<W: Write> Viewer<W> {
    /// Begins.
    ///
    /// # Errors
    ///
    /// If the bytes are not taken.
    pub fn new(mut to: W, shape: Shape, lang: Lang) -> Result<Self, Error> {
        to.write_all(shape.frame()[0].as_bytes())?;
        Ok(Self {
            to,
            shape,
            lang,
            written: 0,
            pending: None,
        })
    }

    /// Adds the rows of a part.
    ///
    /// # Errors
    ///
    /// If the bytes are not taken.
    pub fn part(&mut self, part: Part) -> Result<(), Error> {
        let Part::Execution(saved) = part else {
            return Ok(());
        };
        for row in saved.rows {
            match &mut self.pending {
                Some((key, begun)) if *key == saved.execution.key && begun.id == row.id => {
                    begun.origins.extend(row.origins);
                }
                _ => {
                    let next = (saved.execution.key.clone(), row);
                    let before = self.pending.replace(next);
                    self.show(before)?;
                }
            }
        }
        Ok(())
    }

    /// Ends; gives how many events there were, and what was written to.
    ///
    /// # Errors
    ///
    /// If the bytes are not taken.
    pub fn finish(mut self) -> Result<(u64, W), Error> {
        let last = self.pending.take();
        self.show(last)?;
        let [_, _, end] = self.shape.frame();
        if self.written > 0 || self.shape != Shape::CloudEventLines {
            self.to.write_all(end.as_bytes())?;
        }
        self.to.flush()?;
        Ok((self.written, self.to))
    }

    fn show(&mut self, row: Option<(ExecutionKey, SavedRow)>) -> Result<(), Error> {
        let Some((execution, row)) = row else {
            return Ok(());
        };
        let Some(total) = row.total() else {
            return Ok(());
        };
        let body = &total.body;
        let params: Vec<(&str, &str)> = body.params.iter().map(|(k, v)| (&**k, &**v)).collect();
        let facts = Facts {
            code: &row.key.code,
            params: &params,
            reason: &body.reason,
            message: &body.message,
            namespace: &body.namespace,
        };
        let seen = Seen {
            execution: &execution,
            row: &row,
            total: &total,
            words: text::render(&facts, self.lang),
        };
        let [_, between, _] = self.shape.frame();
        if self.written > 0 {
            self.to.write_all(between.as_bytes())?;
        }
        self.written += 1;
        let to = &mut self.to;
        match self.shape {
            Shape::Seed => put(to, &seed::event(&seen)),
            Shape::CloudEvents | Shape::CloudEventLines => put(to, &cloudevents::event(&seen)),
            Shape::Kubernetes => put(to, &kubernetes::event(&seen)),
        }
    }
}

fn put<T: Serialize>(to: &mut impl Write, event: &T) -> Result<(), Error> {
    Ok(serde_json::to_writer(to, event).map_err(io::Error::from)?)
}
