//! This dialect's JSON: what is answered, and what is kept of an item beside the fields of an event. Pure.

use serde::{Deserialize, Serialize};

use super::datum::Scalar;

/// What became of a chunk.
#[derive(Debug, Default, Serialize)]
pub(super) struct Created {
    /// New events.
    pub(super) created: usize,
    /// Events that were sent before.
    pub(super) duplicates: usize,
    /// Events from before the deletion of their execution: they are not kept.
    #[serde(skip_serializing_if = "is_none")]
    pub(super) dropped: usize,
    /// Of each event, in order; `null` of one that was dropped.
    pub(super) ids: Vec<Option<Box<str>>>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_none(number: &usize) -> bool {
    *number == 0
}

/// An event as it is read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item<'a> {
    pub(super) id: String,
    pub(super) owner: &'a Scalar<'a>,
    pub(super) collection: &'a str,
    /// ISO 8601 in milliseconds, with `Z`.
    pub(super) start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<String>,
    pub(super) value: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) source: &'a str,
    pub(super) external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) batch: Option<&'a Scalar<'a>>,
    /// Of a row that others fold, how often it was seen; not of one that was seen once.
    #[serde(skip_serializing_if = "is_once")]
    pub(super) count: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_once(count: &u64) -> bool {
    *count <= 1
}

/// What was deleted.
#[derive(Debug, Serialize)]
pub(super) struct Deleted {
    pub(super) deleted: usize,
}

/// A new token.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Renewed<'a> {
    pub(super) token: String,
    /// The one that was sent: it goes on.
    pub(super) refresh_token: &'a str,
}

/// What the fields of an event do not hold of an item.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept<'a> {
    /// A text or a number, as it was given.
    #[serde(borrow)]
    pub(super) owner: Scalar<'a>,
    /// Whether an end was given.
    pub(super) end: bool,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) batch: Option<Scalar<'a>>,
}

/// Every error of every route.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorBody {
    pub(super) status_code: u16,
    pub(super) message: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'static str>,
}

/// One sentence, or one for each field at fault.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Message {
    One(String),
    Many(Vec<String>),
}
