//! The lines of a file. What changes here changes the format. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sum::Counts;

pub(super) type Text<'a> = Cow<'a, str>;
pub(super) type Pairs<'a> = BTreeMap<Text<'a>, Text<'a>>;

/// What the header calls itself.
pub(super) const NAME: &str = "dagtrail";

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeaderLine {
    pub(super) export: String,
    pub(super) format: u32,
    /// Of the dagtrail that wrote it.
    pub(super) version: String,
    /// What was asked for; nothing: all there was.
    #[serde(default, skip_serializing_if = "Of::is_all")]
    pub(super) of: Of,
}

/// How much of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Of {
    /// The namespaces that whoever asked may read, if not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) readable: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
    /// Pairs of namespace and id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) executions: Option<Vec<(String, String)>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
}

impl Of {
    fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine {
    pub(super) end: End,
}

/// How much there was, and the checksum over all lines before, line breaks included.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) counts: Counts,
    pub(super) sha256: String,
}

/// How every end begins, and no other line.
pub(super) const END: &[u8] = b"{\"end\":";

/// A line between the first and the last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Line<'a> {
    /// The rows, ids and samples that follow are its own.
    Execution(ExecutionLine<'a>),
    Row(Box<RowLine<'a>>),
    /// Pairs of a digest and the time it was told at.
    Ids(Vec<(String, String)>),
    Sample(SampleLine<'a>),
    Tombstone(TombstoneLine<'a>),
    Correlation(CorrelationLine<'a>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExecutionLine<'a> {
    pub(super) tenant: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) engine: Text<'a>,
    pub(super) group: Text<'a>,
    pub(super) kind: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) created: Option<String>,
    pub(super) told: String,
    pub(super) last_told: String,
    pub(super) phase: Text<'a>,
    /// Since when, if that was told.
    pub(super) since: Option<String>,
    pub(super) aliases: Vec<Text<'a>>,
    pub(super) pruned_before: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RowLine<'a> {
    pub(super) id: String,
    pub(super) folds: bool,
    pub(super) key: KeyLine<'a>,
    /// Each text once, by digest.
    pub(super) bodies: Vec<BodyLine<'a>>,
    pub(super) origins: Vec<OriginLine<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyLine<'a> {
    pub(super) element: Text<'a>,
    pub(super) elem_type: Text<'a>,
    pub(super) action: Text<'a>,
    #[serde(rename = "type")]
    pub(super) event_type: Text<'a>,
    pub(super) code: Text<'a>,
    pub(super) involved_uid: Text<'a>,
    pub(super) field_path: Text<'a>,
    /// None: combined from similar events.
    pub(super) message: Option<Text<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BodyLine<'a> {
    pub(super) reason: Text<'a>,
    pub(super) message: Text<'a>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) params: Pairs<'a>,
    pub(super) elem_id: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) involved: InvolvedLine<'a>,
    pub(super) reporter: Text<'a>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) labels: Pairs<'a>,
    /// JSON as text, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) at_least: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) wire: Option<WireLine<'a>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InvolvedLine<'a> {
    pub(super) kind: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) name: Text<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireLine<'a> {
    pub(super) dialect: Text<'a>,
    pub(super) item: Text<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OriginLine<'a> {
    pub(super) origin: String,
    /// The lowest count that it has told; 0 of the sum of what was told once.
    pub(super) lowest: u64,
    pub(super) count: u64,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) name: Text<'a>,
    /// Which of the bodies.
    pub(super) body: usize,
    pub(super) body_count: u64,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(super) origins: u64,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) at_least: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) unobserved: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) seen: Vec<(u64, u64)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleLine<'a> {
    pub(super) element: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) at: String,
    /// JSON as text.
    pub(super) value: Text<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TombstoneLine<'a> {
    pub(super) tenant: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) at: String,
    pub(super) last_told: String,
    /// Whether the execution has begun anew since.
    pub(super) risen: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CorrelationLine<'a> {
    pub(super) uid: Text<'a>,
    pub(super) tenant: Text<'a>,
    pub(super) execution: Text<'a>,
    pub(super) element: Text<'a>,
    pub(super) elem_id: Text<'a>,
    pub(super) elem_type: Text<'a>,
    pub(super) seen: String,
}

const fn one() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
const fn is_one(number: &u64) -> bool {
    *number == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
