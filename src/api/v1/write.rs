//! Rows in the plain view as bytes: what [`Event`](super::wire::Event) says, put together by hand, since a history that
//! nobody has asked for lately is a thousand of them. Pure.

use std::io::Write;
use std::ops::Range;

use super::accept::Representation;
use super::convert;
use crate::model::Sight;
use crate::text::Lang;

/// Room for a history of fifty rows or so.
const USUAL: usize = 32 << 10;

/// Reasons whose last words are remembered.
const REMEMBERED: usize = 16;

/// Words that were written, and of what: a history says the same over and over.
#[derive(Default)]
struct Said {
    /// The code, the reason, the namespace and the message, one behind the other.
    facts: String,
    lengths: [usize; 4],
    at: Range<usize>,
}

impl Said {
    const fn facts<'a>(row: &Sight<'a>) -> [&'a str; 4] {
        [row.code, row.reason, row.namespace, row.message]
    }

    fn is_of(&self, facts: [&str; 4]) -> bool {
        let mut left = &*self.facts;
        // What was written is never empty.
        !self.at.is_empty()
            && self.lengths == facts.map(str::len)
            && facts.iter().all(|fact| {
                let rest = left.strip_prefix(fact);
                left = rest.unwrap_or_default();
                rest.is_some()
            })
    }

    fn remember(&mut self, facts: [&str; 4], at: Range<usize>) {
        self.facts.clear();
        facts.iter().for_each(|fact| self.facts.push_str(fact));
        self.lengths = facts.map(str::len);
        self.at = at;
    }
}

/// A history, as it grows row by row.
pub(super) struct Writing {
    bytes: Vec<u8>,
    lines: bool,
    lang: Lang,
    empty: bool,
    said: [Said; REMEMBERED],
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
            said: Default::default(),
        }
    }

    /// Writes another row.
    pub(super) fn row(&mut self, row: &Sight<'_>) {
        if !self.lines && !self.empty {
            self.bytes.push(b',');
        }
        self.empty = false;
        self.event(row);
        if self.lines {
            self.bytes.push(b'\n');
        }
    }

    /// As serde_json writes it.
    fn event(&mut self, row: &Sight<'_>) {
        let into = &mut self.bytes;
        member(into, b"{\"metadata\":{\"name\":\"", row.name);
        member(into, b"\",\"namespace\":\"", row.namespace);
        member(
            into,
            b"\"},\"involvedObject\":{\"name\":\"",
            row.involved_name,
        );
        member(into, b"\",\"namespace\":\"", row.involved_namespace);
        into.extend_from_slice(b"\"},\"reason\":\"");
        self.words(row);
        let into = &mut self.bytes;
        into.extend_from_slice(b"\",\"firstTimestamp\":\"");
        into.extend_from_slice(row.first.in_seconds().as_bytes());
        into.extend_from_slice(b"\",\"lastTimestamp\":\"");
        into.extend_from_slice(row.last.in_seconds().as_bytes());
        into.extend_from_slice(b"\",\"count\":");
        number(into, row.count);
        member(into, b",\"type\":\"", row.event_type);
        member(into, b"\",\"elemType\":\"", row.elem_type);
        member(into, b"\",\"elemId\":\"", row.elem_id);
        member(into, b"\",\"actionName\":\"", row.action);
        into.extend_from_slice(b"\"}");
    }

    /// The reason and the message.
    fn words(&mut self, row: &Sight<'_>) {
        let facts = Said::facts(row);
        // Reasons of one length have most often other beginnings.
        let begin = row.code.bytes().take(3).map(usize::from);
        let place = (row.code.len() + begin.sum::<usize>()) % REMEMBERED;
        let (into, said) = (&mut self.bytes, &mut self.said[place]);
        let is_told = row.params.is_empty();
        if is_told && said.is_of(facts) {
            into.extend_from_within(said.at.clone());
            return;
        }
        let words = convert::words(row, self.lang);
        let start = into.len();
        text(into, &words.reason);
        into.extend_from_slice(b"\",\"message\":\"");
        text(into, &words.message);
        // What is made of parameters is of one row as a rule.
        if is_told {
            said.remember(facts, start..into.len());
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

/// What leads to a text, and what is between its quotes.
fn member(into: &mut Vec<u8>, before: &[u8], value: &str) {
    into.extend_from_slice(before);
    text(into, value);
}

fn number(into: &mut Vec<u8>, number: u64) {
    if let Ok(digit @ 0..10) = u8::try_from(number) {
        into.push(b'0' + digit);
    } else {
        // Writing to memory does not fail.
        let _ = write!(into, "{number}");
    }
}

/// What is between the quotes.
fn text(into: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    // Without a way out of the loop it runs over many bytes at a time.
    let escapes = bytes
        .iter()
        .fold(false, |found, byte| found | is_escaped(*byte));
    if !escapes {
        into.extend_from_slice(bytes);
        return;
    }
    let mut left = bytes;
    while let Some(at) = left.iter().position(|byte| is_escaped(*byte)) {
        into.extend_from_slice(&left[..at]);
        match left[at] {
            mark @ (b'"' | b'\\') => into.extend_from_slice(&[b'\\', mark]),
            b'\n' => into.extend_from_slice(b"\\n"),
            b'\t' => into.extend_from_slice(b"\\t"),
            b'\r' => into.extend_from_slice(b"\\r"),
            0x08 => into.extend_from_slice(b"\\b"),
            0x0c => into.extend_from_slice(b"\\f"),
            other => {
                // Writing to memory does not fail.
                let _ = write!(into, "\\u{other:04x}");
            }
        }
        left = &left[at + 1..];
    }
    into.extend_from_slice(left);
}

const fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
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

        #[test]
        fn rows_that_say_the_same_or_nearly_so_are_written_each_as_it_is(
            rows in prop::collection::vec(("[AB]{0,2}", "[AB]{0,2}", "[AB]{0,2}", "[AB]{0,2}", any::<bool>()), 0..12),
        ) {
            let params = [("elem", "a")];
            let rows: Vec<_> = rows.iter().map(|(code, reason, namespace, message, is_told)| Sight {
                id: RowId::default(),
                first: Time(0),
                last: Time(0),
                count: 1,
                name: "",
                event_type: "",
                elem_type: "",
                elem_id: "",
                action: "",
                code,
                reason,
                message,
                params: if *is_told { &[] } else { &params },
                namespace,
                involved_namespace: "",
                involved_name: "",
            }).collect();
            let lang = Lang::Both;
            let mut writing = Writing::new(Representation::Lines, lang);
            rows.iter().for_each(|row| writing.row(row));
            let written = String::from_utf8(writing.finish()).unwrap();
            let expected: String = rows.iter()
                .map(|row| convert::event(row, lang, |event| serde_json::to_string(event).unwrap()) + "\n")
                .collect();
            prop_assert_eq!(written, expected);
        }
    }
}
