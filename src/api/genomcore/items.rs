//! Takes a body apart into the items of its array. Pure.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::error::Error;
use super::object::Element;

/// The most items of a body.
pub(super) const MAX_ITEMS: usize = 100_000;

/// Whether a body may be read as JSON: it says so, or says nothing. What browsers send without asking is refused: a
/// page of another site could write otherwise.
pub(super) fn check_type(headers: &HeaderMap) -> Result<(), Error> {
    let given = headers.get(CONTENT_TYPE);
    let given = given.map_or("", |value| value.to_str().unwrap_or("?"));
    let essence = given.split(';').next().unwrap_or_default().trim();
    let known = essence.to_ascii_lowercase();
    if known.is_empty() || known == "application/json" || known.ends_with("+json") {
        return Ok(());
    }
    Err(Error::MediaType(essence.to_owned()))
}

/// A body as text.
pub(super) fn text(body: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(body).map_err(|error| {
        Error::invalid(format!("body is not UTF-8 at byte {}", error.valid_up_to()))
    })
}

/// Shows each item to `see`, with its index. No more than may be sent, and one after another: a body of nothing but
/// commas would fill memory otherwise.
pub(super) fn each<'a>(
    text: &'a str,
    see: &mut dyn FnMut(usize, Element<'a>),
) -> Result<(), Error> {
    if !text.trim_start().starts_with('[') {
        // What is no JSON at all is told as that.
        let problem = match serde_json::from_str::<Element<'_>>(text) {
            Ok(_) => "body must be an array".to_owned(),
            Err(error) => not_json(&error),
        };
        return Err(Error::invalid(problem));
    }
    let mut items = Items { see, found: 0 };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = (&mut items)
        .deserialize(&mut reader)
        .and_then(|()| reader.end());
    let found = items.found;
    read.map_err(|error| Error::invalid(not_json(&error)))?;
    if found > MAX_ITEMS {
        return Err(Error::TooMany {
            found,
            most: MAX_ITEMS,
        });
    }
    Ok(())
}

pub(super) fn not_json(error: &serde_json::Error) -> String {
    format!("body is not JSON: {error}")
}

struct Items<'s, 'a> {
    see: &'s mut dyn FnMut(usize, Element<'a>),
    found: usize,
}

impl<'de> DeserializeSeed<'de> for &mut Items<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Items<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<Element<'de>>()? {
            self.found += 1;
            if self.found <= MAX_ITEMS {
                (self.see)(self.found - 1, item);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indices(text: &str) -> Result<usize, Error> {
        let mut seen = 0;
        each(text, &mut |index, _| {
            assert_eq!(index, seen);
            seen += 1;
        })?;
        Ok(seen)
    }

    #[test]
    fn no_more_items_are_seen_than_may_be_sent() {
        let body = |many: usize| format!("[{}{{}}]", "1,".repeat(many - 1));
        assert_eq!(indices(&body(MAX_ITEMS)).unwrap(), MAX_ITEMS);
        let mut seen = 0;
        let refused = each(&body(MAX_ITEMS + 7), &mut |_, _| seen += 1);
        assert!(matches!(refused, Err(Error::TooMany { found, .. }) if found == MAX_ITEMS + 7));
        assert_eq!(seen, MAX_ITEMS);
    }

    #[test]
    fn what_is_no_array_is_told_apart_from_what_is_no_json() {
        for (body, told) in [
            ("{}", "must be an array"),
            ("1", "must be an array"),
            ("", "is not JSON: EOF"),
            ("{", "is not JSON"),
            ("[1,]", "line 1 column 4"),
            ("[] []", "trailing characters"),
        ] {
            let error = indices(body).unwrap_err().to_string();
            assert!(error.contains(told), "{body}: {error}");
        }
    }
}
