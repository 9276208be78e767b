//! Texts and numbers, and how they compare: `1` and `"1"` are equal, since owners are told as texts and asked for as
//! numbers. Pure.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::iso;
use crate::model::Time;

/// A JSON text or number; of a number the digits as they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar<'a> {
    Text(Cow<'a, str>),
    Number(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    /// `None` of what is neither a text nor a number.
    pub(super) fn of(raw: &'a RawValue) -> Option<Self> {
        let text = raw.get();
        match text.as_bytes().first()? {
            b'"' => Some(Self::Text(
                serde_json::from_str::<String>(text).ok()?.into(),
            )),
            b'-' | b'0'..=b'9' => Some(Self::Number(text.into())),
            _ => None,
        }
    }

    /// The text by which it is compared for equality.
    pub(super) fn loose(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(digits) => plain(digits),
        }
    }
}

/// A number as one text, however it was written: `1`, `1.0` and `1e0` are `1`.
fn plain(digits: &str) -> Cow<'_, str> {
    let whole = digits.strip_prefix('-').unwrap_or(digits);
    if whole.bytes().all(|byte| byte.is_ascii_digit()) && digits != "-0" {
        return Cow::Borrowed(digits);
    }
    match digits.parse::<f64>() {
        Ok(0.0) => Cow::Borrowed("0"),
        Ok(number) if number.is_finite() => Cow::Owned(number.to_string()),
        _ => Cow::Borrowed(digits),
    }
}

impl Serialize for Scalar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(digits) => RawValue::from_string(digits.to_string())
                .map_err(serde::ser::Error::custom)?
                .serialize(serializer),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Self::of(raw).ok_or_else(|| D::Error::custom("neither a text nor a number"))
    }
}

/// What a field of an event holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum<'a> {
    Missing,
    Scalar(Scalar<'a>),
    Time(Time),
}

impl<'a> Datum<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Scalar(Scalar::Text(text.into()))
    }

    /// Its place in an order: what is missing first, then numbers, then texts by their code points.
    pub(super) fn rank(&self) -> Rank {
        match self {
            Self::Missing => Rank::Missing,
            Self::Time(time) => Rank::Time(iso::milliseconds(*time)),
            Self::Scalar(Scalar::Text(text)) => Rank::Text((&**text).into()),
            Self::Scalar(Scalar::Number(digits)) => Rank::Number(Real::of(digits)),
        }
    }
}

/// Where a value stands among others of its field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Missing,
    Number(Real),
    Text(Box<str>),
    /// Milliseconds since 1970: what is shown as one time is one, and the next key decides.
    Time(i64),
}

/// A number that can be put in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Real(f64);

impl Real {
    pub(super) fn of(digits: &str) -> Self {
        // JSON's digits are always a number to Rust, if an infinite one.
        Self(digits.parse().unwrap_or(f64::NAN))
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Self) -> Ordering {
        // Zero has one place, whatever its sign.
        (self.0 + 0.0).total_cmp(&(other.0 + 0.0))
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Real {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_text_however_it_was_written() {
        for (digits, text) in [
            ("1", "1"),
            ("1.0", "1"),
            ("1e0", "1"),
            ("-0", "0"),
            ("0.0", "0"),
            ("-1.50", "-1.5"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1e999", "1e999"),
        ] {
            assert_eq!(plain(digits), text, "{digits}");
        }
    }

    #[test]
    fn a_scalar_comes_back_as_it_was_given() {
        for json in [r#""a\"b""#, "1", "1.0", "-1e5", "12345678901234567890123"] {
            let scalar: Scalar<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&scalar).unwrap(), json);
        }
        for json in ["null", "true", "[]", "{}"] {
            assert!(serde_json::from_str::<Scalar<'_>>(json).is_err(), "{json}");
        }
    }
}
