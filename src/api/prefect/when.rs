//! Points in time as Prefect's clients write them and read them. Pure.

use crate::model::Time;

const MICROSECOND: i64 = 1000;
/// Above this a number counts milliseconds, not seconds: pydantic's rule.
const SECONDS: f64 = 2e10;

/// Reads a text: RFC 3339; without an offset it is UTC, without a time midnight; or a number of seconds. Digits below the
/// microsecond are cut off, as Prefect has none.
pub(super) fn parse(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return of_number(number);
    }
    let text = text.replacen('_', "T", 1);
    let point = text.parse::<jiff::Timestamp>().or_else(|_| {
        let civil = text.parse::<jiff::civil::DateTime>()?;
        civil
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map(|zoned| zoned.timestamp())
    });
    let nanoseconds = i64::try_from(point.ok()?.as_nanosecond()).ok()?;
    Some(truncated(Time(nanoseconds)))
}

/// Seconds since 1970, or milliseconds if there are too many of them.
pub(super) fn of_number(number: f64) -> Option<Time> {
    let seconds = if number.abs() > SECONDS {
        number / 1e3
    } else {
        number
    };
    let microseconds = (seconds * 1e6).round();
    #[expect(clippy::cast_possible_truncation, reason = "it is within the range")]
    (microseconds.abs() < 9e15).then(|| Time(microseconds as i64 * MICROSECOND))
}

/// Without what is below the microsecond.
pub(super) const fn truncated(time: Time) -> Time {
    Time(time.0.div_euclid(MICROSECOND) * MICROSECOND)
}

/// As pydantic writes it: microseconds, or none at a whole second.
pub(super) fn written(time: Time) -> String {
    let chrono = time.to_chrono();
    if chrono.timestamp_subsec_micros() == 0 {
        chrono.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    } else {
        chrono.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prefect_reads_is_read() {
        for (text, told) in [
            ("2026-11-20T23:57:56.175048Z", "2026-11-20T23:57:56.175048Z"),
            (
                "2026-11-20T23:57:56.1750489Z",
                "2026-11-20T23:57:56.175048Z",
            ),
            ("2026-11-20T23:57:56.175Z", "2026-11-20T23:57:56.175000Z"),
            ("2026-11-20T23:57:56+02:00", "2026-11-20T21:57:56Z"),
            ("2026-11-20 23:57:56", "2026-11-20T23:57:56Z"),
            ("2026-11-20t23:57z", "2026-11-20T23:57:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("1700000000", "2023-11-14T22:13:20Z"),
            ("1700000000.5", "2023-11-14T22:13:20.500000Z"),
            ("1700000000000", "2023-11-14T22:13:20Z"),
            (
                "1969-12-31T23:59:59.9999999Z",
                "1969-12-31T23:59:59.999999Z",
            ),
        ] {
            assert_eq!(parse(text).map(written).as_deref(), Some(told), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "9999-01-01T00:00:00Z",
            "inf",
            "NaN",
            "12:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
