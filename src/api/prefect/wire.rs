//! An event as Prefect's wire knows it. Pure.

use indexmap::IndexMap;
use rapidhash::fast::RandomState;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::when;
use crate::model::Time;

/// The label that names a resource.
pub(super) const ID: &str = "prefect.resource.id";
/// The label that says what a related resource is to the event.
pub(super) const ROLE: &str = "prefect.resource.role";
/// The label with a resource's name for people.
pub(super) const NAME: &str = "prefect.resource.name";

/// A resource: its labels in the order in which they were told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resource(pub(super) IndexMap<Box<str>, Box<str>, RandomState>);

impl Resource {
    /// Of labels that hold the resource's id.
    pub(super) fn of<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let labels = labels.into_iter();
        Self(
            labels
                .map(|(label, value)| (label.into(), value.into()))
                .collect(),
        )
    }

    /// A label's value.
    pub(super) fn get(&self, label: &str) -> Option<&str> {
        self.0.get(label).map(|value| &**value)
    }

    /// Its id; every resource has one.
    pub(super) fn id(&self) -> &str {
        self.get(ID).unwrap_or_default()
    }

    /// What it is to the event; empty for the primary one.
    pub(super) fn role(&self) -> &str {
        self.get(ROLE).unwrap_or_default()
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (label, value) in &self.0 {
            map.serialize_entry(label, value)?;
        }
        map.end()
    }
}

/// An event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) occurred: Time,
    pub(super) event: Box<str>,
    pub(super) resource: Resource,
    pub(super) related: Vec<Resource>,
    /// An object, as its sender wrote it.
    pub(super) payload: Box<RawValue>,
    pub(super) id: Uuid,
    pub(super) follows: Option<Uuid>,
    /// When it came in.
    pub(super) received: Time,
}

impl Event {
    /// All resources: the primary one, then the related ones.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Resource> {
        std::iter::once(&self.resource).chain(&self.related)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(8))?;
        map.serialize_entry("occurred", &when::written(self.occurred))?;
        map.serialize_entry("event", &self.event)?;
        map.serialize_entry("resource", &self.resource)?;
        map.serialize_entry("related", &self.related)?;
        map.serialize_entry("payload", &self.payload)?;
        map.serialize_entry("id", &self.id.to_string())?;
        map.serialize_entry("follows", &self.follows.map(|id| id.to_string()))?;
        map.serialize_entry("received", &when::written(self.received))?;
        map.end()
    }
}

/// An object without members.
pub(super) fn no_payload() -> Box<RawValue> {
    RawValue::from_string("{}".into()).expect("it is JSON")
}
