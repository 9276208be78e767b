//! What the full view says of a row beside what it tells itself: its marks, and its element's samples. Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::wire::Measured;
use crate::model::{Mark, Marks, Position, Row, RowId, Sample};

/// Made of all the rows of a history, and its samples.
#[derive(Debug, Default)]
pub(super) struct Beside<'a> {
    pub(super) marks: Marks<'a>,
    samples: HashMap<RowId, BTreeMap<&'a str, Measured<'a>>>,
}

impl<'a> Beside<'a> {
    /// The samples of an element stand on its last row, so that no answer has them twice.
    pub(super) fn of(all: &'a [Arc<Row>], samples: &'a [Arc<Sample>]) -> Self {
        let mut last: HashMap<&str, &Arc<Row>> = HashMap::new();
        if !samples.is_empty() {
            for row in all {
                let known = last.entry(&row.key.element).or_insert(row);
                if Position::compare(known, row).is_lt() {
                    *known = row;
                }
            }
        }
        let mut beside = Self {
            marks: Marks::of(all.iter().map(|row| &**row)),
            samples: HashMap::new(),
        };
        for sample in samples {
            if let (Some(row), Some(measured)) = (last.get(&*sample.element), measured(sample)) {
                let of_row = beside.samples.entry(row.id).or_default();
                of_row.insert(&sample.name, measured);
            }
        }
        beside
    }

    pub(super) fn mark(&self, row: &Row) -> Mark {
        self.marks.on(row)
    }

    pub(super) fn samples(&self, row: &Row) -> Option<&BTreeMap<&'a str, Measured<'a>>> {
        self.samples.get(&row.id)
    }
}

/// As it is shown; what is stored was made as JSON.
pub(super) fn measured(sample: &Sample) -> Option<Measured<'_>> {
    Some(Measured {
        at: sample.at.to_exact(),
        value: serde_json::from_str::<&RawValue>(&sample.value).ok()?,
    })
}
