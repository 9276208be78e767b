//! Equal stretches of time, counted from a Monday. Pure.

use crate::model::Time;

/// 2024-04-01T00:00:00Z: where the first stretch begins.
const PIVOT: i64 = 1_711_929_600_000_000;
/// So many stretches at the most.
const MOST: i64 = 1000;
const SECOND: i64 = 1_000_000;

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

impl Unit {
    /// What there is, as pydantic writes it.
    pub(super) const ALL: &str = "'week', 'day', 'hour', 'minute' or 'second'";

    /// From JSON.
    pub(super) fn parse(json: &str) -> Option<Self> {
        Some(match json.trim() {
            "\"week\"" => Self::Week,
            "\"day\"" => Self::Day,
            "\"hour\"" => Self::Hour,
            "\"minute\"" => Self::Minute,
            "\"second\"" => Self::Second,
            _ => return None,
        })
    }

    const fn microseconds(self) -> i64 {
        SECOND
            * match self {
                Self::Week => 7 * 24 * 3600,
                Self::Day => 24 * 3600,
                Self::Hour => 3600,
                Self::Minute => 60,
                Self::Second => 1,
            }
    }
}

/// Stretches from the one that a time is in, up to another time. All in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buckets {
    first: i64,
    delta: i64,
    until: i64,
}

const fn microseconds(time: Time) -> i64 {
    time.0.div_euclid(1000)
}

impl Buckets {
    /// Stretches of so many units; none begins behind the unit that is now.
    ///
    /// # Errors
    ///
    /// A sentence, if there would be too many.
    pub(super) fn new(
        since: Time,
        until: Time,
        unit: Unit,
        interval: f64,
        now: Time,
    ) -> Result<Self, String> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a float's own limit comes first"
        )]
        let delta = ((unit.microseconds() as f64 * interval).round() as i64).max(1);
        let (since, mut until, now) = (microseconds(since), microseconds(until), microseconds(now));
        let number = until.saturating_sub(since).div_euclid(delta)
            + i64::from(until.saturating_sub(since).rem_euclid(delta) > 0);
        if number > MOST {
            return Err(format!(
                "The given interval would create {number} buckets, which is too many. Please increase the interval or \
                 reduce the time range to produce {MOST} buckets or fewer."
            ));
        }
        if until > now {
            let unit = unit.microseconds();
            until = PIVOT + ((now - PIVOT).div_euclid(unit) + 1) * unit - 1;
        }
        Ok(Self {
            first: (since - PIVOT).div_euclid(delta),
            delta,
            until,
        })
    }

    /// The number of the first.
    pub(super) const fn first(&self) -> i64 {
        self.first
    }

    /// The number of the one that a time is in.
    pub(super) const fn at(&self, time: Time) -> i64 {
        (microseconds(time) - PIVOT).div_euclid(self.delta)
    }

    /// Where each begins and ends.
    pub(super) fn spans(self) -> impl Iterator<Item = (Time, Time)> {
        let starts =
            (self.first..).map(move |at| PIVOT.saturating_add(self.delta.saturating_mul(at)));
        let starts = starts.take_while(move |start| *start < self.until);
        starts.map(move |start| (Time(start * 1000), Time((start + self.delta - 1) * 1000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn stretches_begin_at_the_pivot_and_take_in_both_ends() {
        let now = time("2030-01-01T00:00:00Z");
        let (since, until) = (time("2024-04-02T13:00:00Z"), time("2024-04-04T00:00:00Z"));
        let days = Buckets::new(since, until, Unit::Day, 1.0, now).unwrap();
        let spans: Vec<_> = days
            .spans()
            .map(|(start, end)| (start.to_exact(), end.to_exact()))
            .collect();
        let day = |day: u32| {
            (
                format!("2024-04-0{day}T00:00:00Z"),
                format!("2024-04-0{day}T23:59:59.999999Z"),
            )
        };
        assert_eq!(spans, [day(2), day(3)]);
        assert_eq!(days.at(time("2024-04-03T12:00:00Z")) - days.first(), 1);
        let before =
            Buckets::new(time("2024-03-31T23:00:00Z"), since, Unit::Week, 1.0, now).unwrap();
        assert_eq!((before.first(), before.spans().count()), (-1, 2));
    }

    #[test]
    fn the_future_ends_with_the_unit_that_is_now() {
        let now = time("2026-05-05T10:30:00Z");
        let buckets = Buckets::new(
            time("2026-05-05T08:00:00Z"),
            time("2026-06-01T00:00:00Z"),
            Unit::Hour,
            1.0,
            now,
        );
        assert_eq!(buckets.unwrap().spans().count(), 3);
    }

    #[test]
    fn too_many_are_refused_by_their_number() {
        let (since, until) = (time("2026-01-01T00:00:00Z"), time("2026-01-01T00:16:41Z"));
        let refused = Buckets::new(since, until, Unit::Second, 1.0, until).unwrap_err();
        assert!(refused.contains("create 1001 buckets"), "{refused}");
        assert!(
            Buckets::new(
                since,
                time("2026-01-01T00:16:40Z"),
                Unit::Second,
                1.0,
                until
            )
            .is_ok()
        );
        assert!(
            Buckets::new(until, since, Unit::Second, 1.0, until)
                .unwrap()
                .spans()
                .next()
                .is_none()
        );
    }
}
