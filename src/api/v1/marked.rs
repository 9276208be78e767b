//! Of a stream in the full view: which rows are told again because others have changed what is to be said of them. Pure.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{Mark, Marks, Row, RowId, Seq};

/// What a reader was told of the rows it has.
#[derive(Debug, Default)]
pub(super) struct Marked {
    told: HashMap<RowId, Mark>,
}

impl Marked {
    /// The rows up to `before`, which the reader has, that are to be told again beside those that have changed: rows of
    /// the same elements with other marks than they were told with. Of rows that were told on an earlier connection
    /// it is not known with which: they are told again.
    pub(super) fn again<'a>(
        &mut self,
        all: &'a [Arc<Row>],
        marks: &Marks<'_>,
        changed: &[Arc<Row>],
        before: Seq,
    ) -> Vec<&'a Arc<Row>> {
        let elements: HashSet<&str> = changed.iter().map(|row| &*row.key.element).collect();
        let news: HashSet<RowId> = changed.iter().map(|row| row.id).collect();
        let mut again = Vec::new();
        for row in all {
            let had = row.seq <= before && elements.contains(&*row.key.element);
            if !had || news.contains(&row.id) {
                continue;
            }
            let mark = marks.on(row);
            if self.told.insert(row.id, mark) != Some(mark) {
                again.push(row);
            }
        }
        for row in changed {
            self.told.insert(row.id, marks.on(row));
        }
        again
    }
}
