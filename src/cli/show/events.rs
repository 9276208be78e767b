//! Rows of a history as they are shown. Pure.

use super::looks::{Looks, Tint};
use super::printer::Item;
use super::table::Cell;
use crate::cli::client::{Event, Execution, Row};
use crate::cli::object;

impl Item for Row {
    fn headings(looks: &Looks) -> Vec<&'static str> {
        let word = |en, zh| looks.word(en, zh);
        let (first, last) = (word("FIRST", "首次"), word("LAST", "末次"));
        let (kind, reason) = (word("TYPE", "类型"), word("REASON", "原因"));
        let (element, count) = (word("ELEMENT", "元素"), word("COUNT", "次数"));
        let message = word("MESSAGE", "消息");
        if looks.is_wide() {
            let elem_type = word("ELEMENT-TYPE", "元素类型");
            let (action, object) = (word("ACTION", "动作"), word("OBJECT", "对象"));
            let reporter = word("REPORTER", "报告者");
            vec![
                first, last, count, kind, reason, elem_type, element, action, object, reporter,
                message,
            ]
        } else {
            vec![last, kind, reason, element, count, message]
        }
    }

    fn cells(&self, looks: &Looks) -> Vec<Cell> {
        let event = &self.event;
        let time = |text: &str| Cell::new(&looks.time(text));
        let tint = match event.event_type.as_str() {
            "Warning" => Tint::Notice,
            _ => Tint::Plain,
        };
        let kind = Cell::tinted(&event.event_type, tint);
        let reason = Cell::tinted(&event.reason, tint);
        let element = Cell::new(&event.elem_id);
        let message = Cell::new(&event.message);
        if looks.is_wide() {
            vec![
                time(&event.first_timestamp),
                time(&event.last_timestamp),
                Cell::new(&count(event)),
                kind,
                reason,
                Cell::new(&event.elem_type),
                element,
                Cell::new(&event.action_name),
                Cell::new(&involved(event)),
                Cell::new(&event.reporter),
                message,
            ]
        } else {
            let count = Cell::new(&count(event));
            vec![
                time(&event.last_timestamp),
                kind,
                reason,
                element,
                count,
                message,
            ]
        }
    }

    fn keys() -> Vec<&'static str> {
        vec![
            "metadata.name",
            "metadata.namespace",
            "involvedObject.name",
            "involvedObject.namespace",
            "reason",
            "message",
            "firstTimestamp",
            "lastTimestamp",
            "count",
            "type",
            "elemType",
            "elemId",
            "actionName",
        ]
    }

    fn values(&self) -> Vec<String> {
        let event = &self.event;
        let count = event.count.to_string();
        [
            &event.metadata.name,
            &event.metadata.namespace,
            &event.involved_object.name,
            &event.involved_object.namespace,
            &event.reason,
            &event.message,
            &event.first_timestamp,
            &event.last_timestamp,
            &count,
            &event.event_type,
            &event.elem_type,
            &event.elem_id,
            &event.action_name,
        ]
        .into_iter()
        .cloned()
        .collect()
    }

    fn json(&self) -> String {
        self.json.clone()
    }

    fn name(&self) -> String {
        self.event.metadata.name.clone()
    }
}

/// `12+` where the true count may be higher.
fn count(event: &Event) -> String {
    let more = if event.count_lower_bound { "+" } else { "" };
    format!("{}{more}", event.count)
}

fn involved(event: &Event) -> String {
    let object = &event.involved_object;
    match (object.namespace.as_str(), object.name.as_str()) {
        ("", name) => name.to_owned(),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}

/// A row, and whose it is.
pub(in crate::cli) struct Found<'a> {
    pub(in crate::cli) execution: &'a Execution,
    pub(in crate::cli) row: Row,
}

impl Found<'_> {
    /// The execution as another command takes it, the readable way if there is one.
    fn whose(&self) -> String {
        let Execution {
            namespace,
            kind,
            name,
            id,
            ..
        } = self.execution;
        if kind.is_empty() || name.is_empty() {
            return object::written(id);
        }
        format!("{namespace}/{}/{name}", kind.to_lowercase())
    }
}

impl Item for Found<'_> {
    fn headings(looks: &Looks) -> Vec<&'static str> {
        let mut headings = Row::headings(looks);
        headings.insert(0, looks.word("EXECUTION", "执行"));
        headings
    }

    fn cells(&self, looks: &Looks) -> Vec<Cell> {
        let mut cells = self.row.cells(looks);
        cells.insert(0, Cell::new(&self.whose()));
        cells
    }

    fn keys() -> Vec<&'static str> {
        let mut keys = vec![
            "execution.id",
            "execution.namespace",
            "execution.kind",
            "execution.name",
        ];
        keys.extend(Row::keys());
        keys
    }

    fn values(&self) -> Vec<String> {
        let execution = self.execution;
        let whose = [
            &execution.id,
            &execution.namespace,
            &execution.kind,
            &execution.name,
        ];
        let mut values: Vec<String> = whose.into_iter().cloned().collect();
        values.extend(self.row.values());
        values
    }

    fn json(&self) -> String {
        let text = |text: &String| serde_json::Value::from(text.as_str());
        format!(
            r#"{{"execution":{{"id":{},"namespace":{},"kind":{},"name":{}}},"event":{}}}"#,
            text(&self.execution.id),
            text(&self.execution.namespace),
            text(&self.execution.kind),
            text(&self.execution.name),
            self.row.json
        )
    }

    fn name(&self) -> String {
        self.row.name()
    }
}
