//! JSON taken apart one level at a time, each part kept as it was written. Pure.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deeper than this no client reads JSON.
const DEPTH: usize = 200;

/// One level of a JSON value.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(String),
    List(Vec<&'a RawValue>),
    Map(Map<'a>),
    /// A text, or an object's key, that Unicode has no characters for.
    Broken,
}

/// The members of an object in order; of two with one name the last.
pub(super) type Map<'a> = IndexMap<String, &'a RawValue>;

/// The outermost level of a value.
pub(super) fn shape(value: &RawValue) -> Shape<'_> {
    let text = value.get().trim_start();
    let shape = match text.as_bytes().first() {
        Some(b'n') => return Shape::Null,
        Some(b't') => return Shape::Bool(true),
        Some(b'f') => return Shape::Bool(false),
        Some(b'"') => serde_json::from_str(text).map(Shape::Text),
        Some(b'[') => serde_json::from_str(text).map(Shape::List),
        Some(b'{') => {
            serde_json::from_str::<Members<'_>>(text).map(|members| Shape::Map(members.0))
        }
        _ => return Shape::Number(text),
    };
    shape.unwrap_or(Shape::Broken)
}

struct Members<'a>(Map<'a>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    members.insert(name, value);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// Whether what reads JSON strictly can read this: its texts are Unicode, and it is not too deep. It is valid otherwise.
pub(super) fn is_readable(json: &str) -> bool {
    let bytes = json.as_bytes();
    let (mut at, mut depth, mut in_text, mut high) = (0, 0_usize, false, false);
    while let Some(byte) = bytes.get(at) {
        let mut unit = None;
        let mut length = 1;
        match (in_text, byte) {
            (true, b'\\') if bytes.get(at + 1) == Some(&b'u') => {
                let digits = json.get(at + 2..at + 6).unwrap_or_default();
                unit = u16::from_str_radix(digits, 16).ok();
                length = 6;
            }
            (true, b'\\') => length = 2,
            (_, b'"') => in_text = !in_text,
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth -= 1,
            _ => {}
        }
        let low = unit.is_some_and(|unit| (0xDC00..0xE000).contains(&unit));
        if low != high || depth > DEPTH {
            return false;
        }
        high = unit.is_some_and(|unit| (0xD800..0xDC00).contains(&unit));
        at += length;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_members_with_one_name_the_last_counts_and_order_is_kept() {
        let raw = serde_json::from_str::<&RawValue>(r#" {"b":1,"a":[1.0],"b":2} "#).unwrap();
        let Shape::Map(map) = shape(raw) else {
            panic!("an object")
        };
        let members: Vec<_> = map
            .iter()
            .map(|(name, value)| (name.as_str(), value.get()))
            .collect();
        assert_eq!(members, [("b", "2"), ("a", "[1.0]")]);
    }

    #[test]
    fn half_a_character_and_endless_depth_cannot_be_read() {
        for fine in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            "[[1]]",
            r#"{"a":"[[[\""}"#,
            "1.0",
        ] {
            assert!(is_readable(fine), "{fine}");
        }
        let deep = "[".repeat(DEPTH + 1) + &"]".repeat(DEPTH + 1);
        for bad in [
            r#""\ud83d""#,
            r#""\ude00""#,
            r#""\ud83dx""#,
            r#"{"a":"\ud83d\u0041"}"#,
            &deep,
        ] {
            assert!(!is_readable(bad), "{bad}");
        }
    }
}
