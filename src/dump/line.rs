//! The lines of a dump. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::event::Texts;
use crate::model::{Execution, InvolvedObject, MessageKey, Policy, Row, Sample, Time};

/// One line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Line<'a> {
    Execution(ExecutionLine<'a>),
    Row(Box<RowLine<'a>>),
    Sample(SampleLine<'a>),
}

/// What is known of an execution.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecutionLine<'a> {
    tenant: &'a str,
    id: &'a str,
    engine: &'a str,
    group: &'a str,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    created: Option<String>,
    phase: &'static str,
    /// Since when, if that was told.
    since: Option<String>,
    aliases: Vec<&'a str>,
}

/// One row, with all that is kept of it but its `Seq`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RowLine<'a> {
    tenant: &'a str,
    execution: &'a str,
    id: String,
    name: &'a str,
    first: String,
    last: String,
    count: u64,
    /// How many origins the count is the sum of.
    origins: u64,
    count_lower_bound: bool,
    unobserved: u64,
    #[serde(rename = "type")]
    event_type: &'a str,
    code: &'a str,
    element: &'a str,
    elem_id: &'a str,
    elem_type: &'a str,
    action: &'a str,
    involved_uid: &'a str,
    field_path: &'a str,
    aggregated: bool,
    folds: bool,
    reason: &'a str,
    message: &'a str,
    params: BTreeMap<&'a str, &'a str>,
    namespace: &'a str,
    involved: Involved<'a>,
    reporter: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    payload: Option<&'a str>,
    wire: Option<WireText<'a>>,
}

/// What it was on the wire of a dialect.
#[derive(Debug, Serialize)]
struct WireText<'a> {
    dialect: &'static str,
    item: &'a str,
}

/// The latest value of a sample.
#[derive(Debug, Serialize)]
pub(super) struct SampleLine<'a> {
    tenant: &'a str,
    execution: &'a str,
    element: &'a str,
    name: &'a str,
    at: String,
    value: &'a str,
}

#[derive(Debug, Serialize)]
struct Involved<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
}

impl<'a> Involved<'a> {
    fn of(object: &'a InvolvedObject) -> Self {
        Self {
            kind: &object.kind,
            namespace: &object.namespace,
            name: &object.name,
        }
    }
}

/// The line of an execution.
pub(super) fn execution(of: &Execution) -> Line<'_> {
    let (identity, status) = (&of.identity, of.status);
    Line::Execution(ExecutionLine {
        tenant: &of.key.tenant,
        id: &of.key.id,
        engine: &identity.engine,
        group: &identity.group,
        kind: &identity.kind,
        namespace: &identity.namespace,
        name: &identity.name,
        created: of.created.map(Time::to_exact),
        phase: status.phase.as_str(),
        // What only follows from other rows has no time of its own.
        since: (status.at > Time::MIN).then(|| status.at.to_exact()),
        aliases: of.aliases.iter().map(|alias| &**alias).collect(),
    })
}

/// The line of a row.
pub(super) fn row(of: &Row) -> Line<'_> {
    let (key, total, body) = (&*of.key, of.series.total(), of.body());
    Line::Row(Box::new(RowLine {
        tenant: &of.execution.tenant,
        execution: &of.execution.id,
        id: of.id.to_string(),
        name: of.name(),
        first: of.first().to_exact(),
        last: of.last().to_exact(),
        count: of.count(),
        origins: total.diagnosis.origins,
        count_lower_bound: total.diagnosis.at_least,
        unobserved: total.diagnosis.unobserved,
        event_type: key.event_type.as_str(),
        code: &key.code,
        element: &key.element,
        elem_id: &body.elem_id,
        elem_type: &key.elem_type,
        action: &key.action,
        involved_uid: &key.involved_uid,
        field_path: &key.field_path,
        aggregated: key.message == MessageKey::Aggregate,
        folds: of.policy == Policy::Fold,
        reason: &body.reason,
        message: &body.message,
        params: texts(&body.params),
        namespace: &body.namespace,
        involved: Involved::of(&body.involved),
        reporter: &body.reporter,
        labels: texts(&body.labels),
        payload: body.payload.as_deref(),
        wire: body.wire.as_ref().map(|wire| WireText {
            dialect: wire.dialect.as_str(),
            item: &wire.item,
        }),
    }))
}

/// The line of a sample.
pub(super) fn sample(of: &Sample) -> Line<'_> {
    Line::Sample(SampleLine {
        tenant: &of.execution.tenant,
        execution: &of.execution.id,
        element: &of.element,
        name: &of.name,
        at: of.at.to_exact(),
        value: &of.value,
    })
}

fn texts(of: &Texts) -> BTreeMap<&str, &str> {
    of.iter().map(|(key, value)| (&**key, &**value)).collect()
}
