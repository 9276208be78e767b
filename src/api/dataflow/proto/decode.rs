//! A value by its schema: its canonical form, and everything that is wrong with it. Pure.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use super::node::Node;
use super::schema::{Field, Kind, Message, Shape};
use super::{scalar, time};

/// The package of the messages.
const PACKAGE: &str = "type.googleapis.com/google.dataflow.v1beta3";
/// More violations than this are not listed.
const MOST: usize = 50;

/// Something that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Violation {
    /// Where, in the names of the `.proto` file; empty for the request itself.
    pub(in super::super) place: String,
    /// The whole sentence.
    pub(in super::super) sentence: String,
}

impl Violation {
    pub(in super::super) fn new(place: &str, sentence: impl Into<String>) -> Self {
        Self {
            place: place.to_owned(),
            sentence: sentence.into(),
        }
    }

    /// Of a value that is not of its type.
    fn value(place: &str, kind: &str, problem: impl fmt::Display) -> Self {
        Self::new(
            place,
            format!("Invalid value at '{place}' ({kind}), {problem}"),
        )
    }

    fn unknown(place: &str, name: &str, why: &str) -> Self {
        let at = if place.is_empty() {
            String::new()
        } else {
            format!(" at '{place}'")
        };
        let sentence = format!("Invalid JSON payload received. Unknown name \"{name}\"{at}: {why}");
        Self::new(place, sentence)
    }
}

/// Reads an object as a message that stands at `place`. What is wrong is added to `violations`; then what comes back is
/// not to be used.
pub(in super::super) fn decode(
    pairs: &[(String, Node)],
    schema: &'static Message,
    place: &str,
    violations: &mut Vec<Violation>,
) -> Value {
    let mut decoder = Decoder { violations };
    decoder.message(pairs, schema, place)
}

struct Decoder<'a> {
    violations: &'a mut Vec<Violation>,
}

