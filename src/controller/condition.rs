//! The conditions `Succeeded` and `Recording`. Codes only: the words are made where they are read. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

use crate::crd::{CONDITION_RECORDING, CONDITION_SUCCEEDED, Phase};

/// What the conditions are made from, besides what they tell.
#[derive(Debug)]
pub(super) struct Conditions<'a> {
    /// Those that are there: a time of transition stays until the status changes.
    pub(super) previous: &'a [Condition],
    /// Of the declaration.
    pub(super) generation: Option<i64>,
    /// When the Execution was created.
    pub(super) created: Option<Timestamp>,
    /// The time now, where no event tells when.
    pub(super) now: Timestamp,
}

/// Where a condition stands in the list.
pub(super) fn place(of_type: &str) -> usize {
    usize::from(of_type != CONDITION_SUCCEEDED)
}

/// Whether the controller writes it.
pub(super) fn is_ours(of_type: &str) -> bool {
    [CONDITION_SUCCEEDED, CONDITION_RECORDING].contains(&of_type)
}

impl Conditions<'_> {
    /// Whether the execution ended as it should. The reason is the phase.
    pub(super) fn succeeded(
        &self,
        phase: Phase,
        started: Option<Timestamp>,
        finished: Option<Timestamp>,
    ) -> Condition {
        let (status, reason) = match phase {
            Phase::Pending => ("Unknown", "Pending"),
            Phase::Running => ("Unknown", "Running"),
            Phase::Succeeded | Phase::Skipped => ("True", "Succeeded"),
            Phase::Failed => ("False", "Failed"),
            Phase::Error => ("False", "Error"),
            Phase::Cancelled => ("False", "Cancelled"),
        };
        let since = match (phase.is_terminal(), self.previous(CONDITION_SUCCEEDED)) {
            (true, _) => finished,
            // It is tried again; when, is only known if it has started for the first time.
            (false, Some(_)) => None,
            (false, None) => started.or(self.created),
        };
        self.condition(CONDITION_SUCCEEDED, status, reason, since)
    }

    /// Whether its events are recorded.
    pub(super) fn recording(&self, known: bool) -> Condition {
        let recorded = self
            .previous(CONDITION_RECORDING)
            .is_some_and(|previous| previous.status != "Unknown");
        let (status, reason) = match (known, recorded) {
            (true, _) => ("True", "Recorded"),
            (false, true) => ("False", "HistoryGone"),
            (false, false) => ("Unknown", "NothingTold"),
        };
        self.condition(CONDITION_RECORDING, status, reason, None)
    }

    fn previous(&self, of_type: &str) -> Option<&Condition> {
        self.previous.iter().find(|known| known.type_ == of_type)
    }

    fn condition(
        &self,
        of_type: &str,
        status: &str,
        reason: &str,
        since: Option<Timestamp>,
    ) -> Condition {
        let unchanged = self
            .previous(of_type)
            .filter(|previous| previous.status == status);
        Condition {
            type_: of_type.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            message: String::new(),
            observed_generation: self.generation,
            last_transition_time: unchanged.map_or_else(
                || Time(since.unwrap_or(self.now)),
                |previous| previous.last_transition_time.clone(),
            ),
        }
    }
}
