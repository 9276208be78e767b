//! core/v1 Event, as `kubectl get events -o json` shows it. Pure.

use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::jiff::Timestamp;

use super::Seen;
use crate::model;

/// The label that names the execution: in an EventList there is no other place for it.
const EXECUTION: &str = "dagtrail.dev/execution";

fn time(at: model::Time) -> Option<Time> {
    Timestamp::from_nanosecond(i128::from(at.0)).ok().map(Time)
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn event(seen: &Seen<'_>) -> Event {
    let (total, key) = (seen.total, &seen.row.key);
    let body = &total.body;
    let labels = body
        .labels
        .iter()
        .map(|(key, text)| (key.to_string(), text.to_string()));
    let mut labels: std::collections::BTreeMap<_, _> = labels.collect();
    labels.insert(EXECUTION.into(), seen.execution.id.to_string());
    Event {
        metadata: ObjectMeta {
            name: given(&total.name),
            namespace: given(&body.namespace),
            uid: Some(seen.row.id.to_string()),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        involved_object: ObjectReference {
            kind: given(&body.involved.kind),
            namespace: given(&body.involved.namespace),
            name: given(&body.involved.name),
            uid: given(&key.involved_uid),
            field_path: given(&key.field_path),
            ..ObjectReference::default()
        },
        action: given(&key.action),
        // Words would be none of Kubernetes: it wants one word in CamelCase.
        reason: given(&key.code),
        message: given(&seen.words.message),
        first_timestamp: time(total.first),
        last_timestamp: time(total.last),
        count: Some(i32::try_from(total.count).unwrap_or(i32::MAX)),
        type_: given(key.event_type.as_str()),
        source: given(&body.reporter).map(|component| EventSource {
            component: Some(component),
            host: None,
        }),
        reporting_component: given(&body.reporter),
        ..Event::default()
    }
}
