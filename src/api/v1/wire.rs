//! The native dialect's JSON: events as they are read and written, results, errors. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{object, whole};
use crate::model::Seconds;

/// An event as it is read: always these eleven keys, in this order; what is not known is an empty string.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(super) struct Event<'a> {
    /// The event's own name.
    pub(super) metadata: Named<'a>,
    /// What it is about.
    pub(super) involved_object: Named<'a>,
    /// Why: `执行成功##SuccessfulFinish`, or one half of it if one language was asked for.
    #[schema(example = "执行成功##SuccessfulFinish")]
    pub(super) reason: Cow<'a, str>,
    /// What happened: Chinese, ` ## `, English, or one half of it.
    pub(super) message: Cow<'a, str>,
    /// When it was first seen, in whole seconds.
    #[schema(value_type = String, format = "date-time", example = "2018-08-20T06:41:44Z")]
    #[serde(serialize_with = "seconds")]
    pub(super) first_timestamp: Seconds,
    /// When it was last seen, in whole seconds.
    #[schema(value_type = String, format = "date-time", example = "2018-08-20T06:41:44Z")]
    #[serde(serialize_with = "seconds")]
    pub(super) last_timestamp: Seconds,
    /// How often it was seen.
    #[schema(minimum = 1)]
    pub(super) count: u64,
    /// `Normal` or `Warning`; what another emitter wrote is kept.
    #[serde(rename = "type")]
    #[schema(example = "Normal")]
    pub(super) event_type: &'a str,
    /// `<Engine>.<kind>` of the element.
    #[schema(example = "KubeDAG.init")]
    pub(super) elem_type: &'a str,
    /// The element's name.
    #[schema(example = "job-a-init")]
    pub(super) elem_id: &'a str,
    /// The action.
    #[schema(example = "create")]
    pub(super) action_name: &'a str,
}

fn seconds<S: Serializer>(time: &Seconds, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(time.as_str())
}

/// An event in the full view: the eleven keys, and what else is known.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FullEvent)]
pub(super) struct Full<'a> {
    /// The eleven keys.
    #[serde(flatten)]
    pub(super) event: &'a Event<'a>,
    /// The row's id: the same for every watcher and after every restart.
    pub(super) uid: String,
    /// How many have told it: Events that were folded, transitions, posted items.
    #[schema(minimum = 1)]
    pub(super) origins: u64,
    /// The component that reported it; `dagtrail` for what is derived from a status, empty for what a client posted.
    #[schema(example = "kubelet")]
    pub(super) reporter: &'a str,
    /// The words as their source gave them.
    pub(super) original: Original<'a>,
    /// Whether the true count may be higher.
    pub(super) count_lower_bound: bool,
    /// Of combined Events: occurrences that are counted and whose message nobody has seen.
    pub(super) unobserved: u64,
    /// Whether it combines Events that differ, `(combined from similar events)`.
    pub(super) aggregated: bool,
    /// Whether it says that something may be missing from first to last time.
    pub(super) gap: bool,
    /// Whether a status tells this end of an element of which no Event was seen.
    pub(super) status_only: bool,
    /// Whether an Event tells this end of an element whose status tells of none.
    pub(super) event_only: bool,
    /// Labels.
    pub(super) labels: &'a BTreeMap<Box<str>, Box<str>>,
    /// JSON that a client attached, as it was given; only a line break between its tokens becomes a space.
    #[schema(value_type = Option<serde_json::Value>)]
    pub(super) payload: Option<&'a RawValue>,
    /// On the last row of an element: what was measured of it, by name, the latest of each. Else empty.
    pub(super) samples: &'a BTreeMap<&'a str, Measured<'a>>,
}

/// A measured value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Measured)]
pub(super) struct Measured<'a> {
    /// When, by its source's clock.
    #[schema(format = "date-time", example = "2026-11-21T00:00:00.5Z")]
    pub(super) at: String,
    /// The value: any JSON.
    #[schema(value_type = serde_json::Value)]
    pub(super) value: &'a RawValue,
}

/// A measured value of an element.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sample)]
pub(super) struct MeasuredOf<'a> {
    /// The element's name; empty of the execution itself.
    #[schema(example = "wordcount-vm-2015")]
    pub(super) elem_id: &'a str,
    /// What was measured.
    #[schema(example = "workerMetrics")]
    pub(super) name: &'a str,
    #[serde(flatten)]
    pub(super) measured: Measured<'a>,
}

/// Words as their source gave them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Original)]
pub(super) struct Original<'a> {
    /// Empty of what was derived.
    pub(super) reason: &'a str,
    /// Empty where the message is made from code and parameters.
    pub(super) message: &'a str,
}

/// A row as it was asked for.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Shown<'a> {
    /// Without `view`.
    Event(&'a Event<'a>),
    /// With `view=full`.
    Full(&'a Full<'a>),
}

/// Derived, it would be one of the two and not the other; but the full view is an event, too.
impl PartialSchema for Shown<'_> {
    fn schema() -> RefOr<Schema> {
        let both = ["Event", "FullEvent"].map(Ref::from_schema_name);
        let any = both
            .into_iter()
            .fold(AnyOfBuilder::new(), AnyOfBuilder::item);
        any.description(Some(
            "The full view with `view=full`, else the eleven keys.",
        ))
        .into()
    }
}

