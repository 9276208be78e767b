//! What the controller keeps of a row: a few words instead of its texts, since an execution may have very many. Pure.

use crate::crd::Phase;
use crate::model::{self, Row, Time};

/// One row, as far as `status` depends on it.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// How often.
    pub(super) count: u64,
    /// Whether its type is Warning.
    pub(super) warning: bool,
    /// First seen.
    pub(super) first: Time,
    /// Last seen.
    pub(super) last: Time,
    /// The reason's code.
    pub(super) code: Box<str>,
    /// The phase that it says somebody has entered.
    pub(super) entered: Option<Entered>,
}

/// A phase, and who entered it at the fact's times.
#[derive(Clone, Debug)]
pub(super) struct Entered {
    pub(super) phase: Phase,
    /// The engine's id of the element; empty or the execution's own id: the execution itself.
    pub(super) element: Box<str>,
    /// The element's name as shown.
    pub(super) elem_id: Box<str>,
}

impl Fact {
    /// Of a row.
    pub(super) fn of(row: &Row) -> Self {
        let key = &row.key;
        // A Kubernetes Event carries the involved object's uid: kubelet's `Created` means a container.
        let derived = key.involved_uid.is_empty();
        let phase = phase_of_code(&key.code).filter(|_| derived);
        Self {
            count: row.count(),
            warning: key.event_type == model::EventType::Warning,
            first: row.first(),
            last: row.last(),
            code: key.code.clone(),
            entered: phase.map(|phase| Entered {
                phase,
                element: key.element.clone(),
                elem_id: row.body().elem_id.clone(),
            }),
        }
    }

    /// Orders facts by what is shown as the last event: the latest, of several of one second the one that ends
    /// something.
    pub(super) fn lateness(&self) -> impl Ord + '_ {
        let ends = self
            .entered
            .as_ref()
            .is_some_and(|entered| entered.phase.is_terminal());
        (self.last, ends, self.first, &*self.code)
    }
}

fn phase_of_code(code: &str) -> Option<Phase> {
    // Only elements are skipped, so the model's phases of executions do not know it.
    if code == "Skipped" {
        return Some(Phase::Skipped);
    }
    model::Phase::of_code(code).map(phase_of)
}

/// The phase as `status` names it.
pub(super) const fn phase_of(phase: model::Phase) -> Phase {
    match phase {
        model::Phase::Pending => Phase::Pending,
        model::Phase::Running => Phase::Running,
        model::Phase::Succeeded => Phase::Succeeded,
        model::Phase::Cancelled => Phase::Cancelled,
        model::Phase::Failed => Phase::Failed,
        model::Phase::Error => Phase::Error,
    }
}
