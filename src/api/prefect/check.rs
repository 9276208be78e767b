//! What a sender's event has to be: the fields and limits of Prefect's server, and its words for what is wrong. Pure.

use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::detail::{Detail, Loc};
use super::json::{self, Map, Shape, shape};
use super::when;
use super::wire::{Event, ID, ROLE, Resource, no_payload};
use crate::model::Time;

/// Characters of an event's name.
const NAME: usize = 1024;
/// Related resources of an event.
pub(super) const RELATED: usize = 100;
/// Labels of a resource.
pub(super) const LABELS: usize = 500;
/// Bytes of an event, as it is sent to readers.
pub(super) const SIZE: usize = 1_500_000;
/// Bytes that are shown of an event beside what was sent, at the most.
pub(super) const ADDED: usize = 1024;

/// Reads one event, told at a time.
///
/// # Errors
///
/// Everything that is wrong with it, in the order of the fields.
pub(super) fn event(raw: &RawValue, loc: &Loc, received: Time) -> Result<Event, Vec<Detail>> {
    let Shape::Map(map) = shape(raw) else {
        return Err(vec![Detail::not_a_model(loc.clone(), raw)]);
    };
    let mut wrong = Vec::new();
    let mut fields = Fields {
        raw,
        map,
        loc,
        wrong: &mut wrong,
    };
    let occurred = fields.must("occurred", occurred);
    let name = fields.must("event", name);
    let resource = fields.must("resource", |raw, loc| resource(raw, loc, false));
    let related = fields.may("related", related);
    let payload = fields.may("payload", payload);
    let id = fields.must("id", uuid);
    let follows = fields.may("follows", |raw, loc| match shape(raw) {
        Shape::Null => Ok(None),
        _ => uuid(raw, loc).map(Some),
    });
    let (Some(occurred), Some(name), Some(resource), Some(id), true) =
        (occurred, name, resource, id, wrong.is_empty())
    else {
        return Err(wrong);
    };
    let event = Event {
        occurred,
        event: name.into(),
        resource,
        related: related.unwrap_or_default(),
        payload: payload.unwrap_or_else(no_payload),
        id,
        follows: follows.flatten(),
        received: when::truncated(received),
    };
    // What is shown is hardly longer than what was sent: only the receipt is added, and what was left out as `null`.
    let bytes = match raw.get().len() {
        short if short + ADDED <= SIZE => short,
        _ => serde_json::to_vec(&event).map_or(usize::MAX, |json| json.len()),
    };
    if bytes > SIZE {
        let problem = format!("Event is {bytes} bytes, and {SIZE} is the most");
        let input = RawValue::from_string(json!(event.id.to_string()).to_string());
        let input = input.unwrap_or_else(|_| no_payload());
        return Err(vec![Detail::value(loc.clone(), &problem, &input)]);
    }
    Ok(event)
}

struct Fields<'a, 'b> {
    raw: &'a RawValue,
    map: Map<'a>,
    loc: &'b Loc,
    wrong: &'b mut Vec<Detail>,
}

type Read<T> = Result<T, Vec<Detail>>;

impl<'a> Fields<'a, '_> {
    fn may<T>(&mut self, name: &str, read: impl FnOnce(&'a RawValue, Loc) -> Read<T>) -> Option<T> {
        let given = *self.map.get(name)?;
        match read(given, self.loc.to(name)) {
            Ok(read) => Some(read),
            Err(wrong) => {
                self.wrong.extend(wrong);
                None
            }
        }
    }

    fn must<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'a RawValue, Loc) -> Read<T>,
    ) -> Option<T> {
        if !self.map.contains_key(name) {
            self.wrong
                .push(Detail::missing(self.loc.to(name), self.raw));
        }
        self.may(name, read)
    }
}

/// A point in time.
pub(super) fn occurred(raw: &RawValue, loc: Loc) -> Read<Time> {
    let time = match shape(raw) {
        Shape::Text(text) => when::parse(&text),
        Shape::Number(number) => number.parse().ok().and_then(when::of_number),
        _ => None,
    };
    time.ok_or_else(|| {
        vec![match shape(raw) {
            Shape::Text(text) => {
                Detail::value(loc, &format!("Unable to parse string [{text}]"), raw)
            }
            _ => Detail::new("value_error", loc, "value is not a valid datetime", raw),
        }]
    })
}

