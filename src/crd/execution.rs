//! `Execution` itself: names, columns, and what its author declares. Pure.

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use super::{element::Element, status::ExecutionStatus};

/// What to record: the engine, the elements and the other names of one execution of a DAG.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "dagtrail.dev",
    version = "v1alpha1",
    kind = "Execution",
    plural = "executions",
    namespaced,
    status = "ExecutionStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Execution declares one execution of a DAG whose events are to be recorded. It does not run anything: \
           Jobs and Pods join it by the labels dagtrail.dev/execution and dagtrail.dev/element, by selector, \
           by reference or by ownerReferences.",
    validation = Rule::new("size(self.metadata.name) <= 63")
        .message("the name is the value of the label dagtrail.dev/execution and has at most 63 characters"),
    printcolumn(
        name = "PHASE",
        type_ = "string",
        json_path = ".status.phase",
        description = "Where the execution stands"
    ),
    printcolumn(
        name = "EVENTS",
        type_ = "integer",
        json_path = ".status.events",
        description = "Events told of, repeats counted"
    ),
    printcolumn(
        name = "WARNINGS",
        type_ = "integer",
        json_path = ".status.warnings",
        description = "Events of type Warning, repeats counted"
    ),
    printcolumn(
        name = "LAST-REASON",
        type_ = "string",
        json_path = ".status.lastEvent.code",
        description = "Reason of the latest event"
    ),
    printcolumn(name = "AGE", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionSpec {
    /// Engine that runs the DAG, such as `KubeDAG`; the first half of every element's type.
    #[schemars(
        length(min = 1, max = 63),
        regex(pattern = r"^[A-Za-z][-A-Za-z0-9_]*$")
    )]
    #[x_kube(validation = Rule::new("self == oldSelf")
        .message("the engine of an execution cannot change: create another Execution"))]
    pub engine: String,

    /// Other ids under which events of this execution are told of and asked for, such as the id
    /// that the engine itself gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 253)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub aliases: Vec<String>,

    /// The elements of the DAG, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256))]
    #[x_kube(
        merge_strategy = ListMerge::Map(vec!["id".into()]),
        validation = Rule::new(
            "[self.map(e, e.id)].all(ids, \
             self.all(e, !has(e.dependsOn) || e.dependsOn.all(d, d in ids)))"
        )
            .message("dependsOn names an element that is not declared")
    )]
    pub elements: Vec<Element>,
}
