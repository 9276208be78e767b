//! Points in time, in nanoseconds, and the clock that tests can set. Pure, but for [`SystemClock`].

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};

/// Nanoseconds since 1970-01-01T00:00:00Z; reaches from the year 1677 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// The earliest time that can be told.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest time that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// Reads an RFC 3339 time with any offset and up to nanoseconds.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong, without the field's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let time = DateTime::parse_from_rfc3339(text)
            .map_err(|error| format!("{text:?} is not an RFC 3339 time ({error})"))?;
        Self::from_chrono(&time.to_utc())
            .ok_or_else(|| format!("{text:?} is outside the years 1678 to 2261"))
    }

    /// As [`parse`](Self::parse); of a time that is too early or too late to be told, the nearest that is not. For bounds.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong, without the field's name.
    pub fn nearest(text: &str) -> Result<Self, String> {
        let time = DateTime::parse_from_rfc3339(text)
            .map_err(|error| format!("{text:?} is not an RFC 3339 time ({error})"))?;
        let end = if time.timestamp() < 0 {
            Self::MIN
        } else {
            Self::MAX
        };
        Ok(Self::from_chrono(&time.to_utc()).unwrap_or(end))
    }

    /// From chrono; `None` outside the range.
    #[must_use]
    pub fn from_chrono(time: &DateTime<Utc>) -> Option<Self> {
        time.timestamp_nanos_opt().map(Self)
    }

    /// From whole seconds and the nanoseconds after them; `None` outside the range.
    #[must_use]
    pub fn from_parts(seconds: i64, nanoseconds: i32) -> Option<Self> {
        seconds
            .checked_mul(1_000_000_000)?
            .checked_add(i64::from(nanoseconds))
            .map(Self)
    }

    /// RFC 3339 in whole seconds with `Z`, truncated, as the seed's `firstTimestamp`.
    #[must_use]
    pub fn to_seconds(self) -> String {
        self.in_seconds().as_str().to_owned()
    }

    /// The same, without a string of its own: every row that is read has two of them.
    #[must_use]
    pub fn in_seconds(self) -> Seconds {
        let time = self.to_chrono().naive_utc();
        let mut text = *b"0000-00-00T00:00:00Z";
        let mut put = |at: usize, two: u32| {
            // Each is below 100, and what is added to a digit is below 10.
            text[at] += (two / 10) as u8;
            text[at + 1] += (two % 10) as u8;
        };
        // From 1677 to 2262.
        let year = time.year().unsigned_abs();
        put(0, year / 100);
        put(2, year % 100);
        put(5, time.month());
        put(8, time.day());
        put(11, time.hour());
        put(14, time.minute());
        put(17, time.second());
        Seconds(text)
    }

    /// RFC 3339 with all the digits that are there.
    #[must_use]
    pub fn to_exact(self) -> String {
        self.to_chrono()
            .to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    /// The same point for chrono.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(self.0)
    }

    /// This much later; stops at the end of the range.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)),
        )
    }

    /// This much earlier; stops at the start of the range.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)),
        )
    }

    /// How long this is after `earlier`; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The lowercase hexadecimal nanoseconds that client-go appends to an Event's name (`%x` of UnixNano).
    #[must_use]
    pub fn to_hex(self) -> String {
        if self.0 < 0 {
            format!("-{:x}", self.0.unsigned_abs())
        } else {
            format!("{:x}", self.0)
        }
    }
}

/// A time in whole seconds as it is written, `2018-08-20T06:41:44Z`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seconds([u8; 20]);

impl Seconds {
    /// The text's bytes, all of them ASCII.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text.
    ///
    /// # Panics
    ///
    /// Never: it is made of digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("digits and marks are ASCII")
    }
}

impl fmt::Debug for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_exact())
    }
}

/// Tells the time. Passed in, so that tests set it.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Time;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for the time"
    )]
    fn now(&self) -> Time {
        Time::from_chrono(&Utc::now()).unwrap_or(Time::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_offset_is_folded_into_utc_and_seconds_are_truncated() {
        let time = Time::parse("2018-08-20T08:41:44.978344441+02:00").unwrap();
        assert_eq!(time.to_seconds(), "2018-08-20T06:41:44Z");
        assert_eq!(time.to_exact(), "2018-08-20T06:41:44.978344441Z");
        assert_eq!(time.to_hex(), "154c848add38e9f9");
    }

    proptest! {
        #[test]
        fn seconds_are_written_as_chrono_writes_them(nanoseconds: i64) {
            let time = Time(nanoseconds);
            let expected = time.to_chrono().to_rfc3339_opts(SecondsFormat::Secs, true);
            let seconds = time.in_seconds();
            prop_assert_eq!(seconds.as_str(), &*expected);
        }
    }

    #[test]
    fn a_time_that_nanoseconds_cannot_hold_is_refused_in_words() {
        assert!(
            Time::parse("9999-01-01T00:00:00Z")
                .unwrap_err()
                .contains("outside")
        );
        assert_eq!(Time::nearest("9999-12-31T23:59:59Z"), Ok(Time::MAX));
        assert_eq!(Time::nearest("0001-01-01T00:00:00Z"), Ok(Time::MIN));
        assert!(Time::nearest("yesterday").unwrap_err().contains("RFC 3339"));
        assert!(Time::parse("yesterday").unwrap_err().contains("RFC 3339"));
    }
}
