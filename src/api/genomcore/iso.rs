//! ISO 8601, read generously and written as JavaScript writes it. Pure.

use std::time::Duration;

use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use crate::model::Time;

/// Nanoseconds of a millisecond: what this dialect tells times apart by.
const MILLISECOND: i64 = 1_000_000;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A point in time, or a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// When it begins.
    pub(super) from: Time,
    /// Whether it is a day.
    pub(super) is_day: bool,
}

impl Read {
    /// The first millisecond after it.
    pub(super) fn end(self) -> i64 {
        if self.is_day {
            milliseconds(self.from.after(DAY))
        } else {
            milliseconds(self.from) + 1
        }
    }
}

/// Reads a date, or a date and a time with `Z`, an offset, or neither, which is UTC. `None` of what is none, and of a
/// year before 1678 or after 2261.
pub(super) fn read(text: &str) -> Option<Read> {
    let pieces = Pieces::parse(text).ok()?;
    // Names of time zones are no part of ISO 8601.
    if pieces.time_zone_annotation().is_some() {
        return None;
    }
    let time = pieces.time();
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    let civil = pieces.date().to_datetime(time.unwrap_or_default());
    let nanoseconds = offset.to_timestamp(civil).ok()?.as_nanosecond();
    Some(Read {
        from: Time(i64::try_from(nanoseconds).ok()?),
        is_day: time.is_none(),
    })
}

/// Whole milliseconds since 1970, rounded down.
pub(super) const fn milliseconds(time: Time) -> i64 {
    time.0.div_euclid(MILLISECOND)
}

/// As `Date.toISOString` writes it.
pub(super) fn write(time: Time) -> String {
    let format = chrono::SecondsFormat::Millis;
    time.to_chrono().to_rfc3339_opts(format, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_forms_of_iso_8601_and_written_in_one() {
        for (text, written) in [
            ("2021-01-01T00:00:00Z", "2021-01-01T00:00:00.000Z"),
            ("2021-01-01", "2021-01-01T00:00:00.000Z"),
            ("2021-01-01T10:20", "2021-01-01T10:20:00.000Z"),
            ("2021-01-01 10:20:30", "2021-01-01T10:20:30.000Z"),
            ("2021-01-01T10:20:30.123456", "2021-01-01T10:20:30.123Z"),
            ("2021-01-01T10:20:30,5+02:00", "2021-01-01T08:20:30.500Z"),
            ("2021-01-01T10:20:30+0200", "2021-01-01T08:20:30.000Z"),
            ("20210101T102030Z", "2021-01-01T10:20:30.000Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            let read = read(text).unwrap_or_else(|| panic!("{text} is a time"));
            assert_eq!(write(read.from), written, "{text}");
            assert_eq!(read.is_day, text.len() == 10, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2021-13-01",
            "2021-02-30",
            "2021-01-01T25:00",
            "10:20",
            "1609459200",
            "1500-01-01",
            "2300-01-01",
            "2021-01-01T00:00:00+01:00[Europe/Paris]",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let day = read("2024-04-08").unwrap();
        let next = read("2024-04-09T00:00:00Z").unwrap();
        assert_eq!(day.end(), milliseconds(next.from));
        assert_eq!(next.end(), milliseconds(next.from) + 1);
    }
}
