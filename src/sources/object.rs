//! What is read of any object's metadata. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::crd::label;
use crate::model::Time;

/// Further ids of one execution that are taken from one object; more are ignored.
const MOST_ALIASES: usize = 64;
/// The longest id that is taken, in bytes.
const LONGEST_ALIAS: usize = 1024;
/// Prefect's own link from a Kubernetes object to its flow run.
const PREFECT_FLOW_RUN: &str = "prefect.io/flow-run-id";

/// A time as the API server writes it; absent, null and unreadable are `None`: a broken time must not cost the
/// whole object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Stamp(pub(super) Option<Time>);

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.and_then(|text| Time::parse(&text).ok())))
    }
}

/// Reads null as the default, as Go's decoder does.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `metadata`, as far as it is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Meta {
    pub(super) name: Box<str>,
    pub(super) namespace: Box<str>,
    pub(super) uid: Box<str>,
    pub(super) creation_timestamp: Stamp,
    pub(super) deletion_timestamp: Stamp,
    pub(super) deletion_grace_period_seconds: Option<u32>,
    #[serde(deserialize_with = "or_default")]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    annotations: Annotations,
    #[serde(deserialize_with = "or_default")]
    pub(super) owner_references: Vec<Owner>,
    #[serde(deserialize_with = "or_default")]
    managed_fields: Vec<Managed>,
}

/// The annotations that are read; others may be large.
#[derive(Clone, Debug, Default, Deserialize)]
struct Annotations {
    #[serde(rename = "dagtrail.dev/aliases")]
    aliases: Option<Box<str>>,
    #[serde(rename = "workflows.argoproj.io/node-id")]
    argo_node_id: Option<Box<str>>,
    #[serde(rename = "workflows.argoproj.io/node-name")]
    argo_node_name: Option<Box<str>>,
    #[serde(rename = "workflows.argoproj.io/node-type")]
    argo_node_type: Option<Box<str>>,
    #[serde(rename = "volcano.sh/task-spec")]
    volcano_task: Option<Box<str>>,
}

/// One of `ownerReferences`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Owner {
    pub(super) api_version: Box<str>,
    pub(super) kind: Box<str>,
    pub(super) name: Box<str>,
    pub(super) uid: Box<str>,
    controller: Option<bool>,
}

/// One of `managedFields`: when whom the API server saw writing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Managed {
    subresource: Option<Box<str>>,
    time: Stamp,
}

impl Meta {
    /// What is needed to claim the object later.
    pub(super) fn slim(&self) -> Self {
        Self {
            annotations: Annotations::default(),
            managed_fields: Vec::new(),
            ..self.clone()
        }
    }

    /// The owner that controls the object.
    pub(super) fn controller(&self) -> Option<&Owner> {
        self.owner_references
            .iter()
            .find(|owner| owner.controller == Some(true))
    }

    /// The owner that controls the object and may be, or belong to, an execution; with what it is.
    pub(super) fn known_controller(&self) -> Option<(Kind, &Owner)> {
        let owner = self.controller()?;
        let kind = Kind::of(&owner.api_version, &owner.kind)?;
        (kind != Kind::Execution && kind != Kind::Workload).then_some((kind, owner))
    }

    /// The name of the CronJob that has made it.
    pub(super) fn cron_job(&self) -> Option<&str> {
        let owner = self.controller()?;
        let is = &*owner.kind == "CronJob" && owner.api_version.starts_with("batch/");
        is.then_some(&*owner.name)
    }

    /// The task of a Volcano Job that a Pod runs; older versions only annotate it.
    pub(super) fn volcano_task(&self) -> Option<&str> {
        label_of(&self.labels, "volcano.sh/task-spec").or(self.annotations.volcano_task.as_deref())
    }

    /// The node of an Argo Workflow that a Pod runs, or that an Event is about: its id, and its name and type if
    /// they are told.
    pub(super) fn argo_node(&self) -> Option<(&str, &str, &str)> {
        let noted = &self.annotations;
        let id = noted.argo_node_id.as_deref().filter(|id| !id.is_empty())?;
        let name = noted.argo_node_name.as_deref().unwrap_or_default();
        let of = noted.argo_node_type.as_deref().unwrap_or_default();
        Some((id, name, of))
    }

