//! Rows that did not come by this dialect, as Prefect events. Pure.
//!
//! A row that folds is one event for each of its counts: the id is made of the row and the count, so that a reader who
//! knows events by their ids takes every change for a new one.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use super::when;
use super::wire::{Event, ID, NAME, ROLE, Resource, no_payload};
use crate::model::Row;
use crate::model::event::Texts;
use crate::text::{self, Facts, Lang};

/// The namespace of ids that are made of rows.
const ROWS: Uuid = Uuid::from_u128(0x6f1d_3a52_8c0e_4b7f_9a64_2d15_e0c7_83b9);

/// What a row says, beside where it belongs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    reason: &'a str,
    message: &'a str,
    r#type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    action: &'a str,
    count: u64,
    first: String,
    last: String,
    name: &'a str,
    row: String,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    labels: &'a Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
}

/// An id for the state of a row at its count.
pub(super) fn id(row: &Row) -> Uuid {
    Uuid::new_v5(&ROWS, format!("{}:{}", row.id, row.count()).as_bytes())
}

/// The name of its event.
pub(super) fn name(row: &Row) -> String {
    format!("dagtrail.{}", row.key.code)
}

/// A row as an event.
pub(super) fn event(row: &Row) -> Event {
    let (key, body, execution) = (&row.key, row.body(), &row.execution);
    let whole = format!("dagtrail.execution.{}", execution.id);
    let resource = Resource::of([
        (ID, &*whole),
        (
            NAME,
            if body.involved.name.is_empty() {
                &*execution.id
            } else {
                &*body.involved.name
            },
        ),
        ("dagtrail.namespace", &*execution.tenant),
    ]);
    let mut related = Vec::new();
    if !key.element.is_empty() {
        let part = format!("dagtrail.element.{}.{}", execution.id, key.element);
        let shown = if body.elem_id.is_empty() {
            &*key.element
        } else {
            &*body.elem_id
        };
        related.push(Resource::of([
            (ID, &*part),
            (ROLE, "element"),
            (NAME, shown),
            ("dagtrail.element.type", &*key.elem_type),
        ]));
    }
    let occurred = when::truncated(row.last());
    Event {
        occurred,
        event: name(row).into(),
        resource,
        related,
        payload: payload(row),
        id: id(row),
        follows: None,
        received: occurred,
    }
}

fn payload(row: &Row) -> Box<RawValue> {
    let body = row.body();
    let params: Vec<(&str, &str)> = body
        .params
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let facts = Facts {
        code: &row.key.code,
        params: &params,
        reason: &body.reason,
        message: &body.message,
        namespace: &body.namespace,
    };
    let words = text::render(&facts, Lang::Both);
    let given = body
        .payload
        .as_deref()
        .and_then(|payload| serde_json::from_str::<&RawValue>(payload).ok());
    to_raw_value(&Payload {
        reason: &words.reason,
        message: &words.message,
        r#type: row.key.event_type.as_str(),
        action: &row.key.action,
        count: row.count(),
        first: row.first().to_exact(),
        last: row.last().to_exact(),
        name: row.name(),
        row: row.id.to_string(),
        labels: &body.labels,
        payload: given,
    })
    .unwrap_or_else(|_| no_payload())
}
