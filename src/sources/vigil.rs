//! Since when Events have been watched without a break, and what is told of a break that was too long. Pure.
//!
//! An Event lives as long as the API server's TTL. Whoever looks away for longer may have missed some that nobody will
//! show again: that is written into the history of every execution that was open meanwhile. Whether elements have
//! started or ended is read from the objects, so nothing of that is lost. Our own clock is asked, for the stretch is
//! our own.

use std::time::Duration;

use super::derive::Transition;
use super::nublado;
use super::seat::{Seat, subject};
use crate::model::{Correlation, Execution, ExecutionKey, Observation, Policy, Time};

/// Between two notes of how far the watch has come.
const NOTE_EVERY: Duration = Duration::from_secs(5 * 60);

/// What is to be done at a time up to which nothing was missed that the API server still had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Nobody was watching from the one to the other, and Events may have come and gone meanwhile.
    pub(super) gap: Option<(Time, Time)>,
    /// The time is to be noted in the store.
    pub(super) note: bool,
}

/// Remembers how far the watch has come.
#[derive(Clone, Debug)]
pub(super) struct Vigil {
    name: Box<str>,
    ttl: Duration,
    seen: Option<Time>,
    noted: Option<Time>,
}

impl Vigil {
    /// Of the Events of a cluster, which live as long as `ttl`.
    pub(super) fn new(cluster: &str, ttl: Duration) -> Self {
        Self {
            name: format!("watch of events of {cluster}").into(),
            ttl,
            seen: None,
            noted: None,
        }
    }

    /// The name of the note in the stored index; no object has such a uid.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Takes over what an earlier process has noted.
    pub(super) fn learn(&mut self, stored: Option<&Correlation>) {
        self.seen = self.seen.max(stored.map(|note| note.seen));
        self.noted = self.seen;
    }

    /// The note.
    pub(super) fn note(&self, now: Time) -> Observation {
        Observation::Correlation(Correlation {
            uid: self.name.clone(),
            execution: ExecutionKey::new("", "dagtrail"),
            element: "".into(),
            elem_id: "".into(),
            elem_type: "".into(),
            seen: now,
        })
    }

    /// All that the API server had up to now is on disk.
    pub(super) fn seen(&mut self, now: Time) -> Seen {
        let since = self.seen.replace(now);
        let gap = since.filter(|since| now.since(*since) > self.ttl);
        let due = |noted: Time| now.since(noted) >= NOTE_EVERY;
        let note = self.noted.is_none_or(due);
        if note {
            self.noted = Some(now);
        }
        Seen {
            gap: gap.map(|since| (since, now)),
            note,
        }
    }
}

/// The row that tells an execution of a stretch; `None` if it does not concern it: it is no object of a cluster, had
/// ended before, or has begun since. The operations of a lab are not objects either: the Pod's own history has it.
pub(super) fn gap(execution: &Execution, since: Time, until: Time) -> Option<Observation> {
    let (identity, status) = (&execution.identity, execution.status);
    let ended = status.phase.is_terminal() && status.at < since;
    let begun = execution.created.unwrap_or(execution.told);
    let is_operation = *identity.engine == *nublado::ENGINE;
    if identity.kind.is_empty() || is_operation || ended || begun > until {
        return None;
    }
    let id = &execution.key.id;
    let seat = Seat {
        execution: execution.key.clone(),
        subject: subject(&identity.kind, &identity.namespace, &identity.name),
        element: Box::from(&**id),
        elem_id: identity.name.clone(),
        elem_type: identity.engine.clone(),
    };
    let gap = Transition::new("Gap", "watch", since)
        .warning()
        .times(1, until)
        // Each stretch is an origin of its own, whoever tells it.
        .of_part("", since.0.cast_unsigned())
        .param("since", &since.to_seconds())
        .param("until", &until.to_seconds());
    let mut told = gap.tell(&seat, id);
    if let Observation::Event(telling) = &mut told {
        // And a row of its own: folded, it would seem to last from the first to the last.
        telling.policy = Policy::ById;
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn at(seconds: u64) -> Time {
        Time(0).after(Duration::from_secs(seconds))
    }

    #[test]
    fn only_a_break_that_is_longer_than_an_event_lives_is_a_gap() {
        let mut vigil = Vigil::new("c", HOUR);
        vigil.learn(None);
        assert_eq!(
            vigil.seen(at(0)),
            Seen {
                gap: None,
                note: true
            }
        );
        assert_eq!(
            vigil.seen(at(299)),
            Seen {
                gap: None,
                note: false
            }
        );
        assert_eq!(
            vigil.seen(at(300)),
            Seen {
                gap: None,
                note: true
            }
        );
        assert_eq!(vigil.seen(at(3900)).gap, None);
        assert_eq!(vigil.seen(at(7501)).gap, Some((at(3900), at(7501))));
        assert_eq!(vigil.seen(at(7502)).gap, None);
    }

    #[test]
    fn what_an_earlier_process_has_noted_counts() {
        let mut vigil = Vigil::new("c", HOUR);
        let Observation::Correlation(note) = vigil.note(at(100)) else {
            panic!("the note is an entry of the index");
        };
        vigil.learn(Some(&note));
        let seen = vigil.seen(at(3701));
        assert_eq!(seen.gap, Some((at(100), at(3701))));
        assert!(seen.note);
    }
}
