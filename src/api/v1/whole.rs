//! A whole number, however JSON writes it: to it `2`, `2.0` and `2e0` are one number. Pure.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// Up to here every whole number has a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a whole number, or `null`.
///
/// # Errors
///
/// What is neither, or more than can be counted.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_any(Whole)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        let number = i64::try_from(number)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
        Ok(Some(number))
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has no fraction and is within what a float holds exactly"
    )]
    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        if number.fract() != 0.0 || number.abs() > EXACT {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        Ok(Some(number as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str) -> Result<Option<i64>, String> {
        let mut reader = serde_json::Deserializer::from_str(json);
        read(&mut reader).map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_without_a_fraction_is_whole_however_it_is_written() {
        for (json, number) in [
            ("29602", 29602),
            ("29602.0", 29602),
            ("2.9602e4", 29602),
            ("-1.0", -1),
            ("-0.0", 0),
        ] {
            assert_eq!(told(json), Ok(Some(number)), "{json}");
        }
        assert_eq!(told("null"), Ok(None));
    }

    #[test]
    fn a_fraction_and_what_cannot_be_counted_are_refused() {
        for json in [
            "1.5",
            "1e300",
            "-1e17",
            "18446744073709551615",
            "\"2\"",
            "[1]",
            "true",
        ] {
            assert!(told(json).unwrap_err().contains("whole number"), "{json}");
        }
    }
}
