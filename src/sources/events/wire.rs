//! An Event of core/v1, as far as it is read. Pure.
//!
//! Nothing in it is certain: core/v1 accepts an empty reason, any type, null times and counts.

use serde::Deserialize;

use crate::sources::object::{Meta, Stamp, or_default};

/// What the API server sends.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Event {
    pub(super) metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub(super) involved_object: Involved,
    #[serde(deserialize_with = "or_default")]
    pub(super) reason: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) message: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) source: Component,
    pub(super) first_timestamp: Stamp,
    pub(super) last_timestamp: Stamp,
    pub(super) count: Option<i64>,
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub(super) event_type: Box<str>,
    pub(super) event_time: Stamp,
    pub(super) series: Option<Series>,
    #[serde(deserialize_with = "or_default")]
    pub(super) action: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(super) reporting_component: Box<str>,
}

/// `involvedObject`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::sources) struct Involved {
    #[serde(deserialize_with = "or_default")]
    pub(in crate::sources) api_version: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::sources) kind: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::sources) namespace: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::sources) name: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::sources) uid: Box<str>,
    #[serde(deserialize_with = "or_default")]
    pub(in crate::sources) field_path: Box<str>,
}

/// `source`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Component {
    #[serde(deserialize_with = "or_default")]
    pub(super) component: Box<str>,
}

/// `series`: how an Event of the newer API counts.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Series {
    pub(super) count: Option<i64>,
    pub(super) last_observed_time: Stamp,
}
