//! How long executions are kept, as it is shown. Pure.

use super::looks::Looks;
use super::printer::Item;
use super::table::Cell;
use crate::cli::client::Retained;
use crate::cli::object;

/// A number that there need not be.
fn number(number: Option<u64>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

impl Item for Retained {
    fn headings(looks: &Looks) -> Vec<&'static str> {
        let word = |en, zh| looks.word(en, zh);
        vec![
            word("NAMESPACE", "命名空间"),
            word("STATUS", "状态"),
            word("RULE", "规则"),
            word("AGE", "保留时长"),
            word("DUE", "到期"),
            word("ROWS", "行数"),
            word("MAX-ROWS", "行数上限"),
            "ID",
        ]
    }

    fn cells(&self, looks: &Looks) -> Vec<Cell> {
        vec![
            Cell::new(&self.namespace),
            Cell::new(&self.phase),
            Cell::new(&self.rule),
            Cell::new(&self.age),
            Cell::new(&looks.time(&self.due)),
            Cell::new(&self.rows.to_string()),
            Cell::new(&number(self.max_rows)),
            Cell::new(&object::written(&self.execution)),
        ]
    }

    fn keys() -> Vec<&'static str> {
        vec![
            "execution",
            "namespace",
            "phase",
            "rule",
            "age",
            "due",
            "rows",
            "maxRows",
            "because",
        ]
    }

    fn values(&self) -> Vec<String> {
        vec![
            self.execution.clone(),
            self.namespace.clone(),
            self.phase.clone(),
            self.rule.clone(),
            self.age.clone(),
            self.due.clone(),
            self.rows.to_string(),
            number(self.max_rows),
            self.because.clone(),
        ]
    }

    fn json(&self) -> String {
        self.json.clone()
    }

    fn name(&self) -> String {
        object::written(&self.execution)
    }
}