/// Whether an event's name is as short as it has to be.
pub(super) fn is_short(name: &str) -> bool {
    name.len() <= NAME || name.chars().count() <= NAME
}

fn name(raw: &RawValue, loc: Loc) -> Read<String> {
    let name = text(raw, loc.clone())?;
    if !is_short(&name) {
        let problem = format!("Event name must be at most {NAME} characters");
        return Err(vec![Detail::value(loc, &problem, raw)]);
    }
    Ok(name)
}

/// A text.
pub(super) fn text(raw: &RawValue, loc: Loc) -> Read<String> {
    match shape(raw) {
        Shape::Text(text) => Ok(text),
        Shape::Broken => {
            let msg =
                "Input should be a valid string, unable to parse raw data as a unicode string";
            let input = RawValue::from_string("\"\"".into()).unwrap_or_else(|_| no_payload());
            Err(vec![Detail::new("string_unicode", loc, msg, &input)])
        }
        _ => Err(vec![Detail::not_a_text(loc, raw)]),
    }
}

/// An id.
pub(super) fn uuid(raw: &RawValue, loc: Loc) -> Read<Uuid> {
    let Shape::Text(text) = shape(raw) else {
        let msg = "UUID input should be a string, bytes or UUID object";
        return Err(vec![Detail::new("uuid_type", loc, msg, raw)]);
    };
    Uuid::parse_str(&text).map_err(|error| {
        let msg = format!("Input should be a valid UUID, {error}");
        let told = Detail::new("uuid_parsing", loc, msg, raw);
        vec![told.with(json!({ "error": error.to_string() }))]
    })
}

fn resource(raw: &RawValue, loc: Loc, is_related: bool) -> Read<Resource> {
    let Shape::Map(map) = shape(raw) else {
        return Err(vec![Detail::not_an_object(loc, raw)]);
    };
    let mut labels = Resource::default();
    let mut wrong = Vec::new();
    for (label, value) in map {
        match text(value, loc.to(&*label)) {
            Ok(text) => {
                labels.0.insert(label.into(), text.into());
            }
            Err(more) => wrong.extend(more),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let problem = if labels.0.len() > LABELS {
        format!("The maximum number of labels per resource is {LABELS}")
    } else if let Some(problem) = needs(&labels, ID, "Resources") {
        problem
    } else if is_related && let Some(problem) = needs(&labels, ROLE, "Related Resources") {
        problem
    } else {
        return Ok(labels);
    };
    Err(vec![Detail::value(loc, &problem, raw)])
}

fn needs(labels: &Resource, label: &str, what: &str) -> Option<String> {
    match labels.get(label) {
        None => Some(format!("{what} must include the {label} label")),
        Some("") => Some(format!("The {label} label must be non-empty")),
        Some(_) => None,
    }
}

fn related(raw: &RawValue, loc: Loc) -> Read<Vec<Resource>> {
    let Shape::List(list) = shape(raw) else {
        return Err(vec![Detail::not_a_list(loc, raw)]);
    };
    let (mut all, mut wrong) = (Vec::with_capacity(list.len()), Vec::new());
    for (at, raw) in list.iter().enumerate() {
        match resource(raw, loc.to(at), true) {
            Ok(resource) => all.push(resource),
            Err(more) => wrong.extend(more),
        }
    }
    if wrong.is_empty() && all.len() > RELATED {
        let problem = format!("The maximum number of related resources is {RELATED}");
        wrong.push(Detail::value(loc, &problem, raw));
    }
    if wrong.is_empty() {
        Ok(all)
    } else {
        Err(wrong)
    }
}

fn payload(raw: &RawValue, loc: Loc) -> Read<Box<RawValue>> {
    match shape(raw) {
        Shape::Map(_) if json::is_readable(raw.get()) => Ok(raw.to_owned()),
        Shape::Map(_) | Shape::Broken => {
            let input = RawValue::from_string("{}".into()).unwrap_or_else(|_| no_payload());
            Err(vec![Detail::value(
                loc,
                "Payload holds half a character, or is nested too deeply",
                &input,
            )])
        }
        _ => Err(vec![Detail::not_an_object(loc, raw)]),
    }
}
