//! Items in the format that is wanted, all at once or as they come. Writes to what is handed in.

use std::io::{self, Write};

use super::looks::{Format, Looks};
use super::table::{Cell, Sheet};
use super::{safe, yaml};
use crate::cli::out::Unwritten;

/// What can be printed.
pub(in crate::cli) trait Item {
    /// The headings of a table.
    fn headings(looks: &Looks) -> Vec<&'static str>;
    /// A line of a table.
    fn cells(&self, looks: &Looks) -> Vec<Cell>;
    /// The headings of comma-separated values.
    fn keys() -> Vec<&'static str>;
    /// A line of comma-separated values.
    fn values(&self) -> Vec<String>;
    /// Its JSON.
    fn json(&self) -> String;
    /// Its name.
    fn name(&self) -> String;
}

/// Prints items of one kind.
pub(in crate::cli) struct Printer<W> {
    out: W,
    looks: Looks,
    sheet: Sheet,
    is_begun: bool,
}

impl<W: Write> Printer<W> {
    pub(in crate::cli) fn new(looks: Looks, out: W) -> Self {
        Self {
            sheet: Sheet::new(looks.format == Format::Table, looks.coloured),
            looks,
            out,
            is_begun: false,
        }
    }

    /// Prints items: of an answer all, of a stream those that have come.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub(in crate::cli) fn print<I: Item>(&mut self, items: &[I]) -> Result<(), Unwritten> {
        Ok(self.write(items)?)
    }

    fn write<I: Item>(&mut self, items: &[I]) -> io::Result<()> {
        let begins = !std::mem::replace(&mut self.is_begun, true);
        match self.looks.format {
            Format::Table | Format::Wide => self.table(items, begins)?,
            Format::Json if !self.looks.streams => self.array(items)?,
            Format::Json | Format::Ndjson => {
                for item in items {
                    // A line break between two tokens would be the end of the line.
                    let json = item.json().replace(['\n', '\r'], " ");
                    writeln!(self.out, "{}", safe::json(&json))?;
                }
            }
            Format::Yaml => self.yaml(items)?,
            Format::Csv => self.csv(items, begins)?,
            Format::Name => {
                for item in items {
                    writeln!(self.out, "{}", safe::line(&item.name()))?;
                }
            }
        }
        self.out.flush()
    }

    fn table<I: Item>(&mut self, items: &[I], begins: bool) -> io::Result<()> {
        let headings = I::headings(&self.looks)
            .into_iter()
            .map(Cell::new)
            .collect();
        let mut lines: Vec<Vec<Cell>> = Vec::new();
        if begins && self.looks.headers && (self.looks.streams || !items.is_empty()) {
            lines.push(headings);
        }
        lines.extend(items.iter().map(|item| item.cells(&self.looks)));
        for line in &lines {
            self.sheet.fit(line);
        }
        for line in &lines {
            self.out.write_all(self.sheet.line(line).as_bytes())?;
        }
        Ok(())
    }

    /// One item a line, each as the server gave it.
    fn array<I: Item>(&mut self, items: &[I]) -> io::Result<()> {
        if items.is_empty() {
            return writeln!(self.out, "[]");
        }
        for (at, item) in items.iter().enumerate() {
            let begin = if at == 0 { "[\n  " } else { ",\n  " };
            write!(self.out, "{begin}{}", safe::json(&item.json()))?;
        }
        writeln!(self.out, "\n]")
    }

    fn yaml<I: Item>(&mut self, items: &[I]) -> io::Result<()> {
        let write = |json: &str| yaml::yaml(json).map_err(io::Error::other);
        if self.looks.streams {
            for item in items {
                write!(self.out, "---\n{}", write(&item.json())?)?;
            }
            return Ok(());
        }
        let all: Vec<String> = items.iter().map(Item::json).collect();
        write!(self.out, "{}", write(&format!("[{}]", all.join(",")))?)
    }

    fn csv<I: Item>(&mut self, items: &[I], begins: bool) -> io::Result<()> {
        let mut lines = csv::Writer::from_writer(&mut self.out);
        if begins && self.looks.headers {
            lines.write_record(I::keys()).map_err(plain)?;
        }
        for item in items {
            let values = item.values();
            let values = values.iter().map(|value| safe::line(value).into_owned());
            lines.write_record(values).map_err(plain)?;
        }
        lines.flush()
    }
}

/// The error of the writer itself: what it is must not be lost in another.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
