//! What the server answers, as far as the commands look into it; the JSON itself is kept as it came. Pure.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A row: its JSON as it came, and what that says.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Row {
    pub(in crate::cli) json: String,
    pub(in crate::cli) event: Event,
}

/// The keys of a row that commands show.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Event {
    pub(in crate::cli) metadata: Named,
    pub(in crate::cli) involved_object: Named,
    pub(in crate::cli) reason: String,
    pub(in crate::cli) message: String,
    pub(in crate::cli) first_timestamp: String,
    pub(in crate::cli) last_timestamp: String,
    pub(in crate::cli) count: u64,
    #[serde(rename = "type")]
    pub(in crate::cli) event_type: String,
    pub(in crate::cli) elem_type: String,
    pub(in crate::cli) elem_id: String,
    pub(in crate::cli) action_name: String,
    /// In the full view only, as the next two.
    #[serde(default, skip_serializing)]
    pub(in crate::cli) uid: String,
    #[serde(default, skip_serializing)]
    pub(in crate::cli) reporter: String,
    #[serde(default, skip_serializing)]
    pub(in crate::cli) count_lower_bound: bool,
}

/// What became of lines that were taken in.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(in crate::cli) struct Imported {
    pub(in crate::cli) changed: u64,
    pub(in crate::cli) known: u64,
    pub(in crate::cli) buried: u64,
}

/// A name in a namespace.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Named {
    pub(in crate::cli) name: String,
    pub(in crate::cli) namespace: String,
}

impl Row {
    /// # Errors
    ///
    /// If it is no row.
    pub(in crate::cli) fn parse(json: &str) -> Result<Self, serde_json::Error> {
        let event = serde_json::from_str(json)?;
        let json = json.to_owned();
        Ok(Self { json, event })
    }

    /// The row as it is without the full view: the eleven keys.
    pub(in crate::cli) fn plain(self) -> Self {
        let json = serde_json::to_string(&self.event).expect("texts and numbers are JSON");
        let event = Event {
            uid: String::new(),
            reporter: String::new(),
            count_lower_bound: false,
            ..self.event
        };
        Self { json, event }
    }

    /// The rows of an array.
    ///
    /// # Errors
    ///
    /// If it is no array of rows.
    pub(super) fn parse_all(json: &[u8]) -> Result<Vec<Self>, serde_json::Error> {
        let found: Vec<&RawValue> = serde_json::from_slice(json)?;
        found
            .into_iter()
            .map(|row| Self::parse(row.get()))
            .collect()
    }
}

/// How long an execution is kept: its JSON as it came, and what that says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Retained {
    #[serde(skip)]
    pub(in crate::cli) json: String,
    pub(in crate::cli) execution: String,
    pub(in crate::cli) namespace: String,
    pub(in crate::cli) phase: String,
    pub(in crate::cli) rule: String,
    #[serde(default)]
    pub(in crate::cli) age: String,
    #[serde(default)]
    pub(in crate::cli) due: String,
    pub(in crate::cli) rows: u64,
    #[serde(default)]
    pub(in crate::cli) max_rows: Option<u64>,
    pub(in crate::cli) because: String,
}

impl Retained {
    /// All of an array.
    ///
    /// # Errors
    ///
    /// If it is no array of these.
    pub(super) fn parse_all(json: &[u8]) -> Result<Vec<Self>, serde_json::Error> {
        let found: Vec<&RawValue> = serde_json::from_slice(json)?;
        let parsed = found.into_iter().map(|kept| {
            let json = kept.get().to_owned();
            serde_json::from_str(&json).map(|kept| Self { json, ..kept })
        });
        parsed.collect()
    }
}

/// An execution: its JSON as it came, and what that says.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Execution {
    pub(in crate::cli) json: String,
    pub(in crate::cli) id: String,
    pub(in crate::cli) namespace: String,
    pub(in crate::cli) kind: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) engine: String,
    pub(in crate::cli) status: String,
    pub(in crate::cli) created: String,
    pub(in crate::cli) updated: String,
    pub(in crate::cli) aliases: Vec<String>,
}

#[derive(Deserialize)]
struct View {
    execution: Facts,
    object: Object,
}

#[derive(Deserialize)]
struct Facts {
    guid: String,
    name: String,
    project_id: String,
    status: String,
    jobs_type: String,
    create_at: String,
    update_at: String,
}

#[derive(Deserialize)]
struct Object {
    kind: String,
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    aliases: Vec<String>,
}

impl Execution {
    /// # Errors
    ///
    /// If it is no execution.
    pub(in crate::cli) fn parse(json: &str) -> Result<Self, serde_json::Error> {
        let View { execution, object } = serde_json::from_str(json)?;
        Ok(Self {
            json: json.to_owned(),
            id: execution.guid,
            namespace: execution.project_id,
            kind: object.kind,
            name: execution.name,
            engine: execution.jobs_type,
            status: execution.status,
            created: execution.create_at,
            updated: execution.update_at,
            aliases: object.spec.aliases,
        })
    }

    /// `kind/name` as the server's paths have it, empty if it has neither.
    pub(in crate::cli) fn called(&self) -> String {
        match (self.kind.to_lowercase().as_str(), self.name.as_str()) {
            ("", name) => name.to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, name) => format!("{kind}/{name}"),
        }
    }
}

/// A page of executions.
#[derive(Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) executions: Vec<&'a RawValue>,
    pub(super) total_num: usize,
}

/// What became of a post.
#[derive(Debug, Deserialize)]
pub(in crate::cli) struct Posted {
    pub(in crate::cli) results: Vec<ItemResult>,
}

/// What became of one item.
#[derive(Debug, Deserialize)]
pub(in crate::cli) struct ItemResult {
    pub(in crate::cli) index: usize,
    pub(in crate::cli) status: String,
    #[serde(default)]
    pub(in crate::cli) name: String,
    #[serde(default)]
    pub(in crate::cli) field: String,
    #[serde(default)]
    pub(in crate::cli) message: String,
}

/// An error, in the server's words.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error_msg: String,
    pub(super) error_code: String,
    #[serde(default)]
    pub(super) results: Vec<ItemResult>,
}
