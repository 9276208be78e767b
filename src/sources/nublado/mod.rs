//! The labs of LSST Nublado, seen from outside: a Pod with a user's label is that user's lab. Pure.
//!
//! Its life is told as the operations that the Nublado dialect shows: a spawn from its creation until it is ready, has
//! failed or is to be deleted, and a deletion until it is gone. The words and the progress are those of Nublado's
//! controller. The Pod's own history is told as that of any other Pod, besides.
//!
//! ```text
//! <pod uid>.spawn    opens with the Pod; 1, 30, a step for each of its Events; complete, or error and failed
//! <pod uid>.delete   opens with its deletionTimestamp; 25; 100 when it is gone
//! ```
//!
//! How far a lab has come is noted in the stored index, for a Pod that is being deleted no longer shows whether it was
//! ready. The operations of Pods that have vanished while nobody was watching are ended when all Pods are listed.

mod operation;
#[cfg(test)]
mod tests;

use self::operation::Operation;
use super::events::Sighting;
use super::object::{Meta, label_of};
use super::pods::{Pod, Readiness};
use super::seat::{Seat, subject};
use crate::model::{Execution, Observation, Time};

/// Nublado's own label for what a Pod is for; file servers carry the user's label, too.
const CATEGORY: &str = "nublado.lsst.io/category";
const LAB: &str = "lab";
/// `elemType`, and the engine of the executions.
pub(super) const ENGINE: &str = "Nublado.Lab";

/// Knows which Pods are labs.
#[derive(Debug, Default)]
pub(super) struct Labs {
    label: Option<Box<str>>,
}

/// How far a lab has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Spawning,
    Spawned,
    Deleting,
    Gone,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Spawning, Self::Spawned, Self::Deleting, Self::Gone];

    /// As it is noted in the index, for good.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Spawning => "spawning",
            Self::Spawned => "spawned",
            Self::Deleting => "deleting",
            Self::Gone => "gone",
        }
    }

    fn noted(seat: &Seat) -> Option<Self> {
        let of = |stage: &Self| stage.as_str() == &*seat.element;
        Self::ALL.into_iter().find(of)
    }
}

/// Under which name the index notes how far the lab of a Pod has come; no object has such a uid.
pub(super) fn note_of(uid: &str) -> String {
    format!("{uid}.lab")
}

impl Labs {
    /// Pods with this label are labs; without one, none is.
    pub(super) fn by(label: Option<&str>) -> Self {
        Self {
            label: label.map(Box::from),
        }
    }

    /// Whose lab a Pod is.
    pub(super) fn user<'a>(&self, meta: &'a Meta) -> Option<&'a str> {
        let user = label_of(&meta.labels, self.label.as_deref()?)?;
        let category = label_of(&meta.labels, CATEGORY);
        category
            .is_none_or(|category| category == LAB)
            .then_some(user)
    }

    /// What a state of a lab's Pod says, and how far it has come with that. `noted`: how far it had come.
    pub(super) fn observe(
        &self,
        pod: &Pod,
        noted: Option<&Seat>,
        gone: bool,
    ) -> Option<(Vec<Observation>, Seat)> {
        let meta = &pod.metadata;
        let (user, created) = (self.user(meta)?, meta.creation_timestamp.0?);
        let spawn = Operation::spawn(meta, user);
        let mut found = Vec::new();
        let mut stage = match noted.and_then(Stage::noted) {
            Some(stage) => stage,
            None => {
                found.extend(spawn.begin(created));
                Stage::Spawning
            }
        };
        let deleting = gone || meta.deletion_timestamp.0.is_some();
        if stage == Stage::Spawning {
            let outcome = match pod.readiness(deleting) {
                Readiness::Ready(at) => spawn.complete(at),
                Readiness::Ended(at, why) => spawn.failed(at, &why),
                Readiness::Coming if deleting => {
                    spawn.cancelled(meta.deletion_asked().unwrap_or(created))
                }
                Readiness::Coming => Vec::new(),
            };
            if !outcome.is_empty() {
                stage = Stage::Spawned;
            }
            found.extend(outcome);
        }
        let delete = Operation::delete(meta, user);
        let asked = meta.deletion_asked().unwrap_or(created).max(created);
        if deleting && stage < Stage::Deleting {
            found.extend(delete.begin_delete(asked));
            stage = Stage::Deleting;
        }
        if gone && stage < Stage::Gone {
            found.push(delete.gone(meta.deletion_timestamp.0.unwrap_or(asked)));
            stage = Stage::Gone;
        }
        let seat = Seat {
            execution: spawn.key().clone(),
            subject: subject(operation::KIND, &meta.namespace, user),
            element: stage.as_str().into(),
            elem_id: user.into(),
            elem_type: ENGINE.into(),
        };
        Some((found, seat))
    }

    /// That the Pod of an operation has vanished while nobody was watching: it is not among those that are there. Our
    /// own clock is asked, for nothing else tells when.
    pub(super) fn vanished(
        execution: &Execution,
        is_there: impl Fn(&str) -> bool,
        now: Time,
    ) -> Option<Observation> {
        let of_lab = *execution.identity.engine == *ENGINE;
        if !of_lab || execution.status.phase.is_terminal() {
            return None;
        }
        let (uid, kind) = execution.key.id.rsplit_once('.')?;
        let operation = Operation::stored(execution, kind)?;
        (!is_there(uid)).then(|| operation.vanished(now))
    }

    /// Whether any Pod can be a lab.
    pub(super) const fn are_told(&self) -> bool {
        self.label.is_some()
    }

    /// What an Event of a lab's Pod says, as long as the lab is not there.
    pub(super) fn event(noted: &Seat, event: &Sighting) -> Option<Observation> {
        let spawning = Stage::noted(noted) == Some(Stage::Spawning);
        spawning.then(|| Operation::noted(noted).step(event))
    }
}
