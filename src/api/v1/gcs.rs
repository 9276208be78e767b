//! An execution in the shape in which the Gene Container Service shows one. Pure.
//!
//! Every documented key is there. What dagtrail does not record (it runs nothing: workflows, inputs, images, prices)
//! is an empty string.

use serde::Serialize;
use utoipa::ToSchema;

use super::resolve;
use super::summary::Summary;
use crate::model::{Execution, Phase, Time};
use crate::query::United;

/// An answer of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ExecutionList {
    /// The newest first.
    pub(super) executions: Vec<ExecutionView>,
    /// How many there are in all.
    pub(super) total_num: usize,
}

/// One execution.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ExecutionView {
    execution: Facts,
    object: Shown,
    /// Per node; not recorded.
    #[schema(value_type = Option<serde_json::Value>)]
    #[serde(skip_serializing_if = "Listed::is_left_out")]
    status: Listed,
    enterprise_project: Project,
    /// In the full view only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<Summary>,
}

/// A key that is `null` in a list and left out of a single answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Listed {
    /// In a list.
    Null,
    /// Alone.
    LeftOut,
}

impl Listed {
    const fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}

impl Serialize for Listed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ExecutionFacts)]
struct Facts {
    /// The execution's id.
    guid: String,
    name: String,
    namespace: String,
    cluster_name: &'static str,
    cluster_id: &'static str,
    /// The tenant.
    project_id: String,
    domain_id: &'static str,
    description: &'static str,
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Cancelled`.
    status: &'static str,
    workflow_id: &'static str,
    workflow_name: &'static str,
    workflow_scope: &'static str,
    inputs_json: &'static str,
    outputs_json: &'static str,
    image: &'static str,
    time_duration: &'static str,
    sfs_volume_name: &'static str,
    /// `<Engine>.<kind>`.
    jobs_type: String,
    target: &'static str,
    /// When it was created, else first told of.
    #[schema(format = "date-time")]
    create_at: String,
    /// When it was last told of.
    #[schema(format = "date-time")]
    update_at: String,
    label: &'static str,
    resources: &'static str,
    priority: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExecutionObject)]
struct Shown {
    kind: String,
    metadata: Metadata,
    spec: Spec,
    status: ObjectStatus,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExecutionMetadata)]
struct Metadata {
    name: String,
    namespace: String,
    uid: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExecutionSpec)]
struct Spec {
    /// `<Engine>.<kind>`.
    engine: String,
    /// Other ids of the same execution.
    aliases: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExecutionObjectStatus)]
#[serde(rename_all = "camelCase")]
struct ObjectStatus {
    action_name: &'static str,
    object_status: PhaseOnly,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExecutionPhase)]
struct PhaseOnly {
    /// As `execution.status`.
    phase: &'static str,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = EnterpriseProject)]
struct Project {
    id: &'static str,
    name: &'static str,
}

/// The documented word for a phase.
pub(super) const fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "Pending",
        Phase::Running => "Running",
        Phase::Succeeded => "Succeeded",
        Phase::Cancelled => "Cancelled",
        Phase::Failed | Phase::Error => "Failed",
    }
}

/// The documented words for states.
pub(super) const WORDS: [&str; 9] = [
    "Pending",
    "Running",
    "Succeeded",
    "Failed",
    "Cancelled",
    "Deleting",
    "Cancelling",
    "ForceCancelling",
    "Retrying",
];

/// What a documented word asks for: a phase, `None` for a state that no recorded execution is ever in, or the words
/// that there are.
pub(super) fn phase(word: &str) -> Result<Option<Phase>, String> {
    match word {
        "Pending" => Ok(Some(Phase::Pending)),
        "Running" => Ok(Some(Phase::Running)),
        "Succeeded" => Ok(Some(Phase::Succeeded)),
        "Failed" => Ok(Some(Phase::Failed)),
        "Cancelled" => Ok(Some(Phase::Cancelled)),
        word if WORDS.contains(&word) => Ok(None),
        _ => Err(WORDS.join(", ")),
    }
}

/// An execution as a line of a list.
pub(super) fn listed(execution: &Execution) -> ExecutionView {
    let aliases = execution.aliases.iter().map(ToString::to_string);
    view(
        execution,
        execution.status.phase,
        execution.last_told,
        aliases.collect(),
        Listed::Null,
    )
}

/// Several executions that are one, shown as the one that was asked for; `None` if there are none.
pub(super) fn united(united: &United, id: &str) -> Option<ExecutionView> {
    let shown = resolve::primary(united, id)?;
    let all = &united.executions;
    let mut aliases: Vec<String> = all
        .iter()
        .flat_map(|one| {
            one.aliases
                .iter()
                .map(ToString::to_string)
                .chain([one.key.id.to_string()])
        })
        .filter(|alias| **alias != *shown.key.id)
        .collect();
    aliases.sort_unstable();
    aliases.dedup();
    let status = all.iter().map(|one| one.status).max()?;
    let told = all.iter().map(|one| one.last_told).max()?;
    Some(view(shown, status.phase, told, aliases, Listed::LeftOut))
}

fn view(
    execution: &Execution,
    phase: Phase,
    told: Time,
    aliases: Vec<String>,
    status: Listed,
) -> ExecutionView {
    let identity = &execution.identity;
    let phase = word(phase);
    let namespace = if identity.namespace.is_empty() {
        &execution.key.tenant
    } else {
        &*identity.namespace
    };
    ExecutionView {
        execution: Facts {
            guid: execution.key.id.to_string(),
            name: identity.name.to_string(),
            namespace: namespace.to_string(),
            project_id: execution.key.tenant.to_string(),
            status: phase,
            jobs_type: identity.engine.to_string(),
            create_at: execution.created.unwrap_or(execution.told).to_seconds(),
            update_at: told.to_seconds(),
            ..Facts::default()
        },
        object: Shown {
            kind: identity.kind.to_string(),
            metadata: Metadata {
                name: identity.name.to_string(),
                namespace: namespace.to_string(),
                uid: execution.key.id.to_string(),
            },
            spec: Spec {
                engine: identity.engine.to_string(),
                aliases,
            },
            status: ObjectStatus {
                action_name: "",
                object_status: PhaseOnly { phase },
            },
        },
        status,
        enterprise_project: Project::default(),
        summary: None,
    }
}
