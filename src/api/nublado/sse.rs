//! The bytes of the stream: what sse-starlette sends for the original's `Event.to_sse()`. Pure.
//!
//! Written here and not by axum's `Sse`, which ends lines with LF alone and puts one space less into its JSON: clients
//! of the original compare `data` as text, and its lines end with CRLF. Per event one `event:` and one `data:` line; no
//! `id:` and no `retry:`, with which the real client shows an empty event for every ping.

use std::io;

use axum::body::Bytes;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::wire::Event;
use crate::model::Time;

/// `data` of an event; the keys in this order and no others: with one more, the real client shows the raw JSON.
#[derive(Serialize)]
struct Data<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<u8>,
}

/// An event.
pub(super) fn event(event: &Event) -> Bytes {
    let mut bytes = format!("event: {}\r\ndata: ", event.of.as_str()).into_bytes();
    let data = Data {
        message: &event.message,
        progress: event.progress,
    };
    data.serialize(&mut Serializer::with_formatter(&mut bytes, Python))
        .expect("a text and a number are JSON, and memory takes them");
    bytes.extend(b"\r\n\r\n");
    bytes.into()
}

/// The comment that keeps a connection: `: ping - ` and the time as Python writes it, which leaves out microseconds if
/// there are none.
pub(super) fn ping(now: Time) -> Bytes {
    let now = now.to_chrono();
    let fraction = if now.timestamp_subsec_micros() == 0 {
        ""
    } else {
        "%.6f"
    };
    let now = now
        .format(&format!("%Y-%m-%d %H:%M:%S{fraction}+00:00"))
        .to_string();
    format!(": ping - {now}\r\n\r\n").into()
}

/// JSON as Python's `json.dumps` writes it: a space after each comma and colon, and nothing but printable ASCII.
struct Python;

impl Formatter for Python {
    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { to.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        to: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for c in fragment.chars() {
            if matches!(c, ' '..='~') {
                to.write_all(&[c as u8])?;
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(to, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}
