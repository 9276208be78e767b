//! Points in time as people type them. Pure.

use std::str::FromStr;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo, SpanRound, Unit};

use crate::model::Time;

/// `10m`, `2h30m` or `3d` ago, or an RFC 3339 time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Ago(Duration),
    At(Time),
}

impl When {
    /// The time that is meant now.
    pub(super) fn time(self, now: Time) -> Time {
        match self {
            Self::Ago(duration) => now.before(duration),
            Self::At(time) => time,
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = Time::parse(text) {
            return Ok(Self::At(time));
        }
        let ago = duration(text).ok_or_else(|| {
            format!("{text:?} is neither a duration such as 10m or 3d nor an RFC 3339 time")
        })?;
        Ok(Self::Ago(ago))
    }
}

/// A duration that is not negative; a day has 24 hours.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let days = SpanRelativeTo::days_are_24_hours();
    let round = SpanRound::new().largest(Unit::Hour).relative(days);
    let span = span.round(round).ok()?;
    let signed = span.to_duration(days).ok()?;
    Duration::try_from(signed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_times_are_read() {
        let ago = |seconds| Ok(When::Ago(Duration::from_secs(seconds)));
        assert_eq!("10m".parse(), ago(600));
        assert_eq!("2h30m".parse(), ago(9000));
        assert_eq!("3d".parse(), ago(3 * 86_400));
        assert_eq!("1w".parse(), ago(7 * 86_400));
        let at = "2026-01-01T08:00:00+08:00".parse();
        assert_eq!(
            at,
            Ok(When::At(Time::parse("2026-01-01T00:00:00Z").unwrap()))
        );
        for wrong in ["", "soon", "-5m", "5", "2026-01-01", "1mo"] {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn ago_is_before_now() {
        let now = Time(10_000_000_000);
        assert_eq!(
            When::Ago(Duration::from_secs(4)).time(now),
            Time(6_000_000_000)
        );
    }
}