    /// The owner that is an Execution of ours; it need not be the controller.
    pub(super) fn execution_owner(&self) -> Option<&Owner> {
        self.owner_references
            .iter()
            .find(|owner| Kind::of(&owner.api_version, &owner.kind) == Some(Kind::Execution))
    }

    /// When the status was last written, by the API server's clock.
    pub(super) fn status_written(&self) -> Option<Time> {
        self.managed_fields
            .iter()
            .filter(|entry| entry.subresource.as_deref() == Some("status"))
            .filter_map(|entry| entry.time.0)
            .max()
    }

    /// When anything of it was last written, by the API server's clock: of a kind without a status subresource that
    /// is the best that is known.
    pub(super) fn written(&self) -> Option<Time> {
        let written = self.managed_fields.iter();
        written.filter_map(|entry| entry.time.0).max()
    }

    /// When its deletion was asked for: the deadline in `deletionTimestamp` less the grace period.
    pub(super) fn deletion_asked(&self) -> Option<Time> {
        let grace = u64::from(self.deletion_grace_period_seconds.unwrap_or(0));
        let deadline = self.deletion_timestamp.0?;
        Some(deadline.before(std::time::Duration::from_secs(grace)))
    }

    /// Other ids of the object's execution.
    pub(super) fn aliases(&self) -> Vec<Box<str>> {
        let listed = self.annotations.aliases.as_deref().unwrap_or_default();
        let flow_run = self.labels.get(PREFECT_FLOW_RUN).map(String::as_str);
        fit_aliases(listed.split(',').chain(flow_run))
    }

    /// The execution that the object's label names.
    pub(super) fn labelled_execution(&self) -> Option<&str> {
        label_of(&self.labels, label::EXECUTION)
    }

    /// The element that the object's label names.
    pub(super) fn labelled_element(&self) -> Option<&str> {
        label_of(&self.labels, label::ELEMENT)
    }
}

pub(super) fn label_of<'a>(labels: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    labels
        .get(name)
        .map(String::as_str)
        .filter(|text| !text.is_empty())
}

/// Takes what can be an id.
pub(super) fn fit_aliases<'a>(found: impl Iterator<Item = &'a str>) -> Vec<Box<str>> {
    let mut aliases: Vec<Box<str>> = found
        .map(str::trim)
        .filter(|alias| !alias.is_empty() && alias.len() <= LONGEST_ALIAS)
        .map(Box::from)
        .collect();
    aliases.sort_unstable();
    aliases.dedup();
    aliases.truncate(MOST_ALIASES);
    aliases
}

/// The kinds of objects that belong to executions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// `Execution` of this project.
    Execution,
    /// `Job` of the group batch.
    Job,
    /// `Pod` of the core group.
    Pod,
    /// `Workflow` of Argo.
    Workflow,
    /// `Execution` of KubeGene.
    Kubegene,
    /// `PipelineRun` of Tekton.
    PipelineRun,
    /// `TaskRun` of Tekton.
    TaskRun,
    /// `CustomRun` of Tekton.
    CustomRun,
    /// `JobFlow` of Volcano.
    JobFlow,
    /// `Job` of Volcano.
    VolcanoJob,
    /// `Workload` of Kueue.
    Workload,
}

