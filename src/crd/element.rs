//! One element of an execution, as its author declares it. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One element of the DAG and how the objects that carry it out are recognised.
///
/// Without `selector` and `objectRef` they are the Jobs and Pods of the namespace that carry the
/// labels `dagtrail.dev/execution` and `dagtrail.dev/element`, or that are owned by the Execution
/// and carry the latter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!(has(self.selector) && has(self.objectRef))")
        .message("selector and objectRef exclude each other: an element is bound by one of them, or by label"),
    validation = Rule::new("!has(self.dependsOn) || !(self.id in self.dependsOn)")
        .message("an element cannot depend on itself")
        .field_path(".dependsOn"),
    validation = Rule::new(
        "!has(self.selector) || (has(self.selector.matchLabels) && size(self.selector.matchLabels) > 0) \
         || (has(self.selector.matchExpressions) && size(self.selector.matchExpressions) > 0)"
    )
        .message("an empty selector would take every object of the namespace: give matchLabels or matchExpressions")
        .field_path(".selector")
)]
pub struct Element {
    /// Name of the element, unique within the execution; the value of the label
    /// `dagtrail.dev/element` on the objects that carry it out.
    #[schemars(
        length(min = 1, max = 63),
        regex(pattern = r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")
    )]
    pub id: String,

    /// Kind of element in the words of the engine, such as `init` or `job`. Timelines show it as
    /// `<engine>.<type>`.
    #[serde(rename = "type")]
    #[schemars(
        length(min = 1, max = 63),
        regex(pattern = r"^[A-Za-z][-A-Za-z0-9_.]*$")
    )]
    pub r#type: String,

    /// Ids of the elements that have to succeed before this one starts. An execution of 256
    /// elements may name some 3,000 in all; more is beyond what the API server checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 128), inner(length(min = 1, max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub depends_on: Vec<String>,

    /// Labels of the Jobs and Pods, in the namespace of the Execution, that carry the element out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,

    /// The one object, in the namespace of the Execution, that carries the element out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_ref: Option<ObjectRef>,
}

/// An object in the namespace of the Execution, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// Group and version of the object, such as `batch/v1`; `v1` for the core group.
    #[schemars(length(min = 1, max = 253))]
    pub api_version: String,

    /// Kind of the object, such as `Job`.
    #[schemars(length(min = 1, max = 63))]
    pub kind: String,

    /// Name of the object.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}
