//! Where an event belongs: which execution's history, and which element of it. Pure.

use std::borrow::Cow;

use uuid::Uuid;

use super::wire::{Event, NAME, Resource};
use crate::model::Digester;

const FLOW_RUN: &str = "prefect.flow-run.";
const TASK_RUN: &str = "prefect.task-run.";
/// The role in which an event's flow run stands.
const OWNER: &str = "flow-run";
/// Longer ids of resources are no ids of executions and elements; bytes.
const ID: usize = 1024;

/// Where an event belongs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The execution's id.
    pub(super) execution: String,
    /// Whether the execution is a flow run.
    pub(super) is_run: bool,
    /// The execution's name, where the event tells it.
    pub(super) name: Option<Box<str>>,
    /// The element's id; empty for what is about the execution itself.
    pub(super) element: String,
    /// The element's name.
    pub(super) elem_id: String,
    /// `Prefect.<kind>`.
    pub(super) elem_type: String,
}

/// The uuid of a run of this kind that a resource is.
fn run<'a>(resource: &'a Resource, kind: &str) -> Option<Uuid> {
    let id: Option<&'a str> = resource.id().strip_prefix(kind);
    Uuid::parse_str(id?).ok()
}

/// To its flow run, if any resource is one: of several the first in the role of a flow run, then the primary one. Else to
/// its primary resource. A task run is its element, else the primary resource, unless that is the execution.
pub(super) fn place(event: &Event) -> Place {
    let related = || event.related.iter();
    let owner = related()
        .find(|resource| resource.role() == OWNER && run(resource, FLOW_RUN).is_some())
        .or_else(|| {
            event
                .resources()
                .find(|resource| run(resource, FLOW_RUN).is_some())
        });
    let whole = owner.unwrap_or(&event.resource);
    let execution = match owner.and_then(|owner| run(owner, FLOW_RUN)) {
        Some(uuid) => uuid.to_string(),
        None => short(whole.id()).into_owned(),
    };
    let task = event
        .resources()
        .find_map(|resource| Some((resource, run(resource, TASK_RUN)?)));
    let (part, element) = match task {
        Some((task, uuid)) => (task, uuid.to_string()),
        None if event.resource.id() == whole.id() => (whole, String::new()),
        None => (&event.resource, short(event.resource.id()).into_owned()),
    };
    let elem_id = part
        .get(NAME)
        .filter(|name| !name.is_empty() && name.len() <= ID);
    Place {
        is_run: owner.is_some(),
        name: whole
            .get(NAME)
            .filter(|name| !name.is_empty())
            .map(Into::into),
        elem_id: elem_id.map_or_else(|| short(part.id()).into_owned(), str::to_owned),
        elem_type: format!("Prefect.{}", kind(part.id())),
        execution,
        element,
    }
}

/// What kind of thing an id of Prefect's names.
fn kind(id: &str) -> &str {
    let named = id
        .strip_prefix("prefect.")
        .and_then(|rest| rest.split_once('.'));
    match named {
        Some((kind, _)) if !kind.is_empty() && kind.len() <= 64 => kind,
        _ => "resource",
    }
}

fn short(id: &str) -> Cow<'_, str> {
    if id.len() <= ID {
        return Cow::Borrowed(id);
    }
    let digest = Digester::new("prefect resource").text(id).finish();
    Cow::Owned(format!("prefect-resource.{digest}"))
}

#[cfg(test)]
mod tests {
    use super::super::wire::{ID, ROLE, no_payload};
    use super::*;
    use crate::model::Time;

    const ONE: &str = "5d6f0c7e-0000-4000-8000-000000000001";
    const TWO: &str = "5d6f0c7e-0000-4000-8000-000000000002";

    fn placed(primary: &str, related: &[(&str, &str)]) -> (String, String, String) {
        let related = related.iter();
        let place = place(&Event {
            occurred: Time(0),
            event: "e".into(),
            resource: Resource::of([(ID, primary)]),
            related: related
                .map(|(id, role)| Resource::of([(ID, *id), (ROLE, *role)]))
                .collect(),
            payload: no_payload(),
            id: Uuid::nil(),
            follows: None,
            received: Time(0),
        });
        (place.execution, place.element, place.elem_type)
    }

    #[test]
    fn an_event_belongs_to_its_flow_run_and_a_task_run_is_its_element() {
        let flow = |id: &str| format!("{FLOW_RUN}{id}");
        let task = format!("{TASK_RUN}{TWO}");
        for (primary, related, execution, element, elem_type) in [
            (flow(ONE).as_str(), &[][..], ONE, "", "Prefect.flow-run"),
            (&flow(&ONE.to_uppercase()), &[], ONE, "", "Prefect.flow-run"),
            (
                &task,
                &[(flow(ONE).as_str(), OWNER)],
                ONE,
                TWO,
                "Prefect.task-run",
            ),
            (
                "model.7",
                &[(flow(ONE).as_str(), "parent"), (task.as_str(), "task-run")],
                ONE,
                TWO,
                "Prefect.task-run",
            ),
            (
                "model.7",
                &[(flow(ONE).as_str(), "parent"), (flow(TWO).as_str(), OWNER)],
                TWO,
                "model.7",
                "Prefect.resource",
            ),
            (
                &flow(ONE),
                &[(flow(TWO).as_str(), OWNER)],
                TWO,
                &flow(ONE),
                "Prefect.flow-run",
            ),
            (
                &flow(ONE),
                &[(flow(TWO).as_str(), "parent")],
                ONE,
                "",
                "Prefect.flow-run",
            ),
            (
                "prefect.deployment.7",
                &[("u.1", "actor")],
                "prefect.deployment.7",
                "",
                "Prefect.deployment",
            ),
            (
                "prefect.flow-run.no-uuid",
                &[],
                "prefect.flow-run.no-uuid",
                "",
                "Prefect.flow-run",
            ),
        ] {
            let told = (execution.into(), element.into(), elem_type.into());
            assert_eq!(placed(primary, related), told, "{primary} {related:?}");
        }
        let (execution, ..) = placed(&"x".repeat(2000), &[]);
        assert!(execution.starts_with("prefect-resource.") && execution.len() < 64);
    }
}
