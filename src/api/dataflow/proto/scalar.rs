//! Single values: numbers and what they may be written as. Pure.

use serde_json::{Number, Value, json};

use super::node::Node;

/// A whole number from `least` to `most`: a number, or a text that holds one; `5.0` and `1e3` are whole.
pub(super) fn integer(node: &Node, least: i128, most: i128) -> Option<i128> {
    let whole = match node {
        Node::Signed(value) => i128::from(*value),
        Node::Unsigned(value) => i128::from(*value),
        Node::Float(value) => whole(*value)?,
        Node::Text(text) if is_integer(text) => text.parse().ok()?,
        Node::Text(text) => whole(decimal(text)?)?,
        Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => return None,
    };
    (least..=most).contains(&whole).then_some(whole)
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it is whole and far inside the range of the type"
)]
fn whole(value: f64) -> Option<i128> {
    (value.fract() == 0.0 && value.abs() < 1e30).then_some(value as i128)
}

/// A number with a point or an exponent, in ASCII.
fn decimal(text: &str) -> Option<f64> {
    let number = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let value: f64 = text.parse().ok().filter(|_| text.bytes().all(number))?;
    value.is_finite().then_some(value)
}

/// A number, or a text that holds one, or the name of what is none.
pub(super) fn double(node: &Node) -> Option<Value> {
    match node {
        Node::Signed(value) => Some(json!(value)),
        Node::Unsigned(value) => Some(json!(value)),
        Node::Float(value) => Some(written(*value)),
        Node::Text(name) if matches!(name.as_str(), "NaN" | "Infinity" | "-Infinity") => {
            Some(json!(name))
        }
        Node::Text(text) => decimal(text).map(written),
        Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => None,
    }
}

/// A finite number, without a point where it needs none.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it is whole and inside the numbers that a double holds exactly"
)]
pub(super) fn written(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return json!(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_written_in_many_ways() {
        let read = |json: &str| integer(&serde_json::from_str(json).unwrap(), -8, 1000);
        for (json, value) in [
            ("5", 5),
            ("-8", -8),
            ("5.0", 5),
            ("1e3", 1000),
            ("\"5\"", 5),
            ("\"1e3\"", 1000),
            ("\"+7\"", 7),
        ] {
            assert_eq!(read(json), Some(value), "{json}");
        }
        for json in [
            "1001", "-9", "5.5", "true", "\"\"", "\" 5\"", "\"0x5\"", "\"inf\"", "null", "[]",
            "{}", "\"e\"", "\"5_0\"",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn a_double_is_a_number_or_the_name_of_none() {
        let read = |json: &str| double(&serde_json::from_str(json).unwrap());
        assert_eq!(read("3.0"), Some(json!(3)));
        assert_eq!(read("\"2.5\""), Some(json!(2.5)));
        assert_eq!(read("\"NaN\""), Some(json!("NaN")));
        for json in [
            "true",
            "\"nan\"",
            "\"inf\"",
            "\"1e400\"",
            "\" 1\"",
            "\"\"",
            "[1]",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
