//! JSON objects with their keys in order: an order of sorting is an object. Pure.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value, taken apart if it is an object.
#[derive(Debug)]
pub(super) enum Element<'a> {
    /// Keys and values, in order; a key may be there twice.
    Object(Vec<(Box<str>, &'a RawValue)>),
    /// Something else.
    Other,
}

impl<'a> Element<'a> {
    /// The keys and values of an object; `None` of something else.
    pub(super) fn object(raw: &'a RawValue) -> Option<Vec<(Box<str>, &'a RawValue)>> {
        match serde_json::from_str(raw.get()) {
            Ok(Self::Object(pairs)) => Some(pairs),
            Ok(Self::Other) | Err(_) => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Element<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Elements)
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element<'de>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Element::Object(pairs))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element<'de>, E> {
        Ok(Element::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Element<'de>, E> {
        Ok(Element::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Element<'de>, E> {
        Ok(Element::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element<'de>, E> {
        Ok(Element::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Element<'de>, E> {
        Ok(Element::Other)
    }

    fn visit_unit<E>(self) -> Result<Element<'de>, E> {
        Ok(Element::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_what_is_no_object_is_told_apart() {
        let raw: Box<RawValue> = serde_json::from_str(r#"{"b":1,"a":{"x":[]},"b":2}"#).unwrap();
        let pairs = Element::object(&raw).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(key, raw)| (&**key, raw.get())).collect();
        assert_eq!(pairs, [("b", "1"), ("a", r#"{"x":[]}"#), ("b", "2")]);
        for other in ["1", "-1", "1.5", "true", "null", r#""a""#, "[{}]", "1e400"] {
            let Ok(raw) = serde_json::from_str::<Box<RawValue>>(other) else {
                continue;
            };
            assert!(Element::object(&raw).is_none(), "{other}");
        }
    }
}
