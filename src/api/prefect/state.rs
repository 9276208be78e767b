//! What Prefect's state events are called in the catalogue. Pure.

use super::wire::Resource;
use crate::model::EventType;

/// The label with a state's type, which says what a state of another name is.
const TYPE: &str = "prefect.state-type";
/// The label with what a state says.
const MESSAGE: &str = "prefect.state-message";

/// The catalogue's code for an event of this name about this resource; `None` for what is no change of a run's state.
pub(super) fn code(event: &str, resource: &Resource) -> Option<&'static str> {
    let state = event
        .strip_prefix("prefect.flow-run.")
        .or_else(|| event.strip_prefix("prefect.task-run."))?;
    by_name(state).or_else(|| by_type(resource.get(TYPE)?))
}

fn by_name(state: &str) -> Option<&'static str> {
    Some(match state {
        "Scheduled" => "Created",
        "Pending" | "Late" | "AwaitingConcurrencySlot" => "Queued",
        "Running" => "ActionStart",
        "Completed" | "Cached" => "SuccessfulFinish",
        "Failed" => "FailedFinish",
        "Crashed" => "ErrorFinish",
        "TimedOut" => "TimedOut",
        "Cancelled" => "Cancelled",
        "Paused" | "Suspended" => "Suspended",
        "Resuming" => "Resumed",
        "Retrying" | "AwaitingRetry" => "Retrying",
        _ => return None,
    })
}

fn by_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "SCHEDULED" => "Created",
        "PENDING" => "Queued",
        "RUNNING" => "ActionStart",
        "COMPLETED" => "SuccessfulFinish",
        "FAILED" => "FailedFinish",
        "CRASHED" => "ErrorFinish",
        "CANCELLED" => "Cancelled",
        "PAUSED" => "Suspended",
        _ => return None,
    })
}

/// Whether it is something to look at.
pub(super) fn event_type(code: &str) -> EventType {
    match code {
        "FailedFinish" | "ErrorFinish" | "TimedOut" => EventType::Warning,
        _ => EventType::Normal,
    }
}

/// What the state says.
pub(super) fn detail(resource: &Resource) -> Option<&str> {
    resource
        .get(MESSAGE)
        .filter(|message| !message.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Phase;
    use crate::text::codes;

    #[test]
    fn every_state_has_words_and_those_that_end_a_run_end_it() {
        let none = Resource::default();
        for (event, phase) in [
            ("prefect.flow-run.Scheduled", Some(Phase::Pending)),
            ("prefect.flow-run.Pending", Some(Phase::Pending)),
            ("prefect.task-run.Running", Some(Phase::Running)),
            ("prefect.flow-run.Completed", Some(Phase::Succeeded)),
            ("prefect.task-run.Failed", Some(Phase::Failed)),
            ("prefect.flow-run.TimedOut", Some(Phase::Failed)),
            ("prefect.flow-run.Crashed", Some(Phase::Error)),
            ("prefect.flow-run.Cancelled", Some(Phase::Cancelled)),
            ("prefect.flow-run.Paused", Some(Phase::Pending)),
            ("prefect.flow-run.Retrying", None),
        ] {
            let code = code(event, &none).unwrap();
            assert_eq!(Phase::of_code(code), phase, "{event}");
            assert!(codes().any(|known| known == code), "{code} has no words");
        }
        for other in [
            "prefect.flow-run.heartbeat",
            "prefect.deployment.ready",
            "Completed",
        ] {
            assert_eq!(code(other, &none), None, "{other}");
        }
        let typed = Resource::of([(TYPE, "COMPLETED")]);
        assert_eq!(
            code("prefect.flow-run.AllGood", &typed),
            Some("SuccessfulFinish")
        );
        assert_eq!(code("prefect.flow.AllGood", &typed), None);
    }
}