impl Kind {
    /// By apiVersion and kind; `None` for every other.
    pub(super) fn of(api_version: &str, kind: &str) -> Option<Self> {
        let (group, _) = api_version.rsplit_once('/').unwrap_or_default();
        match (group, kind) {
            ("dagtrail.dev", "Execution") => Some(Self::Execution),
            ("batch", "Job") => Some(Self::Job),
            ("", "Pod") => Some(Self::Pod),
            ("argoproj.io", "Workflow") => Some(Self::Workflow),
            ("execution.kubegene.io", "Execution") => Some(Self::Kubegene),
            ("tekton.dev", "PipelineRun") => Some(Self::PipelineRun),
            ("tekton.dev", "TaskRun") => Some(Self::TaskRun),
            ("tekton.dev", "CustomRun") => Some(Self::CustomRun),
            ("flow.volcano.sh", "JobFlow") => Some(Self::JobFlow),
            ("batch.volcano.sh", "Job") => Some(Self::VolcanoJob),
            ("kueue.x-k8s.io", "Workload") => Some(Self::Workload),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Execution | Self::Kubegene => "Execution",
            Self::Job | Self::VolcanoJob => "Job",
            Self::Pod => "Pod",
            Self::Workflow => "Workflow",
            Self::PipelineRun => "PipelineRun",
            Self::TaskRun => "TaskRun",
            Self::CustomRun => "CustomRun",
            Self::JobFlow => "JobFlow",
            Self::Workload => "Workload",
        }
    }

    pub(super) const fn group(self) -> &'static str {
        match self {
            Self::Execution => "dagtrail.dev",
            Self::Job => "batch",
            Self::Pod => "",
            Self::Workflow => "argoproj.io",
            Self::Kubegene => "execution.kubegene.io",
            Self::PipelineRun | Self::TaskRun | Self::CustomRun => "tekton.dev",
            Self::JobFlow => "flow.volcano.sh",
            Self::VolcanoJob => "batch.volcano.sh",
            Self::Workload => "kueue.x-k8s.io",
        }
    }

    /// `elemType` of an object that no Execution declares.
    pub(super) const fn elem_type(self) -> &'static str {
        match self {
            Self::Execution => "Dagtrail.Execution",
            Self::Job => "K8s.Job",
            Self::Pod => "K8s.Pod",
            Self::Workflow => "Argo.Workflow",
            Self::Kubegene => "KubeDAG.Execution",
            Self::PipelineRun => "Tekton.PipelineRun",
            Self::TaskRun => "Tekton.TaskRun",
            Self::CustomRun => "Tekton.CustomRun",
            Self::JobFlow => "Volcano.JobFlow",
            Self::VolcanoJob => "Volcano.Job",
            Self::Workload => "Kueue.Workload",
        }
    }

    /// Whether one that nobody known controls is an execution of its own, and stays one when it is gone.
    pub(super) const fn stands_alone(self) -> bool {
        !matches!(self, Self::Pod | Self::Workload)
    }

    /// Whether the status of such an owner tells how its Pods' element fares.
    pub(super) const fn tells_of_pods(self) -> bool {
        matches!(self, Self::Workflow | Self::TaskRun | Self::VolcanoJob)
    }

    /// The engine: what `elemType` begins with.
    pub(super) fn engine(self) -> &'static str {
        let (engine, _) = self.elem_type().split_once('.').unwrap_or_default();
        engine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_come_from_the_annotation_and_from_prefects_label() {
        let meta: Meta = serde_json::from_str(
            r#"{"annotations":{"dagtrail.dev/aliases":" b, a,,a ","other":"x"},
                "labels":{"prefect.io/flow-run-id":"f"}}"#,
        )
        .unwrap();
        assert_eq!(meta.aliases(), ["a".into(), "b".into(), "f".into()]);
    }

    #[test]
    fn null_and_unreadable_fields_read_as_absent() {
        let meta: Meta = serde_json::from_str(
            r#"{"labels":null,"ownerReferences":null,"creationTimestamp":"9999-99-99","deletionTimestamp":null}"#,
        )
        .unwrap();
        assert_eq!(meta.creation_timestamp, Stamp(None));
    }

    #[test]
    fn the_time_of_deletion_is_when_it_was_asked_for() {
        let meta: Meta = serde_json::from_str(
            r#"{"deletionTimestamp":"2026-01-01T00:00:30Z","deletionGracePeriodSeconds":30}"#,
        )
        .unwrap();
        let asked = meta.deletion_asked().map(Time::to_seconds);
        assert_eq!(asked.as_deref(), Some("2026-01-01T00:00:00Z"));
    }
}
