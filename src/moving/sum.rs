//! What the end of a file says: how much there is, and the checksum over all lines before. Pure.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::line::Line;

/// How many lines of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counts {
    /// Executions.
    pub executions: u64,
    /// Rows; one with very much to say counts once for each of its lines.
    pub rows: u64,
    /// Origins of rows.
    pub origins: u64,
    /// Ids of items that were told once.
    pub ids: u64,
    /// Samples.
    pub samples: u64,
    /// What deletions have left.
    pub tombstones: u64,
    /// Which object belongs to which execution.
    pub correlations: u64,
}

impl Counts {
    pub(super) fn count(&mut self, line: &Line<'_>) {
        match line {
            Line::Execution(_) => self.executions += 1,
            Line::Row(row) => {
                self.rows += 1;
                self.origins += row.origins.len() as u64;
            }
            Line::Ids(ids) => self.ids += ids.len() as u64,
            Line::Sample(_) => self.samples += 1,
            Line::Tombstone(_) => self.tombstones += 1,
            Line::Correlation(_) => self.correlations += 1,
        }
    }

    /// By name, in the order of the file.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, u64); 7] {
        [
            ("executions", self.executions),
            ("rows", self.rows),
            ("origins", self.origins),
            ("ids", self.ids),
            ("samples", self.samples),
            ("tombstones", self.tombstones),
            ("correlations", self.correlations),
        ]
    }
}

/// SHA-256 over lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum(Sha256);

impl Sum {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// In hexadecimal digits, as sha256sum prints it.
    pub(super) fn text(&self) -> String {
        let sum = self.0.clone().finalize();
        sum.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
