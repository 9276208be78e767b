//! Executions as they are shown. Pure.

use super::looks::{Looks, Tint};
use super::printer::Item;
use super::table::Cell;
use crate::cli::client::Execution;
use crate::cli::object;

impl Item for Execution {
    fn headings(looks: &Looks) -> Vec<&'static str> {
        let word = |en, zh| looks.word(en, zh);
        let mut headings = vec![
            word("NAMESPACE", "命名空间"),
            word("NAME", "名称"),
            word("STATUS", "状态"),
            word("CREATED", "创建"),
            word("UPDATED", "更新"),
        ];
        if looks.is_wide() {
            headings.extend([word("ENGINE", "引擎"), word("ALIASES", "别名")]);
        }
        headings.push("ID");
        headings
    }

    fn cells(&self, looks: &Looks) -> Vec<Cell> {
        let tint = match self.status.as_str() {
            "Succeeded" => Tint::Good,
            "Failed" => Tint::Bad,
            "Cancelled" => Tint::Notice,
            "Running" => Tint::Active,
            _ => Tint::Plain,
        };
        let mut cells = vec![
            Cell::new(&self.namespace),
            Cell::new(&self.called()),
            Cell::tinted(&self.status, tint),
            Cell::new(&looks.time(&self.created)),
            Cell::new(&looks.time(&self.updated)),
        ];
        if looks.is_wide() {
            cells.push(Cell::new(&self.engine));
            cells.push(Cell::new(&self.aliases.join(",")));
        }
        cells.push(Cell::new(&object::written(&self.id)));
        cells
    }

    fn keys() -> Vec<&'static str> {
        vec![
            "id",
            "namespace",
            "kind",
            "name",
            "engine",
            "status",
            "created",
            "updated",
        ]
    }

    fn values(&self) -> Vec<String> {
        [
            &self.id,
            &self.namespace,
            &self.kind,
            &self.name,
            &self.engine,
            &self.status,
            &self.created,
            &self.updated,
        ]
        .into_iter()
        .cloned()
        .collect()
    }

    fn json(&self) -> String {
        self.json.clone()
    }

    fn name(&self) -> String {
        object::written(&self.id)
    }
}
