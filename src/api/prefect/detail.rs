//! What is wrong with a request, in the shape of pydantic's errors. Pure.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// A step on the way to the value at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Step {
    Name(Box<str>),
    At(usize),
}

impl From<&str> for Step {
    fn from(name: &str) -> Self {
        Self::Name(name.into())
    }
}

impl From<usize> for Step {
    fn from(at: usize) -> Self {
        Self::At(at)
    }
}

/// The way to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Loc(Vec<Step>);

impl Loc {
    /// The request's body.
    pub(super) fn body() -> Self {
        Self::default().to("body")
    }

    /// One step further.
    pub(super) fn to(&self, step: impl Into<Step>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }
}

/// One error of pydantic.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Detail {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Loc,
    msg: String,
    input: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

impl Detail {
    /// An error with a sentence of its own.
    pub(super) fn new(
        kind: &'static str,
        loc: Loc,
        msg: impl Into<String>,
        input: &RawValue,
    ) -> Self {
        Self {
            kind,
            loc,
            msg: msg.into(),
            input: input.to_owned(),
            ctx: None,
        }
    }

    /// The same with what the sentence was made of.
    pub(super) fn with(mut self, ctx: Value) -> Self {
        self.ctx = Some(ctx);
        self
    }

    /// A rule that pydantic does not know by itself.
    pub(super) fn value(loc: Loc, problem: &str, input: &RawValue) -> Self {
        let told = Self::new("value_error", loc, format!("Value error, {problem}"), input);
        told.with(json!({ "error": {} }))
    }

    /// A member that has to be there.
    pub(super) fn missing(loc: Loc, object: &RawValue) -> Self {
        Self::new("missing", loc, "Field required", object)
    }

    /// A member that nobody knows.
    pub(super) fn extra(loc: Loc, input: &RawValue) -> Self {
        Self::new(
            "extra_forbidden",
            loc,
            "Extra inputs are not permitted",
            input,
        )
    }

    pub(super) fn not_a_text(loc: Loc, input: &RawValue) -> Self {
        Self::new("string_type", loc, "Input should be a valid string", input)
    }

    pub(super) fn not_a_list(loc: Loc, input: &RawValue) -> Self {
        Self::new("list_type", loc, "Input should be a valid list", input)
    }

    pub(super) fn not_an_object(loc: Loc, input: &RawValue) -> Self {
        Self::new(
            "dict_type",
            loc,
            "Input should be a valid dictionary",
            input,
        )
    }

    /// What should have been the fields of a model.
    pub(super) fn not_a_model(loc: Loc, input: &RawValue) -> Self {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        Self::new("model_attributes_type", loc, msg, input)
    }

    /// None of the values that are possible, which are written as `'a', 'b' or 'c'`.
    pub(super) fn not_one_of(loc: Loc, expected: &str, input: &RawValue) -> Self {
        let told = Self::new("enum", loc, format!("Input should be {expected}"), input);
        told.with(json!({ "expected": expected }))
    }

    /// A sentence for a log: where, and what.
    pub(super) fn told(&self) -> String {
        let steps = self.loc.0.iter().map(|step| match step {
            Step::Name(name) => name.to_string(),
            Step::At(at) => at.to_string(),
        });
        let way: Vec<_> = steps.collect();
        format!("{}: {}", way.join("."), self.msg)
    }
}

/// `null`, for an input that is not there.
pub(super) fn null() -> Box<RawValue> {
    to_raw_value(&()).expect("null is JSON")
}
