//! CloudEvents 1.0 in their JSON format: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>.
//! Pure.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{Seen, seed};

/// A CloudEvent. `source` and `id` together are those of one state of one row: a row whose count grows is another event.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    specversion: &'static str,
    id: String,
    source: String,
    #[serde(rename = "type")]
    event_type: &'static str,
    /// The element; a subject may not be empty.
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    /// When it was last seen, with all digits.
    time: String,
    datacontenttype: &'static str,
    data: seed::Event<'a>,
}

pub(super) fn event<'a>(seen: &'a Seen<'a>) -> Event<'a> {
    let total = seen.total;
    let segment = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let (tenant, id) = (&seen.execution.tenant, &seen.execution.id);
    Event {
        specversion: "1.0",
        id: format!("{}.{}", seen.row.id, total.count),
        source: format!("/dagtrail/{}/{}", segment(tenant), segment(id)),
        event_type: "dev.dagtrail.event",
        subject: &total.body.elem_id,
        time: total.last.to_exact(),
        datacontenttype: "application/json",
        data: seed::event(seen),
    }
}
