//! Rows in the plain view as bytes: what [`Event`](super::wire::Event) says, put together by hand, since a history that
//! nobody has asked for lately is a thousand of them. Pure.

use std::io::Write;

use super::accept::Representation;
use super::convert;
use super::wire::Event;
use crate::model::Sight;
use crate::text::Lang;

/// Room for a history of fifty rows or so.
const USUAL: usize = 32 << 10;

/// A history, as it grows row by row.
pub(super) struct Writing {
    bytes: Vec<u8>,
    lines: bool,
    lang: Lang,
    empty: bool,
}

impl Writing {
    pub(super) fn new(representation: Representation, lang: Lang) -> Self {
        let lines = representation == Representation::Lines;
        let mut bytes = Vec::with_capacity(USUAL);
        if !lines {
            bytes.push(b'[');
        }
        Self {
            bytes,
            lines,
            lang,
            empty: true,
        }
    }

    /// Writes another row.
    pub(super) fn row(&mut self, row: &Sight<'_>) {
        let (bytes, lines) = (&mut self.bytes, self.lines);
        if !lines && !self.empty {
            bytes.push(b',');
        }
        self.empty = false;
        convert::event(row, self.lang, |shown| event(bytes, shown));
        if lines {
            bytes.push(b'\n');
        }
    }

    /// All of it.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if !self.lines {
            self.bytes.push(b']');
        }
        self.bytes
    }
}

/// As serde_json writes it.
fn event(into: &mut Vec<u8>, event: &Event<'_>) {
    into.extend_from_slice(b"{\"metadata\":{\"name\":");
    text(into, event.metadata.name);
    into.extend_from_slice(b",\"namespace\":");
    text(into, event.metadata.namespace);
    into.extend_from_slice(b"},\"involvedObject\":{\"name\":");
    text(into, event.involved_object.name);
    into.extend_from_slice(b",\"namespace\":");
    text(into, event.involved_object.namespace);
    into.extend_from_slice(b"},\"reason\":");
    text(into, &event.reason);
    into.extend_from_slice(b",\"message\":");
    text(into, &event.message);
    into.extend_from_slice(b",\"firstTimestamp\":");
    text(into, &event.first_timestamp);
    into.extend_from_slice(b",\"lastTimestamp\":");
    text(into, &event.last_timestamp);
    into.extend_from_slice(b",\"count\":");
    // Writing to memory does not fail.
    let _ = write!(into, "{}", event.count);
    into.extend_from_slice(b",\"type\":");
    text(into, event.event_type);
    into.extend_from_slice(b",\"elemType\":");
    text(into, event.elem_type);
    into.extend_from_slice(b",\"elemId\":");
    text(into, event.elem_id);
    into.extend_from_slice(b",\"actionName\":");
    text(into, event.action_name);
    into.push(b'}');
}

fn text(into: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    // Without a way out of the loop it runs over many bytes at a time.
    let escapes = bytes.iter().fold(false, |found, byte| {
        found | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\')
    });
    if escapes {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(into, text);
        return;
    }
    into.push(b'"');
    into.extend_from_slice(bytes);
    into.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{RowId, Time};

    proptest! {
        #[test]
        fn a_row_is_written_as_serde_json_writes_it(
            texts in prop::collection::vec("[a-z \"\\\\\u{0}-\u{1f}\u{7f}中#/]{0,12}|\\PC{0,40}", 12),
            first: i64, last: i64, count: u64, is_known: bool, is_told: bool,
        ) {
            let params = [("elem", &*texts[10]), ("action", &*texts[11])];
            let row = Sight {
                id: RowId::default(),
                first: Time(first),
                last: Time(last),
                count,
                name: &texts[0],
                event_type: &texts[1],
                elem_type: &texts[2],
                elem_id: &texts[3],
                action: &texts[4],
                code: if is_known { "ActionStart" } else { &texts[5] },
                reason: &texts[6],
                message: if is_told { &texts[7] } else { "" },
                params: &params,
                namespace: &texts[8],
                involved_namespace: &texts[9],
                involved_name: &texts[0],
            };
            for lang in [Lang::Zh, Lang::En, Lang::Both] {
                let expected = convert::event(&row, lang, |event| serde_json::to_string(event).unwrap());
                for (form, begin, end) in [(Representation::Json, "[", "]"), (Representation::Lines, "", "\n")] {
                    let mut writing = Writing::new(form, lang);
                    writing.row(&row);
                    let written = String::from_utf8(writing.finish()).unwrap();
                    prop_assert_eq!(written, format!("{begin}{expected}{end}"));
                }
            }
        }
    }
}
