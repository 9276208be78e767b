//! Takes a body apart into items: an object, an array, objects one after another, or one a line. Pure.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::convert::Fault;
use super::error::Error;

/// The most items of a body.
pub(super) const MAX_ITEMS: usize = 10_000;

/// What became of an item's JSON, or why it has none.
pub(super) type Item<T> = Result<T, Fault>;

/// The items of a JSON body: one array, or objects one after another; `tell` makes something of each.
pub(super) fn of_json<T>(
    body: &[u8],
    tell: impl Fn(&str) -> Item<T>,
) -> Result<Vec<Item<T>>, Error> {
    let text = std::str::from_utf8(body).map_err(|error| not_utf8(body, error.valid_up_to()))?;
    let start = text.trim_start_matches([' ', '\t', '\r', '\n']);
    if start.is_empty() {
        return Err(Error::Body(
            "is empty: send an event, an array of them, or one a line".into(),
        ));
    }
    let mut items = Items::default();
    let read = if start.starts_with('[') {
        let mut reader = serde_json::Deserializer::from_str(text);
        (&mut items)
            .deserialize(&mut reader)
            .and_then(|()| reader.end())
    } else {
        let mut all = serde_json::Deserializer::from_str(text).into_iter();
        all.try_for_each(|item| item.map(|item| items.take(item)))
    };
    read.map_err(|error| Error::Body(format!("is not JSON: {error}")))?;
    bounded(items.found)?;
    Ok(items.kept.iter().map(|item| tell(item.get())).collect())
}

/// Counts what it is given, and keeps no more than may be sent: a body of nothing but commas would fill memory fifty
/// times its size.
#[derive(Default)]
struct Items<'a> {
    kept: Vec<&'a RawValue>,
    found: usize,
}

impl<'a> Items<'a> {
    fn take(&mut self, item: &'a RawValue) {
        self.found += 1;
        if self.found <= MAX_ITEMS {
            self.kept.push(item);
        }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Items<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Items<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            self.take(item);
        }
        Ok(())
    }
}

/// The items of a body of lines; a line that is no JSON harms no other.
///
/// Nearly every line is one item that tells something, so each is taken for that first, and is read once.
pub(super) fn of_lines<T>(
    body: &[u8],
    tell: impl Fn(&str) -> Item<T>,
) -> Result<Vec<Item<T>>, Error> {
    let mut items = Vec::new();
    for (at, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let place = |problem: String| Fault::new("event", format!("line {}: {problem}", at + 1));
        match std::str::from_utf8(line) {
            Err(error) => {
                let offset = error.valid_up_to();
                items.push(Err(place(format!(
                    "is not UTF-8 at byte {offset} of the line"
                ))));
            }
            Ok(line) => {
                if let Ok(told) = tell(line) {
                    items.push(Ok(told));
                    bounded(items.len())?;
                    continue;
                }
                for item in serde_json::Deserializer::from_str(line).into_iter::<&RawValue>() {
                    items.push(match item {
                        Ok(item) => tell(item.get()),
                        Err(error) => Err(place(format!(
                            "is not JSON: {}",
                            // serde_json counts lines too, and within a line it is always the first.
                            error.to_string().replace(" at line 1 column", " at column")
                        ))),
                    });
                    bounded(items.len())?;
                }
            }
        }
        bounded(items.len())?;
    }
    if items.is_empty() {
        return Err(Error::Body("is empty: send one event a line".into()));
    }
    Ok(items)
}

fn bounded(found: usize) -> Result<(), Error> {
    if found > MAX_ITEMS {
        return Err(Error::TooManyItems {
            found,
            most: MAX_ITEMS,
        });
    }
    Ok(())
}

fn not_utf8(body: &[u8], offset: usize) -> Error {
    let line = 1 + body[..offset].iter().filter(|byte| **byte == b'\n').count();
    Error::Body(format!("is not UTF-8 at byte {offset}, on line {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(text: &str) -> Item<String> {
        let one = serde_json::from_str::<&RawValue>(text);
        one.map(|one| one.get().to_owned())
            .map_err(|error| Fault::new("event", error.to_string()))
    }

    fn texts(items: Vec<Item<String>>) -> Vec<String> {
        items
            .into_iter()
            .map(|item| item.unwrap_or_else(|fault| format!("! {}", fault.problem)))
            .collect()
    }

    #[test]
    fn an_object_an_array_and_objects_in_a_row_are_items() {
        for (body, items) in [
            (r#" {"a":1} "#, vec![r#"{"a":1}"#]),
            (r#"[{"a":1}, 2]"#, vec![r#"{"a":1}"#, "2"]),
            ("[]", vec![]),
            ("{\"a\":\n1}\n{}{}", vec!["{\"a\":\n1}", "{}", "{}"]),
        ] {
            assert_eq!(
                texts(of_json(body.as_bytes(), tell).unwrap()),
                items,
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_no_json_is_named_with_its_place() {
        for (body, told) in [
            (&b""[..], "is empty"),
            (b" \n", "is empty"),
            (b"{\"a\":1}\n{\"b\":", "line 2 column 5"),
            (b"[{}", "line 1 column 3"),
            (b"[{},]", "line 1 column 5"),
            (b"[] {}", "trailing characters"),
            (b"\n\"\xff\"", "byte 2, on line 2"),
        ] {
            let error = of_json(body, tell).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn a_bad_line_harms_no_other() {
        let body = b"{\"a\":1}\r\n\n{\"b\"\n\xff\n{}{}\n";
        assert_eq!(
            texts(of_lines(body, tell).unwrap()),
            [
                r#"{"a":1}"#,
                "! line 3: is not JSON: EOF while parsing an object at column 4",
                "! line 4: is not UTF-8 at byte 0 of the line",
                "{}",
                "{}"
            ]
        );
        assert!(
            of_lines(b"\n \n", tell)
                .unwrap_err()
                .to_string()
                .contains("is empty")
        );
    }

    #[test]
    fn more_items_than_the_limit_are_refused() {
        let many = "{}\n".repeat(MAX_ITEMS + 1);
        assert!(matches!(
            of_lines(many.as_bytes(), tell),
            Err(Error::TooManyItems { .. })
        ));
        assert!(matches!(
            of_json(many.as_bytes(), tell),
            Err(Error::TooManyItems { .. })
        ));
        assert_eq!(
            of_json(&many.as_bytes()[3..], tell).unwrap().len(),
            MAX_ITEMS
        );
    }

    #[test]
    fn of_too_many_items_no_more_are_kept_than_may_be_sent() {
        let array = format!("[{}1]", "1,".repeat(3 * MAX_ITEMS));
        let mut items = Items::default();
        let mut reader = serde_json::Deserializer::from_str(&array);
        items.deserialize(&mut reader).unwrap();
        assert_eq!(
            (items.kept.len(), items.found),
            (MAX_ITEMS, 3 * MAX_ITEMS + 1)
        );
        let line = "1 ".repeat(3 * MAX_ITEMS);
        let Err(Error::TooManyItems { found, .. }) = of_lines(line.as_bytes(), tell) else {
            panic!("so many are refused");
        };
        assert_eq!(found, MAX_ITEMS + 1, "and the rest is not read");
    }
}