impl ToSchema for Shown<'_> {
    fn name() -> Cow<'static, str> {
        "AnyEvent".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("Event".into(), Event::schema()));
        schemas.push(("FullEvent".into(), Full::schema()));
        Event::schemas(schemas);
        Full::schemas(schemas);
    }
}

/// A name in a namespace.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Named)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
}

/// The keys of an event as it is posted. Lengths are in bytes of UTF-8.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewEventKeys)]
pub(super) struct NewEvent {
    /// Its name; without one, `<involved object, else execution>.<hexadecimal nanoseconds of the first time>`.
    #[serde(default, deserialize_with = "object::read")]
    pub(super) metadata: Option<NewNamed>,
    /// What it is about.
    #[serde(default, deserialize_with = "object::read")]
    pub(super) involved_object: Option<NewNamed>,
    /// The reason's code, or a pair as it is read.
    #[schema(value_type = String, example = "ActionStart", min_length = 1, max_length = 1024, pattern = r"\S")]
    pub(super) reason: Option<Box<str>>,
    /// The message. Without one the catalogue makes one where it knows the code.
    #[schema(value_type = Option<String>)]
    pub(super) message: Option<Box<str>>,
    /// RFC 3339, up to nanoseconds, from 1678 to 2261; without it, the last.
    #[schema(value_type = Option<String>, format = "date-time", pattern = r"^(167[89]|16[89][0-9]|1[7-9][0-9]{2}|2[01][0-9]{2}|22[0-5][0-9]|226[01])-")]
    pub(super) first_timestamp: Option<Box<str>>,
    /// RFC 3339, up to nanoseconds, from 1678 to 2261; without it, the first.
    #[schema(value_type = Option<String>, format = "date-time", pattern = r"^(167[89]|16[89][0-9]|1[7-9][0-9]{2}|2[01][0-9]{2}|22[0-5][0-9]|226[01])-")]
    pub(super) last_timestamp: Option<Box<str>>,
    /// How often; without it, once.
    #[serde(default, deserialize_with = "whole::read")]
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    pub(super) count: Option<i64>,
    /// `Normal` or `Warning`, in any case; without it `Normal`.
    #[serde(rename = "type")]
    #[schema(value_type = Option<String>, pattern = "^([Nn][Oo][Rr][Mm][Aa][Ll]|[Ww][Aa][Rr][Nn][Ii][Nn][Gg])$")]
    pub(super) event_type: Option<Box<str>>,
    /// `<Engine>.<kind>` of the element.
    #[schema(value_type = Option<String>, max_length = 1024)]
    pub(super) elem_type: Option<Box<str>>,
    /// The element's name.
    #[schema(value_type = Option<String>, max_length = 1024)]
    pub(super) elem_id: Option<Box<str>>,
    /// The action.
    #[schema(value_type = Option<String>, max_length = 1024)]
    pub(super) action_name: Option<Box<str>>,
    /// The client's own id of this telling: sent again within seven days it is a duplicate, whatever else it says.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 1024)]
    pub(super) id: Option<Box<str>>,
    /// Labels.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub(super) labels: Option<BTreeMap<Box<str>, Box<str>>>,
    /// Any JSON; it is kept byte for byte.
    #[schema(value_type = Option<serde_json::Value>)]
    pub(super) payload: Option<Box<RawValue>>,
}

/// A name in a namespace, as it is posted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNamed {
    #[schema(value_type = Option<String>, max_length = 1024)]
    pub(super) name: Option<Box<str>>,
    #[schema(value_type = Option<String>, max_length = 1024)]
    pub(super) namespace: Option<Box<str>>,
}

/// What became of a post: one result for each item, in order, and how many of each.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(in crate::api) struct Posted {
    pub(super) results: Vec<ItemResult>,
    /// New rows.
    pub(super) created: usize,
    /// Rows that were there and have grown.
    pub(super) merged: usize,
    /// Items that said nothing new.
    pub(super) duplicate: usize,
    /// Items that were not stored.
    pub(super) invalid: usize,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ItemResult {
    /// Which, from 0.
    pub(super) index: usize,
    /// What became of it.
    pub(super) status: ItemStatus,
    /// The item's `metadata.name`, given or made. A row that folds keeps the name of its earliest telling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// The position of the change in the server's sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seq: Option<u64>,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
}

/// What can become of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ItemStatus {
    /// A new row.
    Created,
    /// A row that was there has grown.
    Merged,
    /// It said nothing new.
    Duplicate,
    /// It was not stored.
    Invalid,
}

/// Every error of every route.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ErrorBody {
    /// What is wrong, in words, and with which field.
    pub(super) error_msg: String,
    /// `GCS.<status><four digits>`.
    #[schema(example = "GCS.4040001")]
    pub(super) error_code: String,
    /// Of a post of which nothing was stored: what is wrong with its items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) results: Option<Vec<ItemResult>>,
}
