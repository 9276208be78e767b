//! JSON as YAML, keys in their order, numbers in their digits. Pure.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_saphyr::DoubleQuoted;

use super::safe;

/// A document of YAML that says what JSON says.
///
/// # Errors
///
/// If it is no JSON.
pub(super) fn yaml(json: &str) -> Result<String, String> {
    let tree: Tree = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if tree.has_strange_keys() {
        // The serializer does not quote keys on demand; JSON is YAML, too.
        return Ok(format!("{}\n", safe::json(json)));
    }
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let text = serde_saphyr::to_string_with_options(&tree, options);
    let text = text.map_err(|error| error.to_string())?;
    // All that acts on a terminal stands in double quotes, where an escape means the same.
    Ok(safe::yaml(&text).into_owned())
}

/// Any JSON, in its order.
enum Tree {
    Null,
    Truth(bool),
    Natural(u64),
    Integer(i64),
    Real(f64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Tree {
    fn has_strange_keys(&self) -> bool {
        match self {
            Self::List(items) => items.iter().any(Self::has_strange_keys),
            Self::Map(pairs) => pairs
                .iter()
                .any(|(key, value)| key.chars().any(safe::acts) || value.has_strange_keys()),
            _ => false,
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Truth(value) => serializer.serialize_bool(*value),
            Self::Natural(value) => serializer.serialize_u64(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Real(value) => serializer.serialize_f64(*value),
            Self::Text(text) if text.chars().any(safe::acts) => {
                DoubleQuoted(text).serialize(serializer)
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Truth(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Natural(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Real(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Tree::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_says_the_same_in_the_same_order_and_nothing_acts() {
        let value = json!([{
            "zebra": "yes", "empty": "", "number": "0x1f", "count": u64::MAX, "real": 0.5, "none": null,
            "lines": "one\ntwo\n", "escape": "\u{1b}[31m", "bidi": "a\u{202e}b", "c1": "c1 \u{9b}",
            "chinese": "启动##ActionStart", "colon": "a: b # c", "tag": "\u{e0041}", "quote": "'\"\\ \u{2066}",
            "list": [[], {}, [1, -2]],
        }]);
        let strange = json!({"labels": {"\u{202e}key\u{9b}": "x\u{1b}"}});
        for value in [value, strange] {
            let text = yaml(&value.to_string()).unwrap();
            assert!(
                !text.chars().any(|c| safe::acts(c) && c != '\n'),
                "{text:?}"
            );
            let read: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
            assert_eq!(read, value, "{text}");
        }
        let ordered = yaml("{\"b\":1,\"a\":2}").unwrap();
        assert_eq!(ordered, "b: 1\na: 2\n");
    }
}
