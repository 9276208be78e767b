//! One state of an Event, normalised: two APIs and many emitters write them in different ways. Pure.

use super::wire::{Event, Involved};
use crate::ingest::{Limits, MAX_COUNT};
use crate::model::{EventType, Time};
use crate::sources::derive::fit;

/// The longest code, type or name that is taken, in bytes; Kubernetes' own are at most 253.
const LONGEST_NAME: usize = 1024;
/// The code of an Event without a reason.
const NO_REASON: &str = "Unknown";
/// What the texts beside the message may need.
const ROOM_BESIDE: usize = 16 * 1024;

/// One state of an Event.
#[derive(Clone, Debug)]
pub(in crate::sources) struct Sighting {
    pub(in crate::sources) namespace: Box<str>,
    pub(in crate::sources) name: Box<str>,
    pub(in crate::sources) involved: Involved,
    /// The id, name and type of the node of an Argo Workflow that it is about.
    pub(super) node: Option<[Box<str>; 3]>,
    pub(super) event_type: Box<str>,
    pub(super) reason: Box<str>,
    pub(in crate::sources) message: Box<str>,
    pub(super) action: Box<str>,
    pub(super) reporter: Box<str>,
    pub(super) count: u64,
    /// Whether it counts on without saying so.
    pub(super) at_least: bool,
    pub(in crate::sources) first: Time,
    pub(super) last: Time,
}

impl Sighting {
    /// Reads an Event of core/v1.
    ///
    /// # Errors
    ///
    /// A sentence, if it is no JSON object of that shape or tells no time at all.
    pub(in crate::sources) fn parse(json: &str) -> Result<Self, String> {
        let event: Event = serde_json::from_str(json).map_err(|error| error.to_string())?;
        Self::of(event)
    }

    /// Its reason's code.
    pub(in crate::sources) fn code(&self) -> &str {
        match self.reason.trim() {
            "" => NO_REASON,
            reason => reason,
        }
    }

    /// Its type.
    pub(in crate::sources) fn event_type(&self) -> EventType {
        EventType::from_text(&self.event_type)
    }

    fn of(event: Event) -> Result<Self, String> {
        let Event {
            metadata, series, ..
        } = event;
        let series = series.as_ref();
        let created = metadata.creation_timestamp.0;
        let first = event.first_timestamp.0.or(event.event_time.0).or(created);
        let Some(first) = first else {
            return Err("it has no firstTimestamp, eventTime or creationTimestamp".into());
        };
        let last = series
            .and_then(|series| series.last_observed_time.0)
            .or(event.last_timestamp.0)
            .or(event.event_time.0)
            .or(created)
            .unwrap_or(first);
        let count = series
            .map_or(event.count, |series| series.count)
            .unwrap_or(1);
        let short = |text: &str| Box::from(fit(text, LONGEST_NAME));
        let reporter = if event.source.component.is_empty() {
            &event.reporting_component
        } else {
            &event.source.component
        };
        let mut involved = event.involved_object;
        involved.field_path = short(&involved.field_path);
        involved.name = short(&involved.name);
        let node = metadata.argo_node();
        Ok(Self {
            node: node.map(|(id, name, of)| [short(id), short(name), short(of)]),
            namespace: metadata.namespace,
            name: short(&metadata.name),
            involved,
            event_type: short(&event.event_type),
            reason: short(&event.reason),
            message: fit(&event.message, Limits::NATIVE.event - ROOM_BESIDE).into(),
            action: short(&event.action),
            reporter: short(reporter),
            // Its recorder writes the first repeat at once, the later ones half an hour later, or never.
            at_least: series.is_some(),
            count: u64::try_from(count).unwrap_or(1).clamp(1, MAX_COUNT),
            first,
            // Clocks of several emitters may disagree.
            last: last.max(first),
        })
    }
}
