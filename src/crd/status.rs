//! What the controller tells of an execution in `status`. Facts only, no words: the words are made
//! where they are read. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::phase::Phase;

/// Condition type: `True` when the execution succeeded, `False` when it ended otherwise, `Unknown`
/// until it ends.
pub const CONDITION_SUCCEEDED: &str = "Succeeded";

/// Condition type: `True` while the events of the execution are being recorded; `False` with a
/// reason where they cannot be.
pub const CONDITION_RECORDING: &str = "Recording";

/// The state of the execution as the committed events tell it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.phase) || self.phase != 'Skipped'")
    .message("only elements are skipped")
    .field_path(".phase"))]
pub struct ExecutionStatus {
    /// Where the execution stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,

    /// Where each element stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["id".into()]))]
    pub elements: Vec<ElementStatus>,

    /// How many events were told of, repeats counted.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub events: i64,

    /// How many of them were of type Warning, repeats counted.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub warnings: i64,

    /// The event with the latest time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event: Option<LastEvent>,

    /// When the first element started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,

    /// When the execution ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Time>,

    /// The `metadata.generation` of the spec that this status answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// The conditions `Succeeded` and `Recording`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}

/// The state of one element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ElementStatus {
    /// The `id` of the element in the spec.
    #[schemars(length(min = 1, max = 63))]
    pub id: String,

    /// Where the element stands.
    pub phase: Phase,

    /// When its first attempt started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,

    /// When its last attempt ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Time>,
}

/// The latest event of an execution, by code and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastEvent {
    /// Reason code of the event, such as `SuccessfulFinish`.
    pub code: String,

    /// When it was last seen.
    pub time: Time,
}
