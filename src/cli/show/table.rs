//! Columns that line up by what a terminal shows: a Chinese character has two cells, a combining mark none. Pure.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::looks::Tint;
use super::safe;

/// The widest that a column gets, but the last, which is never cut.
const WIDEST: usize = 44;
/// Between two columns.
const GUTTER: &str = "  ";

/// One field.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    /// Text of a stranger; where there is none, a dash.
    pub(super) fn new(text: &str) -> Self {
        Self::tinted(text, Tint::Plain)
    }

    /// The same, coloured.
    pub(super) fn tinted(text: &str, tint: Tint) -> Self {
        let text = if text.is_empty() {
            "-".to_owned()
        } else {
            safe::line(text).into_owned()
        };
        Self { text, tint }
    }
}

/// Widths of columns; they only grow, so that what comes later lines up with what is there.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    widths: Vec<usize>,
    cuts: bool,
    coloured: bool,
}

impl Sheet {
    /// `cuts`: long fields end in `…`.
    pub(super) fn new(cuts: bool, coloured: bool) -> Self {
        Self {
            widths: Vec::new(),
            cuts,
            coloured,
        }
    }

    /// Makes room for a line.
    pub(super) fn fit(&mut self, line: &[Cell]) {
        self.widths.resize(self.widths.len().max(line.len()), 0);
        for (width, cell) in self.widths.iter_mut().zip(line) {
            let wanted = cell.text.width();
            let wanted = if self.cuts {
                wanted.min(WIDEST)
            } else {
                wanted
            };
            *width = (*width).max(wanted);
        }
    }

    /// A line, with its end.
    pub(super) fn line(&self, cells: &[Cell]) -> String {
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            let is_last = at + 1 == cells.len();
            let room = self.widths.get(at).copied().unwrap_or_default();
            let text = if is_last || !self.cuts {
                cell.text.clone()
            } else {
                cut(&cell.text, WIDEST)
            };
            let style = cell.tint.style();
            if self.coloured && cell.tint != Tint::Plain {
                line.push_str(&format!("{style}{text}{style:#}"));
            } else {
                line.push_str(&text);
            }
            if !is_last {
                let missing = room.saturating_sub(text.width());
                line.extend(std::iter::repeat_n(' ', missing));
                line.push_str(GUTTER);
            }
        }
        line.push('\n');
        line
    }
}

/// At most so many cells of a text; no character is cut in two.
fn cut(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut width = 0;
    for c in text.chars() {
        width += c.width().unwrap_or_default();
        // One cell is for the ellipsis.
        if width >= cells {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rows: &[&[&str]]) -> Vec<String> {
        let mut sheet = Sheet::new(true, false);
        let rows: Vec<Vec<Cell>> = rows
            .iter()
            .map(|row| row.iter().map(|text| Cell::new(text)).collect())
            .collect();
        for row in &rows {
            sheet.fit(row);
        }
        rows.iter().map(|row| sheet.line(row)).collect()
    }

    #[test]
    fn columns_line_up_by_cells() {
        let lines = lines(&[
            &["启动##ActionStart", "x"],
            &["e\u{301}te\u{301}", "x"],
            &["", "x"],
        ]);
        for line in &lines {
            let at = line.find('x').unwrap();
            assert_eq!(line[..at].width(), 19, "{line}");
        }
        assert!(lines[2].starts_with("- "));
    }

    #[test]
    fn a_long_field_is_cut_between_characters_and_the_last_is_not() {
        let long = "执行".repeat(40);
        let lines = lines(&[&[&long, &long]]);
        let (first, last) = lines[0].split_once("…  ").unwrap();
        assert_eq!(first.width(), 42);
        assert_eq!(last.trim(), long);
    }

    #[test]
    fn colours_do_not_count() {
        let mut sheet = Sheet::new(true, true);
        let rows = [
            [Cell::tinted("Failed", Tint::Bad), Cell::new("x")],
            [Cell::new("Succeeded"), Cell::new("x")],
        ];
        for row in &rows {
            sheet.fit(row);
        }
        assert_eq!(sheet.line(&rows[0]), "\u{1b}[31mFailed\u{1b}[0m     x\n");
        assert_eq!(sheet.line(&rows[1]), "Succeeded  x\n");
    }
}
