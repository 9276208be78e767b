//! What this dialect reads and writes, on its wire and in the rows that it tells. Pure.
//!
//! The event is the seed's: `type` and `message` are required, `progress` is an integer above 0 and at most 100, or
//! null. What is wrong is told as pydantic tells it, all of it at once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// `type` of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum EventType {
    /// The lab is there.
    Complete,
    /// Something went wrong; `failed` follows.
    Error,
    /// The operation came to nothing.
    Failed,
    /// How it goes.
    Info,
}

impl EventType {
    const ALL: [Self; 4] = [Self::Complete, Self::Error, Self::Failed, Self::Info];

    /// As it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Error => "error",
            Self::Failed => "failed",
            Self::Info => "info",
        }
    }

    /// Whether the operation is over with it: the seed's `done`.
    pub(super) const fn done(self) -> bool {
        matches!(self, Self::Complete | Self::Failed)
    }
}

/// One event of an operation, as the seed has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// `type`.
    pub(super) of: EventType,
    /// For the user.
    pub(super) message: Box<str>,
    /// In percent.
    pub(super) progress: Option<u8>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// It makes a lab.
    Spawn,
    /// It takes one away.
    Delete,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Spawn, Self::Delete];

    /// As it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Spawn => "spawn",
            Self::Delete => "delete",
        }
    }
}

/// What a row of this dialect is, beside what its other fields say: kept with the row, also by the source that tells
/// of lab Pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Item {
    /// The first row of an operation. Listeners do not see it.
    Open(Kind),
    /// An event as it was told.
    Tell(EventType, Option<u8>),
    /// An `info` whose progress is made when it is shown: the next step towards 75.
    Step,
    /// The last row of an operation that no event has ended. Listeners do not see it.
    Close,
}

/// One of the entries of `detail` in an answer with status 422.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Invalid {
    #[serde(rename = "type")]
    pub(super) of: &'static str,
    pub(super) loc: Vec<Value>,
    pub(super) msg: String,
    pub(super) input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ctx: Option<Value>,
}

impl Invalid {
    pub(super) fn at(loc: &[&str], of: &'static str, msg: &str, input: &Value) -> Self {
        Self {
            of,
            loc: loc.iter().map(|part| json!(part)).collect(),
            msg: msg.into(),
            input: input.clone(),
            ctx: None,
        }
    }

    fn with(self, ctx: Value) -> Self {
        Self {
            ctx: Some(ctx),
            ..self
        }
    }
}

/// An event as it is posted.
pub(super) fn event(body: &[u8]) -> Result<Event, Vec<Invalid>> {
    let mut fields = Fields::of(body, &["type", "message", "progress"])?;
    let of = fields.one_of("type", &EventType::ALL.map(|of| (of.as_str(), of)));
    let message = fields.text("message");
    let progress = fields.progress();
    fields.done(|| {
        Some(Event {
            of: of?,
            message: message?,
            progress,
        })
    })
}

/// An operation as it is posted.
pub(super) fn kind(body: &[u8]) -> Result<Kind, Vec<Invalid>> {
    let mut fields = Fields::of(body, &["kind"])?;
    let kind = fields.one_of("kind", &Kind::ALL.map(|kind| (kind.as_str(), kind)));
    fields.done(|| kind)
}

/// The fields of a posted object, and what is wrong with them.
struct Fields {
    whole: Value,
    object: Map<String, Value>,
    invalid: Vec<Invalid>,
}

impl Fields {
    fn of(body: &[u8], known: &[&str]) -> Result<Self, Vec<Invalid>> {
        let whole: Value = serde_json::from_slice(body).map_err(|error| {
            let mut invalid =
                Invalid::at(&["body"], "json_invalid", "JSON decode error", &json!({}));
            invalid.loc.push(json!(error.column()));
            vec![invalid.with(json!({"error": error.to_string()}))]
        })?;
        let Some(object) = whole.as_object().cloned() else {
            return Err(vec![Invalid::at(
                &["body"],
                "model_attributes_type",
                "Input should be a valid dictionary or object to extract fields from",
                &whole,
            )]);
        };
        let strangers = object
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()));
        let invalid = strangers.map(|(key, value)| {
            let loc = ["body", key.as_str()];
            Invalid::at(
                &loc,
                "extra_forbidden",
                "Extra inputs are not permitted",
                value,
            )
        });
        let invalid = invalid.collect();
        Ok(Self {
            whole,
            object,
            invalid,
        })
    }

    fn done<T>(mut self, made: impl FnOnce() -> Option<T>) -> Result<T, Vec<Invalid>> {
        match made() {
            Some(made) if self.invalid.is_empty() => Ok(made),
            _ => {
                // Strangers were found first, and come last.
                self.invalid.sort_by_key(|one| one.of == "extra_forbidden");
                Err(self.invalid)
            }
        }
    }

    fn required(&mut self, name: &str) -> Option<Value> {
        let found = self.object.get(name).cloned();
        if found.is_none() {
            let missing = Invalid::at(&["body", name], "missing", "Field required", &self.whole);
            self.invalid.push(missing);
        }
        found
    }

    fn text(&mut self, name: &str) -> Option<Box<str>> {
        match self.required(name)? {
            Value::String(text) => Some(text.into()),
            other => {
                let loc = ["body", name];
                let msg = "Input should be a valid string";
                self.invalid
                    .push(Invalid::at(&loc, "string_type", msg, &other));
                None
            }
        }
    }

    fn one_of<T: Copy>(&mut self, name: &str, known: &[(&str, T)]) -> Option<T> {
        let given = self.required(name)?;
        let found = known.iter().find(|(text, _)| given == *text);
        if let Some((_, found)) = found {
            return Some(*found);
        }
        let quoted: Vec<_> = known.iter().map(|(text, _)| format!("'{text}'")).collect();
        let (last, others) = quoted.split_last()?;
        let expected = format!("{} or {last}", others.join(", "));
        let msg = format!("Input should be {expected}");
        let invalid = Invalid::at(&["body", name], "enum", &msg, &given);
        self.invalid
            .push(invalid.with(json!({"expected": expected})));
        None
    }

    /// An integer, also one that is written as `40.0`, as JSON Schema has it. Texts are none: pydantic would read
    /// them, but who writes one has made a slip.
    fn progress(&mut self) -> Option<u8> {
        let given = self.object.get("progress")?.clone();
        let number = given.as_f64();
        let (of, msg, ctx) = match number {
            _ if given.is_null() => return None,
            None => ("int_type", "Input should be a valid integer", None),
            Some(number) if number.fract() != 0.0 => (
                "int_from_float",
                "Input should be a valid integer, got a number with a fractional part",
                None,
            ),
            Some(number) if number <= 0.0 => {
                let msg = "Input should be greater than 0";
                ("greater_than", msg, Some(json!({"gt": 0})))
            }
            Some(number) if number > 100.0 => {
                let msg = "Input should be less than or equal to 100";
                ("less_than_equal", msg, Some(json!({"le": 100})))
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is whole, and from 1 to 100"
            )]
            Some(number) => return Some(number as u8),
        };
        let mut invalid = Invalid::at(&["body", "progress"], of, msg, &given);
        invalid.ctx = ctx;
        self.invalid.push(invalid);
        None
    }
}
