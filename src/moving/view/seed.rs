//! The eleven keys of the native dialect. Pure.

use serde::Serialize;

use super::Seen;

/// An event, as `GET /v1/executions/{id}/events` answers it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    metadata: Named<'a>,
    involved_object: Named<'a>,
    reason: &'a str,
    message: &'a str,
    first_timestamp: String,
    last_timestamp: String,
    count: u64,
    #[serde(rename = "type")]
    event_type: &'a str,
    elem_type: &'a str,
    elem_id: &'a str,
    action_name: &'a str,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    namespace: &'a str,
}

pub(super) fn event<'a>(seen: &'a Seen<'a>) -> Event<'a> {
    let (total, key) = (seen.total, &seen.row.key);
    let body = &total.body;
    Event {
        metadata: Named {
            name: &total.name,
            namespace: &body.namespace,
        },
        involved_object: Named {
            name: &body.involved.name,
            namespace: &body.involved.namespace,
        },
        reason: &seen.words.reason,
        message: &seen.words.message,
        first_timestamp: total.first.to_seconds(),
        last_timestamp: total.last.to_seconds(),
        count: total.count,
        event_type: key.event_type.as_str(),
        elem_type: &key.elem_type,
        elem_id: &body.elem_id,
        action_name: &key.action,
    }
}
