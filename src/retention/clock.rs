//! Whether the clock can be believed: a machine whose clock jumps a day ahead must not lose a day of history. Pure.

use std::time::Duration;

use crate::model::Time;

/// How long nothing goes by its age after a jump, so that somebody can set the clock right.
const HOLD: Duration = Duration::from_secs(3600);

/// Compares the clock with the time that has passed.
#[derive(Debug, Default)]
pub(super) struct Guard {
    last: Option<(Time, Duration)>,
    held_until: Option<Duration>,
}

/// What the guard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The clock goes as it should.
    Steady,
    /// It has jumped since the last look, by so much, forward or back. Nothing goes now, nor for a while.
    Jumped(Duration),
    /// It jumped a while ago.
    Held,
}

impl Guard {
    /// Looks at the clock; `running`: how long the process runs, by a clock that nobody sets. A jump of more than
    /// `allowed` is one. Of the first look the time that counts is that of the newest thing known: so a clock that
    /// jumped while the process was not running is noticed too, as is a long rest.
    pub(super) fn look(
        &mut self,
        now: Time,
        running: Duration,
        allowed: Duration,
        newest: impl FnOnce() -> Option<Time>,
    ) -> Look {
        let (before, passed) = match self.last {
            Some((before, ran)) => (before, running.saturating_sub(ran)),
            None => (newest().unwrap_or(now), Duration::ZERO),
        };
        self.last = Some((now, running));
        let due = before.after(passed);
        let jump = now.since(due).max(due.since(now));
        if jump > allowed {
            self.held_until = Some(running + allowed.min(HOLD));
            return Look::Jumped(jump);
        }
        if self.held_until.is_some_and(|until| running < until) {
            return Look::Held;
        }
        self.held_until = None;
        Look::Steady
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: u64 = 3600;

    fn hours(hours: u64) -> Duration {
        Duration::from_secs(hours * H)
    }

    fn at(hour: u64) -> Time {
        Time(0).after(hours(hour))
    }

    #[test]
    fn a_clock_that_goes_with_the_time_is_believed() {
        let mut guard = Guard::default();
        for hour in 0..100 {
            let look = guard.look(at(1000 + hour), hours(hour), hours(12), || None);
            assert_eq!(look, Look::Steady, "{hour}");
        }
    }

    #[test]
    fn a_jump_of_a_day_either_way_holds_for_an_hour() {
        for (to, back) in [(124, 100), (76, 100)] {
            let mut guard = Guard::default();
            let mut look = |clock, running| guard.look(at(clock), running, hours(12), || None);
            assert_eq!(look(100, hours(0)), Look::Steady);
            assert_eq!(look(to, hours(0)), Look::Jumped(hours(24)));
            assert_eq!(look(to, Duration::from_secs(H - 1)), Look::Held);
            assert_eq!(look(to + 1, hours(1)), Look::Steady, "it is believed now");
            assert_eq!(
                look(back + 2, hours(2)),
                Look::Jumped(hours(24)),
                "set right"
            );
        }
    }

    #[test]
    fn a_jump_while_the_process_did_not_run_is_noticed_at_the_first_look() {
        for (clock, newest, look) in [
            (100, Some(at(99)), Look::Steady),
            (100, Some(at(80)), Look::Jumped(hours(20))),
            (100, Some(at(140)), Look::Jumped(hours(40))),
            (100, None, Look::Steady),
        ] {
            let mut guard = Guard::default();
            let seen = guard.look(at(clock), hours(0), hours(12), || newest);
            assert_eq!(seen, look, "{newest:?}");
        }
    }
}