impl Decoder<'_> {
    fn refuse(&mut self, violation: Violation) {
        if self.violations.len() < MOST {
            self.violations.push(violation);
        }
    }

    fn message(&mut self, pairs: &[(String, Node)], schema: &Message, place: &str) -> Value {
        let mut given: BTreeMap<usize, &Node> = BTreeMap::new();
        let mut groups: Vec<&str> = Vec::new();
        for (name, node) in pairs {
            let mut fields = schema.fields.iter();
            let found = fields.position(|field| field.name == name || field.snake() == *name);
            let Some((at, field)) = found.and_then(|at| Some((at, schema.fields.get(at)?))) else {
                self.refuse(Violation::unknown(place, name, "Cannot find field."));
                continue;
            };
            if *node == Node::Null {
                continue;
            }
            if given.insert(at, node).is_some() {
                let why = "Proto field is not repeating, cannot be given twice.";
                self.refuse(Violation::unknown(place, name, why));
            } else if let Some(group) = field.oneof {
                if groups.contains(&group) {
                    let problem = format!(
                        "oneof field '{group}' is already set. Cannot set '{}'",
                        field.name
                    );
                    self.refuse(Violation::value(place, "oneof", problem));
                }
                groups.push(group);
            }
        }
        let mut object = Map::new();
        for (at, node) in given {
            let Some(field) = schema.fields.get(at) else {
                continue;
            };
            let place = below(place, &field.snake());
            if let Some(value) = self.field(node, field, &place)
                && (field.oneof.is_some() || !is_default(&value, field))
            {
                object.insert(field.name.to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn field(&mut self, node: &Node, field: &Field, place: &str) -> Option<Value> {
        match (field.shape, node) {
            (Shape::One, Node::List(_)) => {
                let (outer, name) = place.rsplit_once('.').unwrap_or(("", place));
                let why = "Proto field is not repeating, cannot start list.";
                self.refuse(Violation::unknown(outer, name, why));
                None
            }
            (Shape::One, node) => self.one(node, field, place),
            (Shape::Many, Node::List(items)) => {
                let items = items.iter().enumerate();
                let read = items.map(|(at, item)| self.one(item, field, &format!("{place}[{at}]")));
                read.collect::<Vec<_>>().into_iter().collect()
            }
            (Shape::Map, Node::Object(pairs)) => {
                let mut sorted = BTreeMap::new();
                for (at, (key, item)) in pairs.iter().enumerate() {
                    let place = format!("{place}[{at}].value");
                    sorted.insert(key.clone(), self.one(item, field, &place)?);
                }
                Some(Value::Object(sorted.into_iter().collect()))
            }
            (Shape::Many | Shape::Map, other) => {
                let kind = type_of(field.kind);
                self.refuse(Violation::value(place, &kind, other));
                None
            }
        }
    }

    fn one(&mut self, node: &Node, field: &Field, place: &str) -> Option<Value> {
        let read = match (field.kind, node) {
            (Kind::Message(schema), Node::Object(pairs)) => {
                return Some(self.message(pairs, schema, place));
            }
            (Kind::Struct, Node::Object(_)) => Some(plain(node)),
            (Kind::Bool, Node::Bool(value)) => Some(json!(value)),
            (Kind::Text, Node::Text(text)) => Some(json!(text)),
            (Kind::Int32, node) => {
                let read = scalar::integer(node, i32::MIN.into(), i32::MAX.into());
                read.and_then(|value| i32::try_from(value).ok())
                    .map(Value::from)
            }
            (Kind::Int64, node) => {
                let read = scalar::integer(node, i64::MIN.into(), i64::MAX.into());
                read.map(|value| json!(value.to_string()))
            }
            (Kind::Uint64, node) => {
                let read = scalar::integer(node, 0, u64::MAX.into());
                read.map(|value| json!(value.to_string()))
            }
            (Kind::Double, node) => scalar::double(node),
            (Kind::Enum(_, names), node) => named(node, names),
            (Kind::Timestamp, Node::Text(text)) => {
                return self.time(time::timestamp(text), field, place);
            }
            (Kind::Duration, Node::Text(text)) => {
                return self.time(time::duration(text), field, place);
            }
            _ => None,
        };
        if read.is_none() {
            self.refuse(Violation::value(place, &type_of(field.kind), node));
        }
        read
    }

    fn time(&mut self, read: Result<String, String>, field: &Field, place: &str) -> Option<Value> {
        match read {
            Ok(canonical) => Some(json!(canonical)),
            Err(problem) => {
                let problem = format!("Field '{}', {problem}", field.name);
                self.refuse(Violation::value(place, &type_of(field.kind), problem));
                None
            }
        }
    }
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

/// What a printer leaves out.
fn is_default(value: &Value, field: &Field) -> bool {
    if field.shape == Shape::One && matches!(field.kind, Kind::Message(_) | Kind::Struct) {
        return false;
    }
    match value {
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(text) => match field.kind {
            Kind::Text => text.is_empty(),
            Kind::Int64 | Kind::Uint64 => text == "0",
            Kind::Enum(_, names) => names.first().is_some_and(|first| text == first),
            _ => false,
        },
        Value::Array(items) => items.is_empty(),
        Value::Object(pairs) => pairs.is_empty(),
        Value::Null => true,
    }
}

/// A name, or a number: one that has no name is kept as the number.
fn named(node: &Node, names: &[&str]) -> Option<Value> {
    if let Node::Text(text) = node {
        if names.contains(&text.as_str()) {
            return Some(json!(text));
        }
        // A number in a text has neither point nor exponent here.
        text.parse::<i32>().ok()?;
    }
    let number = scalar::integer(node, i32::MIN.into(), i32::MAX.into())?;
    let name = usize::try_from(number).ok().and_then(|at| names.get(at));
    match name {
        Some(name) => Some(json!(name)),
        None => i32::try_from(number).ok().map(Value::from),
    }
}

/// What `google.protobuf.Struct` keeps of JSON: every number is a double.
fn plain(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(value) => json!(value),
        #[expect(clippy::cast_precision_loss, reason = "a Struct keeps no more")]
        Node::Signed(value) => scalar::written(*value as f64),
        #[expect(clippy::cast_precision_loss, reason = "a Struct keeps no more")]
        Node::Unsigned(value) => scalar::written(*value as f64),
        Node::Float(value) => scalar::written(*value),
        Node::Text(text) => json!(text),
        Node::List(items) => items.iter().map(plain).collect(),
        Node::Object(pairs) => {
            let sorted: BTreeMap<_, _> = pairs.iter().map(|(key, item)| (key, item)).collect();
            let pairs = sorted.into_iter();
            Value::Object(
                pairs
                    .map(|(key, item)| (key.clone(), plain(item)))
                    .collect(),
            )
        }
    }
}

/// As an error names a type.
fn type_of(kind: Kind) -> String {
    match kind {
        Kind::Int32 => "TYPE_INT32".into(),
        Kind::Int64 => "TYPE_INT64".into(),
        Kind::Uint64 => "TYPE_UINT64".into(),
        Kind::Double => "TYPE_DOUBLE".into(),
        Kind::Bool => "TYPE_BOOL".into(),
        Kind::Text => "TYPE_STRING".into(),
        Kind::Timestamp => "type.googleapis.com/google.protobuf.Timestamp".into(),
        Kind::Duration => "type.googleapis.com/google.protobuf.Duration".into(),
        Kind::Struct => "type.googleapis.com/google.protobuf.Struct".into(),
        Kind::Enum(name, _) => format!("{PACKAGE}.{name}"),
        Kind::Message(schema) => format!("{PACKAGE}.{}", schema.name),
    }
}
